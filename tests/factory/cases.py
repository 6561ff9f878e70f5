"""The committed corpus as a list: form, container, name, quirks. `python -m tests.factory.corpus` writes it."""

from dataclasses import dataclass
from zlib import crc32

from tests.factory.document import MadeDocument, make_document

_CASES = """
2021 html plain
2019 html plain
2021 html portal                    portal_page word_paste
2019 html portal_gbk                portal_page layout_tables gbk_encoded no_requests
2021 html word_characters           word_paste span_per_character no_requests
2019 html spans_shifted             shifted_colspans breaks_in_labels total_column_blank amount_in_yuan
2021 html empty_header_cells        empty_cells_in_header heading_problems_short city_figures
2021 html empty_cells               empty_cells_everywhere
2021 html labels_for_spans          labels_for_spans
2021 html mixed_request             request_of_2019 label_law_syllables_lost challenge_totals_zero
2021 html mixed_clause              clause_1_of_2019 label_applicants_varied
2021 html mixed_clause_truncated    clause_1_truncated
2019 html mixed_request             request_of_2021
2019 html wrong_header              procurement_under_wrong_header heading_received
2021 html variants                  label_law_short label_issued_short label_other_short label_normative_short
2021 html guidance                  label_with_guidance heading_law_reconsideration label_other_bare
2019 html other_bare                label_other_bare label_normative_long
2021 html extra_row                 local_extra_row
2021 html row_missing               row_missing
2019 html row_missing_blanks        row_missing zeros_blank
2021 html spaces                    spaces_in_labels half_width_punctuation
2021 html full_width                full_width_labels full_width_digits
2021 html paragraphs                breaks_as_paragraphs
2021 html radicals                  kangxi_radicals
2021 html radicals_cjk              cjk_radicals
2021 html traditional               traditional_script
2019 html traditional_tables        traditional_tables
2021 html typos_rows                typos_in_rows
2019 html typos_everywhere          typo_in_every_row
2021 html typos_columns             typos_in_columns
2021 html half_blank                zeros_half_blank notes_beside_figures
2021 html totals_blank              total_column_blank one_cell_changed
2019 html slashes                   zeros_slash plus_signs
2019 html hyphens                   zeros_hyphen signs_as_words amount_in_ten_thousands
2021 html dashes                    zeros_dash_and_none amount_in_yuan
2021 html separators                city_figures thousands_separators amount_with_decimals
2019 html amount_decimals           amount_with_decimals results_do_not_sum
2021 html chinese_numerals          chinese_numerals footnote_below
2021 html footnote_rows             footnote_row
2021 html headings_twice            headings_twice results_repeated
2019 html headings_shifted          headings_shifted foreign_tables
2021 html headings_missing          headings_missing foreign_tables boxed_text
2021 html page_break                page_break
2021 html page_break_header         page_break_with_header
2019 html page_break_label          page_break_in_label
2021 html page_break_caption        page_break_after_caption
2021 html small_tables              small_tables
2021 html captions_outside          captions_outside
2021 html columns_reordered         columns_reordered city_figures
2021 html cut_short                 cut_short
2021 html vertical                  vertical_labels
2021 html commented                 commented_tables tables_in_scripts
2021 html hidden_copy               hidden_copy hidden_rows
2019 html unclosed                  unclosed_cells
2021 html header_cells              header_cells wrapped_tables
2021 html rowspan_long              rowspan_too_long
2021 html rowspan_short             rowspan_too_short
2021 html serial_numbers            serial_numbers
2021 html line_numbers              line_numbers zeros_half_blank
2021 html percentages               percentages
2021 html last_year                 last_year_column
2021 html subtotals                 subtotal_rows
2021 html margins                   empty_margins
2021 html challenge_down            challenge_downwards
2021 html challenge_turned          challenge_turned zeros_half_blank
2019 html challenge_listed          challenge_listed zeros_half_blank
2021 html request_turned            request_turned zeros_half_blank
2019 html request_folded            request_folded zeros_half_blank
2021 html in_words                  challenge_in_words request_in_words
2019 html challenge_two             challenge_in_two
2021 html challenge_flat            challenge_header_flat
2019 tabs challenge_flat            challenge_header_flat
2021 html joined                    tables_joined
2021 html swapped                   groups_swapped
2021 html numbers_stripped          numbers_stripped
2021 html numbers_restyled          numbers_restyled
2021 html years                     year_in_labels units_in_heads
2021 html invisible                 invisible_marks
2019 html reductions_red            reductions_in_red
2019 html minus                     minus_variants
2021 html units                     counts_with_units
2021 html decimals                  counts_with_decimals
2021 html superscripts              superscript_notes city_figures
2021 html struck                    struck_out_figures
2021 html marks_styled              superscript_notes struck_out_figures marks_by_style
2021 html pale                      pale_digits
2021 html wrapped                   digits_wrapped
2021 html fields                    figures_in_fields zeros_half_blank
2021 docx plain
2019 docx plain                     breaks_in_labels zeros_blank
2021 docx runs                      span_per_character tracked_changes
2021 docx turned                    challenge_turned request_turned
2021 docx text_boxes                text_boxes
2021 docx nested                    nested_tables superscript_notes
2021 docx page_break                page_break zeros_half_blank
2021 docx mixed                     request_of_2019 subtotal_rows
2019 docx reductions_red            reductions_in_red
2021 docx struck                    struck_out_figures
2021 docx marks_styled              superscript_notes struck_out_figures marks_by_style
2021 docx pale                      pale_digits
2021 docx wrapped                   digits_wrapped
2021 xlsx plain
2019 xlsx text_cells                text_cells signs_as_words
2021 xlsx formulas                  formulas_and_sheets
2021 xlsx wrapped                   digits_wrapped
2021 pdf plain
2019 pdf plain                      zeros_blank
2021 pdf short_pages                short_pages request_of_2019
2021 pdf headers                    headers_on_each_page
2021 pdf cut_rows                   rows_cut_by_pages
2021 pdf challenge_listed           challenge_listed
2021 pdf challenge_turned           challenge_turned
2021 pdf vertical                   vertical_labels kangxi_radicals
2021 pdf wrapped                    digits_wrapped
2021 pdf wrapped_cut                digits_wrapped rows_cut_by_pages
2021 ofd plain
2021 ofd wrapped                    digits_wrapped
2021 zip plain
2021 tabs plain                     label_applicants_varied label_law_short
2019 tabs plain                     zeros_half_blank
2021 tabs grid                      grid_tabs blank_lines
2021 tabs utf16                     utf16_encoded
2021 csv plain
2019 csv separators                 city_figures thousands_separators utf16_encoded
2021 csv gbk                        gbk_encoded zeros_half_blank notes_beside_figures
2021 pipes plain
2019 pipes ragged                   ragged_pipes label_applicants_varied
2021 pipes filled                   filled_rows
2019 pipes filled_blanks            filled_rows zeros_half_blank
2021 pipes filled_cells             filled_cells
2021 pipes bare                     bare_pipes clause_1_truncated blank_lines gbk_encoded
2021 pipes small_tables             small_tables
2019 pipes marks                    markdown_marks
2021 pipes torn                     labels_torn_off
2021 lines plain
2019 lines_bar plain                cut_short half_width_punctuation
2021 lines_bar plain
2021 spaces plain
2019 spaces one_line                one_line
2021 run_together plain             city_figures
2019 run_together plain
2019 deduplicated plain
"""


@dataclass(frozen=True, slots=True)
class CorpusCase:
    """One committed document."""

    form_code: str
    container: str
    name: str
    quirks: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Its folder below tests/corpus."""
        return f"{self.form_code}/{self.container}/{self.name}"

    @property
    def seed(self) -> int:
        """A seed of its own, which other cases that come or go do not change."""
        return crc32(self.folder.encode()) % 100_000

    def make(self) -> MadeDocument:
        """Return the document; an agency of middling size, unless a quirk draws another."""
        return make_document(self.seed, self.form_code, self.container, self.quirks, size="district")


def corpus_cases() -> list[CorpusCase]:
    """Return the committed documents in listed order."""
    cases = []
    for line in _CASES.strip().splitlines():
        form, container, name, *quirks = line.split()
        cases.append(CorpusCase(form, container, name, tuple(quirks)))
    return cases

"""Documents saved by LibreOffice and printed by Chromium: no cell wrong, and what a way keeps is read."""

import pytest

from tests.browser import needs_browser
from tests.factory.document import make_document
from tests.fidelity import score_cases
from tests.office import SOFFICE, WAYS, Way, cases_of, choose_documents, convert_documents

needs_office = pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice on this machine")
_WAYS = {way.label: way for way in WAYS}
# A long 表三 that crosses pages, both editions, and what each container can say of a figure.
_DOCX = (
    ("2021", ("city_figures", "struck_out_figures")),
    ("2019", ("page_break_with_header", "superscript_notes")),
    ("2021", ("nested_tables", "breaks_in_labels", "zeros_half_blank")),
    ("2021", ("serial_numbers", "breaks_as_paragraphs")),  # columns of two characters; a page cuts a row in its label
)
_HTML = (
    ("2021", ("city_figures", "header_cells")),
    ("2019", ("word_paste", "page_break_with_header")),
    ("2021", ("span_per_character", "zeros_half_blank")),
)
_XLSX = (("2021", ("formulas_and_sheets",)), ("2019", ("text_cells", "signs_as_words")))
_MADE = {"docx": _DOCX, "html": _HTML, "xlsx": _XLSX}


def prove(way: Way) -> None:
    made = [make_document(70 + n, form, way.source, quirks) for n, (form, quirks) in enumerate(_MADE[way.source])]
    for result in score_cases(cases_of(way, list(convert_documents(way, made)))):
        assert not result.wrong, result.case.name
        assert not result.missing, result.case.name
        assert not result.complaints, result.case.name


@needs_office
@pytest.mark.parametrize(
    "label",
    [
        "docx > LibreOffice doc",
        "docx > LibreOffice rtf",
        "docx > LibreOffice odt",
        "docx > LibreOffice pdf",
        "html > LibreOffice html",
        "xlsx > LibreOffice xls",
        "xlsx > LibreOffice html",
    ],
)
def test_what_libreoffice_saves_is_read_whole(label):
    prove(_WAYS[label])


@needs_browser
def test_what_chromium_prints_is_read_whole():
    prove(_WAYS["html > Chromium pdf"])


@pytest.mark.soak
@needs_office
@needs_browser
@pytest.mark.parametrize("label", sorted(_WAYS))
def test_no_way_makes_a_wrong_cell(label):
    way = _WAYS[label]
    pairs = list(convert_documents(way, choose_documents(way, 40, 1)))
    assert not [line for result in score_cases(cases_of(way, pairs)) for line in result.wrong]

"""How a container is written: everything about a document that is neither its figures nor its layout."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Style:
    """Choices of the writers; a writer ignores what its container does not have.

    Attributes:
        encoding: Of HTML and plain text.
        charset: What the page says its encoding is; the writer's own where None.
        span_per_character: One `<span>` (a run in DOCX) a character.
        word_paste: Word's classes, `<o:p>` and conditional comments.
        heavy_styles: Word's full style attributes on every cell and run: pages of 40 to 140 KB.
        portal: The portal's navigation, side bars, footers, scripts and CMS metadata around the article.
        layout_tables: The page is laid out with tables, the article inside a cell.
        wrap_tables: Each statistic table inside a one-cell table.
        break_as: Line break inside a cell: "br" or "p".
        unclosed: `</td>` and `</tr>` left out, as old editors did.
        header_cells: Header rows as `<thead>` and `<th>`.
        before_body, after_body: Raw HTML around the article, for decoys.
        table_prefix, table_suffix: Raw HTML inside each statistic table before its first and after its last row.
        marks_by_style: Struck out text and raised signs by a style of their own in place of an element or a property.
        drawn: HTML: statistic tables drawn with other elements: "rows" (a `<div>` a row, an empty cell in place of a
            span), "grid" (one CSS grid), or "".
        fields: HTML: figures as the values of form fields.
        tracked_changes: DOCX: every third figure as an insertion beside a deleted number.
        text_boxes: DOCX: statistic tables inside text boxes, which Word writes twice.
        nested_tables: DOCX: statistic tables inside a one-cell table.
        seed_layout: Tab-separated text as in the first raw file.
        outer_pipes, separator_row, ragged: Pipe tables with outer pipes, with `|---|`, or with spans pushed to the end.
        filled: Pipe tables as extractors of text write them, each row filled up with bars: "rows" (a line a row, blank
            cells left out), "cells" (a line a cell, a bar alone for a blank one), or "".
        one_line: Space-separated text on a single line.
        number_cells: XLSX: figures as numbers; as text otherwise.
        formula_totals: XLSX: totals as formulas with their cached value.
        sheet_per_table: XLSX: each table on a sheet of its own.
        offset: XLSX: empty rows and columns before the first cell.
        page_height: PDF and OFD: points or millimetres of a page, to force a break.
        font_size: PDF and OFD.
        repeat_headers: PDF and OFD: a table's header again on each page.
        cut_rows: PDF and OFD: a page ends inside a row whose label takes several lines.
        blank_line_every: Plain text: an empty line inside tables after so many rows; 0 for none.
    """

    encoding: str = "utf-8"
    charset: str | None = None
    span_per_character: bool = False
    word_paste: bool = False
    heavy_styles: bool = False
    portal: bool = False
    layout_tables: bool = False
    wrap_tables: bool = False
    break_as: str = "br"
    unclosed: bool = False
    header_cells: bool = False
    before_body: list[str] = field(default_factory=list)
    after_body: list[str] = field(default_factory=list)
    table_prefix: str = ""
    table_suffix: str = ""
    marks_by_style: bool = False
    drawn: str = ""
    fields: bool = False
    tracked_changes: bool = False
    text_boxes: bool = False
    nested_tables: bool = False
    seed_layout: bool = True
    outer_pipes: bool = True
    separator_row: bool = True
    ragged: bool = False
    filled: str = ""
    one_line: bool = False
    number_cells: bool = True
    formula_totals: bool = False
    sheet_per_table: bool = False
    offset: int = 0
    page_height: float = 841.0
    font_size: float = 9.0
    repeat_headers: bool = False
    cut_rows: bool = False
    blank_line_every: int = 0

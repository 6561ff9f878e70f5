"""ODS sheets straight through lxml: the container states beside every value the text that it shows."""

import bisect
import itertools
import re
from collections.abc import Iterator

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.ingest.zipsafe import SafeZip
from pipelines.read.model import PICTURE, RED
from pipelines.read.sheet.conditions import doubt_altered
from pipelines.read.sheet.expressions import Steps, parse_formula
from pipelines.read.sheet.formulas import Formula, settle_formulas
from pipelines.read.sheet.grid import Cover, Piece, Sheet, join_pieces
from pipelines.read.sheet.ods_styles import Styles, read_conditions, read_styles
from pipelines.read.sheet.references import read_reference
from pipelines.read.xmlsafe import parse_xml
from pipelines.settings import ReadLimits

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"


def _table(name: str) -> str:
    return f"{{{_OFFICE}table:1.0}}{name}"


def _text(name: str) -> str:
    return f"{{{_OFFICE}text:1.0}}{name}"


_CELL, _COVERED = _table("table-cell"), _table("covered-table-cell")
_ROW_SPAN, _COLUMN_SPAN = _table("number-rows-spanned"), _table("number-columns-spanned")
_ROWS_REPEATED, _COLUMNS_REPEATED = _table("number-rows-repeated"), _table("number-columns-repeated")
_ANNOTATION = f"{{{_OFFICE}office:1.0}}annotation"
_PARAGRAPH, _SPACE, _TAB, _BREAK = _text("p"), _text("s"), _text("tab"), _text("line-break")
_SPAN = _text("span")
_STYLE = f"{{{_OFFICE}style:1.0}}"
_VALUE = f"{{{_OFFICE}office:1.0}}value"
_VALUE_TYPE = f"{{{_OFFICE}office:1.0}}value-type"
_FORMULA = _table("formula")
_NAMESPACE = re.compile(r"(?:\w+:)?=+")
_OPEN_REFERENCE = re.compile(
    r"\[\$?('(?:[^']|'')+'|[^\W\d]\w*)?\.(\$?[A-Z]{1,3}\$?\d{1,7})(?::\.(\$?[A-Z]{1,3}\$?\d{1,7}))?\]"
)
_END_CELL = _table("end-cell-address")
_CELL_STYLE = _table("style-name")
_DEFAULT_STYLE = _table("default-cell-style-name")
_DRAW = f"{{{_OFFICE}drawing:1.0}}"
_MOST_COLUMNS = 16_385
_HIDES_NOUGHTS = re.compile(rb'"ShowZeroValues"[^<>]*>false<')
_NOUGHT = re.compile(r"-?0+(?:\.0*)?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,3})?")
_SHOWN = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?")
_SIGNS = ("-", "−", "－", "(", "（", "减", "△", "▲")


def read_ods_sheets(package: SafeZip, limits: ReadLimits) -> list[Sheet]:
    """Return the sheets of an OpenDocument spreadsheet in its order.

    Raises:
        DocumentError: broken_document, password_protected or limit_exceeded.
    """
    manifest = "META-INF/manifest.xml"
    if package.has(manifest) and b"encryption-data" in package.read(manifest):
        raise DocumentError("password_protected", "the document is encrypted; ask for a copy without a password")
    root = parse_xml(package.read("content.xml"), "content.xml")
    hidden_styles = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        for properties in style.iter(f"{_STYLE}table-properties")
        if properties.get(_table("display")) == "false"
    }
    common = [parse_xml(package.read("styles.xml"), "styles.xml")] if package.has("styles.xml") else []
    styles = read_styles([*common, root])
    _set_marks_apart(root, styles)
    settings = package.read("settings.xml") if package.has("settings.xml") else b""
    hides_noughts = _HIDES_NOUGHTS.search(settings) is not None
    sheets, nodes = [], {}
    for node in root.iter(_table("table")):
        sheet = Sheet(node.get(_table("name")) or "", node.get(_table("style-name")) in hidden_styles)
        nodes[sheet.name] = node
        if not sheet.is_hidden:
            _read_sheet(node, sheet, limits)
            if hides_noughts:
                sheet.hide_noughts()
            doubt_altered(sheet.texts, read_conditions(node, styles), sheet.name)
            sheet.covers = list(_covers(node, styles))
        sheets.append(sheet)
    settle_formulas(sheets, lambda sheet: _read_sheet(nodes[sheet.name], sheet, limits))
    return sheets


def _set_marks_apart(root: etree._Element, styles: Styles) -> None:
    """Empty what a style strikes out, set raised numbers in brackets behind other text, mark what is shown unlike."""
    marked = styles.struck | styles.raised | styles.doubtful | styles.red
    for table in root.iter(_table("table")):
        columns = _default_styles(table)
        for row in table.iter(_table("table-row")):
            _mark_row(row, columns, styles)
    if not marked:
        return
    for paragraph in root.iter(_PARAGRAPH):
        spans = [node for node in paragraph.iterdescendants(_SPAN) if node.get(_text("style-name")) in marked]
        for span in spans:
            name = span.get(_text("style-name"))
            piece = Piece(
                span.text or "",
                is_struck=name in styles.struck,
                is_raised=name in styles.raised,
                is_doubtful=name in styles.doubtful,
                is_red=name in styles.red,
            )
            rest = "".join(_texts_beside(span, paragraph))
            span.text = join_pieces([Piece(rest), piece]).removeprefix(rest)


def _default_styles(table: etree._Element) -> tuple[list[int], list[str | None]]:
    """Return the last of each row of columns that share a style for cells that name none, and the styles."""
    nodes = list(table.iter(_table("table-column")))
    lasts = itertools.accumulate(_count(node.get(_COLUMNS_REPEATED)) for node in nodes)
    return list(lasts), [node.get(_DEFAULT_STYLE) for node in nodes]


def _mark_row(row: etree._Element, columns: tuple[list[int], list[str | None]], styles: Styles) -> None:
    lasts, defaults = columns
    row_style = row.get(_DEFAULT_STYLE)
    column = 1
    for cell in row.iter(_CELL, _COVERED):
        if len(cell) and cell.tag == _CELL:
            name = cell.get(_CELL_STYLE) or row_style
            place = bisect.bisect_left(lasts, column)
            if name is None and place < len(defaults):
                name = defaults[place]
            _mark_cell(cell, name, styles)
        column += _count(cell.get(_COLUMNS_REPEATED))


def _texts_beside(span: etree._Element, paragraph: etree._Element) -> Iterator[str]:
    """Yield the other text of a paragraph, which programs write as it is or each part of it within a span."""
    for node in paragraph.iter():
        if node.text and node is not span:
            yield node.text
        if node is not paragraph and node.tail:
            yield node.tail


def _mark_cell(cell: etree._Element, name: str | None, styles: Styles) -> None:
    """Empty a cell that is struck out; mark one whose digits are white, red, or not those of its value."""
    paragraphs = list(_paragraphs(cell))
    if not paragraphs:
        return
    if name in styles.struck:
        for paragraph in paragraphs:
            paragraph.clear()
        return
    shown = "".join(_line(paragraph) for paragraph in paragraphs).strip()
    if not shown and not styles.has_formats and _NOUGHT.fullmatch(cell.get(_VALUE) or ""):
        # odfpy, and pandas with it, writes no text for a nought; programs show one that no format hides.
        paragraphs[0].text = shown = "0"
    mark = PICTURE if _is_doubtful(cell, shown, name, styles) else RED if name in styles.red else ""
    if mark and (mark == PICTURE or any(map(str.isdigit, shown))):
        etree.SubElement(paragraphs[-1], _SPAN).text = mark


def _is_doubtful(cell: etree._Element, shown: str, name: str | None, styles: Styles) -> bool:
    """Tell whether a cell's digits are pale, or not those of the value that it holds."""
    value = cell.get(_VALUE) or ""
    if not any(map(str.isdigit, shown)):
        # Figures may be written in words; a nought may be a stroke, or left out.
        return any(map(str.isdigit, value.strip("-0."))) and not any(map(str.isnumeric, shown))
    is_less = value.startswith("-") and value.strip("-0.") != ""
    is_unsigned = is_less and not any(sign in shown for sign in _SIGNS)
    is_moment = cell.get(_VALUE_TYPE) in ("date", "time") and _SHOWN.fullmatch(shown) is not None
    is_altered = any(condition.may_hold(1, 1, shown) for condition in styles.mapped.get(name, ()))
    is_pale = name in styles.doubtful and name not in styles.grounds
    return is_unsigned or is_moment or is_altered or is_pale or _shows_another(value, shown)


def _shows_another(value: str, shown: str) -> bool:
    """Tell whether a cell shows another number than it holds, as a format that scales or writes digits of its own does.

    >>> _shows_another("267", "0"), _shows_another("19.78", "20"), _shows_another("5", "5件")
    (True, False, False)
    """
    match = _SHOWN.fullmatch(shown)
    if match is None or _NUMBER.fullmatch(value) is None:
        return False
    unit = 10.0 ** -len(match[1] or "")
    return abs(float(value) - float(shown.replace(",", ""))) > 0.5 * unit + 1e-9


def _covers(table: etree._Element, styles: Styles) -> Iterator[Cover]:
    """Yield what is drawn over cells and tied to them; a shape that is not filled covers with its digits alone."""
    row_number = 1
    for row in table.iter(_table("table-row")):
        column = 1
        for cell in row.iter(_CELL, _COVERED):
            for shape in cell.iterchildren(f"{_DRAW}*"):
                text = "".join(_line(node) for node in shape.iter(_PARAGRAPH)).strip()
                end = read_reference((shape.get(_END_CELL) or "").rpartition(".")[2]) or (row_number, column)
                if shape.get(f"{_DRAW}style-name") not in styles.clear or any(map(str.isdigit, text)):
                    yield Cover(row_number, column, *end, text)
            column += _count(cell.get(_COLUMNS_REPEATED))
        row_number += _count(row.get(_ROWS_REPEATED))


def _hidden_columns(table: etree._Element) -> frozenset[int]:
    """Return the columns that a sheet does not show."""
    hidden: set[int] = set()
    column = 1
    for node in table.iter(_table("table-column")):
        repeated = _count(node.get(_COLUMNS_REPEATED))
        if node.get(_table("visibility")) in ("collapse", "filter"):
            hidden.update(range(column, min(column + repeated, _MOST_COLUMNS)))
        column += repeated
    return frozenset(hidden)


def _read_sheet(table: etree._Element, sheet: Sheet, limits: ReadLimits) -> None:
    row_number = 1
    hidden_rows: set[int] = set()
    for row in table.iter(_table("table-row")):
        repeated = _count(row.get(_ROWS_REPEATED))
        if _has_content(row):
            _check_repeats(repeated, sheet, limits)
            numbers = range(row_number, row_number + repeated)
            if row.get(_table("visibility")) in ("collapse", "filter"):
                hidden_rows.update(numbers)
            for number in numbers:
                _read_row(row, number, sheet, limits)
        row_number += repeated
    sheet.leave_out(hidden_rows, _hidden_columns(table))


def _read_row(row: etree._Element, row_number: int, sheet: Sheet, limits: ReadLimits) -> None:
    column = 1
    for cell in row.iter(_CELL, _COVERED):
        repeated = _count(cell.get(_COLUMNS_REPEATED))
        formula = cell.get(_FORMULA)
        text = _cell_text(cell) if len(cell) else ""
        held = _held(cell, text) if len(cell) or formula is not None else None
        if formula is not None and held is None:
            # Of a formula that gives an empty text LibreOffice says nothing and leaves an empty line.
            text, held = (text, "") if next(cell.iter(_PARAGRAPH), None) is not None else (formula, None)
        if text or held is not None:
            _check_repeats(repeated, sheet, limits)
            for place in ((row_number, number) for number in range(column, column + repeated)):
                if text and cell.tag == _CELL:  # what a merge covers is kept but not shown
                    sheet.texts[place] = text
                if formula is not None:
                    sheet.formulas[place] = Formula(_steps(formula), held)
                elif held is not None:
                    sheet.values[place] = held
        down, across = _count(cell.get(_ROW_SPAN)), _count(cell.get(_COLUMN_SPAN))
        if down > 1 or across > 1:
            sheet.merges.append((row_number, column, row_number + down - 1, column + across - 1))
        column += repeated


def _held(cell: etree._Element, text: str) -> float | str | None:
    """Return what a cell holds for the formulas that refer to it, None for nothing."""
    kind = cell.get(_VALUE_TYPE)
    if kind in ("float", "percentage", "currency"):
        value = cell.get(_VALUE) or ""
        return float(value) if _NUMBER.fullmatch(value) else "#VALUE!"
    return "#DATE" if kind not in ("string", None) else text if kind else None


def _steps(formula: str) -> Steps | None:
    """Return the steps of a formula of OpenDocument, which sets references in brackets and parts operands by `;`.

    >>> _steps("of:=SUM([.B2:.C2];[$表.A1])")[1]
    Area(sheet='表', top=1, left=1, bottom=1, right=1)
    """
    body = _OPEN_REFERENCE.sub(_plain_reference, _NAMESPACE.sub("", formula))
    parts = body.split('"')  # every second one is a text
    parts[::2] = [part.replace(";", ",") for part in parts[::2]]
    return None if "[" in body else parse_formula('"'.join(parts))


def _plain_reference(match: re.Match[str]) -> str:
    sheet, first, last = match.groups()
    return (f"{sheet}!" if sheet else "") + first + (f":{last}" if last else "")


def _has_content(row: etree._Element) -> bool:
    """Tell whether a row shows text or begins a merge; the last row of a sheet often stands for a million blanks."""
    return any(
        next(cell.iter(_PARAGRAPH), None) is not None or cell.get(_ROW_SPAN) or cell.get(_COLUMN_SPAN)
        for cell in row.iter(_CELL)
    )


def _check_repeats(repeated: int, sheet: Sheet, limits: ReadLimits) -> None:
    if repeated + len(sheet.texts) > limits.cells:
        raise DocumentError("limit_exceeded", f"the sheet {sheet.name!r} has more than {limits.cells} cells")


def _cell_text(cell: etree._Element) -> str:
    return "\n".join(_line(node) for node in _paragraphs(cell)).strip()


def _paragraphs(cell: etree._Element) -> Iterator[etree._Element]:
    """Yield a cell's paragraphs, without those of its comment and of shapes that are drawn there."""
    for child in cell.iterchildren("*"):
        if child.tag == _PARAGRAPH:
            yield child
        elif child.tag != _ANNOTATION and not child.tag.startswith(_DRAW):
            yield from child.iter(_PARAGRAPH)


def _line(paragraph: etree._Element) -> str:
    """Return a paragraph's text; runs of spaces, tabs and breaks are elements of their own."""
    parts = [paragraph.text or ""]
    for node in paragraph.iterdescendants():
        if node.tag == _SPACE:
            parts.append(" " * min(_count(node.get(_text("c"))), 1_000))
        elif node.tag in (_TAB, _BREAK):
            parts.append("\t" if node.tag == _TAB else "\n")
        elif node.text:
            parts.append(node.text)
        if node.tail:
            parts.append(node.tail)
    return "".join(parts)


def _count(text: str | None) -> int:
    if text is None:
        return 1
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 8 else 1

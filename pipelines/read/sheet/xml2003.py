"""Workbooks as one XML file, as Excel 2003 writes them and many a portal's export does under the name .xls."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.read.sheet.conditions import Condition, check_work, may_alter
from pipelines.read.sheet.expressions import Steps, parse_formula
from pipelines.read.sheet.formats import show_number
from pipelines.read.sheet.formulas import Formula, settle_formulas
from pipelines.read.sheet.grid import Piece, Place, Sheet, join_pieces
from pipelines.read.sheet.references import column_letters, is_shut, read_integer
from pipelines.read.xmlsafe import parse_xml
from pipelines.settings import ReadLimits

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"
_HTML = "{http://www.w3.org/TR/REC-html40}"
_WHITE = re.compile(r"#(?:[EF][0-9A-F]){3}", re.IGNORECASE)
_RED = re.compile(r"#[C-F][0-9A-F](?:[0-3][0-9A-F]){2}", re.IGNORECASE)
_TINY = re.compile(r"[0-2](?:\.\d+)?")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,3})?")
_NAMED_FORMATS = {
    "General Number": "General",
    "Standard": "#,##0.00",
    "Currency": "#,##0.00",
    "Fixed": "0.00",
    "Percent": "0.00%",
    **dict.fromkeys(("Short Date", "Medium Date", "Long Date", "General Date"), "yyyy-mm-dd"),
    **dict.fromkeys(("Yes/No", "True/False", "On/Off"), ";;;"),  # words in the place of the number
}
_REFERENCE = re.compile(r"(?<![\w.\]])R(\[-?\d{1,7}\]|\d{1,7})?C(\[-?\d{1,5}\]|\d{1,5})?(?![\w.(\[])")
_AREA = re.compile(r"R(\d{1,7})C(\d{1,5})(?::R(\d{1,7})C(\d{1,5}))?")
_ALTERS = re.compile(r"color:\s*(?:white|#[ef])|line-through|mso-number-format", re.IGNORECASE)
_MOST_HIDDEN = 16_384

_Style = Mapping[str, str]


def read_xml_sheets(data: bytes, limits: ReadLimits) -> list[Sheet]:
    """Return the worksheets of a workbook in its order.

    Raises:
        DocumentError: broken_document or limit_exceeded.
    """
    root = parse_xml(data, "the workbook")
    styles = _read_styles(root)
    nodes: dict[str, etree._Element] = {}
    sheets = []
    for node in root.iterchildren(f"{_SS}Worksheet"):
        is_hidden = any((seen.text or "").startswith("Sheet") for seen in node.iter(f"{_EXCEL}Visible"))
        sheet = Sheet(node.get(f"{_SS}Name") or "", is_hidden)
        nodes[sheet.name] = node
        if not is_hidden:
            _read_sheet(node, sheet, styles, limits)
        sheets.append(sheet)
    settle_formulas(sheets, lambda sheet: _read_sheet(nodes[sheet.name], sheet, styles, limits))
    return sheets


def _read_styles(root: etree._Element) -> dict[str, _Style]:
    """Return what each style says, what it is based on among it, by the names of element and attribute."""
    own: dict[str, dict[str, str]] = {}
    for node in root.iter(f"{_SS}Style"):
        style = own[node.get(f"{_SS}ID") or ""] = {"parent": node.get(f"{_SS}Parent") or "Default"}
        for part in node.iterchildren("*"):
            kind = etree.QName(part).localname
            style |= {f"{kind}.{etree.QName(str(name)).localname}": str(value) for name, value in part.attrib.items()}
    return {name: {**own.get("Default", {}), **own.get(style["parent"], {}), **style} for name, style in own.items()}


def _read_sheet(node: etree._Element, sheet: Sheet, styles: Mapping[str, _Style], limits: ReadLimits) -> None:
    hidden_rows: set[int] = set()
    conditions = list(_conditions(node))
    row_number = 0
    for row in node.iter(f"{_SS}Row"):
        row_number = read_integer(row.get(f"{_SS}Index"), row_number + 1)
        if row.get(f"{_SS}Hidden") == "1" or is_shut(row.get(f"{_SS}Height")):
            hidden_rows.add(row_number)
        column = 0
        for cell in row.iterchildren(f"{_SS}Cell"):
            column = read_integer(cell.get(f"{_SS}Index"), column + 1)
            place = row_number, column
            style = styles.get(cell.get(f"{_SS}StyleID") or row.get(f"{_SS}StyleID") or "Default", {})
            text = _cell_text(cell, place, style, sheet)
            if text and may_alter(conditions, *place, text):
                text = join_pieces([Piece(text, is_doubtful=True)])
            if text:
                sheet.texts[place] = text
            across = read_integer(cell.get(f"{_SS}MergeAcross"), 0)
            down = read_integer(cell.get(f"{_SS}MergeDown"), 0)
            if across or down:
                sheet.merges.append((row_number, column, row_number + down, column + across))
            column += across
        check_work(conditions, sheet.texts, sheet.name)
        if len(sheet.texts) > limits.cells:
            raise DocumentError("limit_exceeded", f"the sheet {sheet.name!r} has more than {limits.cells} cells")
        row_number += read_integer(row.get(f"{_SS}Span"), 0)
    if next(node.iter(f"{_EXCEL}DoNotDisplayZeros"), None) is not None:
        sheet.hide_noughts()
    sheet.leave_out(hidden_rows, frozenset(_hidden_columns(node)))


def _cell_text(cell: etree._Element, place: Place, style: _Style, sheet: Sheet) -> str:
    """Return what a cell shows, and note what it holds."""
    data = next(cell.iterchildren(f"{_SS}Data"), None)
    formula = cell.get(f"{_SS}Formula")
    kind = data.get(f"{_SS}Type") if data is not None else None
    written = "".join(map(str, data.itertext())) if data is not None else ""
    code = _NAMED_FORMATS.get(style.get("NumberFormat.Format") or "", style.get("NumberFormat.Format") or "General")
    if kind == "Number":
        text = show_number(written, code).strip()
        held: float | str = float(written) if _NUMBER.fullmatch(written.strip()) else "#VALUE!"
    elif kind == "DateTime":
        text, held = written.removesuffix("T00:00:00.000"), "#DATE"
    elif kind == "Boolean":
        text = held = "TRUE" if written.strip() == "1" else "FALSE"
    else:
        text = held = join_pieces(_pieces(data)).strip() if data is not None else ""
    if formula is not None:
        show = partial(_show_result, code=code)
        sheet.formulas[place] = Formula(_steps(formula, place), held if data is not None else None, show)
        text = text if data is not None else formula
    elif data is not None:
        sheet.values[place] = held
    if style.get("Font.StrikeThrough") == "1":
        return ""
    piece = Piece(text, is_doubtful=_is_pale(style), is_red=_is(style, "Font.Color", _RED))
    return join_pieces([piece]) if text else ""


def _pieces(data: etree._Element) -> Iterator[Piece]:
    """Yield the parts of a text that is written as HTML, each with what the elements around it do."""
    for node in data.iter("*"):
        chain = [node, *node.iterancestors()]
        around = {etree.QName(above).localname for above in chain if above.tag.startswith(_HTML)}
        colours = [above.get(f"{_HTML}Color") or "" for above in chain]
        if node.text:
            is_pale = "Sub" in around or any(map(_WHITE.fullmatch, colours))
            is_red = any(map(_RED.fullmatch, colours))
            yield Piece(node.text, "S" in around, "Sup" in around, is_pale, is_red)
        if node.tail and node is not data:
            yield Piece(node.tail)


def _show_result(number: float, code: str) -> str:
    return show_number(repr(number), code).strip()


def _is(style: _Style, name: str, pattern: re.Pattern[str]) -> bool:
    return pattern.fullmatch(style.get(name) or "") is not None


def _is_pale(style: _Style) -> bool:
    """Tell whether a style prints digits white or as its ground, lowered or tiny."""
    ground = style.get("Interior.Color") if style.get("Interior.Pattern") not in (None, "None") else None
    is_white = _is(style, "Font.Color", _WHITE) and (ground is None or _WHITE.fullmatch(ground) is not None)
    is_same = ground is not None and (style.get("Font.Color") or "").lower() == ground.lower()
    return is_white or is_same or style.get("Font.VerticalAlign") == "Subscript" or _is(style, "Font.Size", _TINY)


def _conditions(node: etree._Element) -> Iterator[Condition]:
    """Yield the areas in which a condition may show a number as another one; when it holds is not worked out."""
    for block in node.iter(f"{_EXCEL}ConditionalFormatting"):
        if any(_ALTERS.search(part.get("Style") or "") for part in block.iter(f"{_EXCEL}Format")):
            for area in block.iterchildren(f"{_EXCEL}Range"):
                for match in _AREA.finditer(area.text or ""):
                    top, left = int(match[1]), int(match[2])
                    yield Condition(top, left, int(match[3] or top), int(match[4] or left))


def _steps(formula: str, place: Place) -> Steps | None:
    """Return the steps of a formula whose references count from its cell.

    >>> _steps("=SUM(RC[-2]:RC[-1])+R1C1", (5, 4))[0]
    Area(sheet=None, top=5, left=2, bottom=5, right=3)
    """

    def absolute(part: str | None, own: int) -> int:
        return own + int((part or "[0]")[1:-1]) if part is None or part.startswith("[") else int(part)

    def written(match: re.Match[str]) -> str:
        row, column = absolute(match[1], place[0]), absolute(match[2], place[1])
        return f"{column_letters(column)}{row}" if row > 0 and column > 0 else "#REF!"

    return parse_formula(_REFERENCE.sub(written, formula.removeprefix("=")))


def _hidden_columns(node: etree._Element) -> Iterator[int]:
    column = 0
    for part in islice(node.iter(f"{_SS}Column"), _MOST_HIDDEN):
        column = read_integer(part.get(f"{_SS}Index"), column + 1)
        span = min(read_integer(part.get(f"{_SS}Span"), 0), _MOST_HIDDEN)
        if part.get(f"{_SS}Hidden") == "1" or is_shut(part.get(f"{_SS}Width")):
            yield from range(column, column + span + 1)
        column += span

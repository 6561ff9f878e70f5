"""XLSX workbooks straight through lxml, sparse and with the number formats that decide what a cell shows.

A library that returns values only would give an error cell as a blank one, 50% as 0.5 and, for one stray cell in the
last corner of a sheet, seventeen thousand million empty cells.
"""

import re
from dataclasses import dataclass
from functools import partial

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.ingest.zipsafe import SafeZip
from pipelines.read.sheet.conditions import Condition, check_work, may_alter, read_conditions
from pipelines.read.sheet.drawings import read_covers
from pipelines.read.sheet.expressions import Steps, parse_formula
from pipelines.read.sheet.formats import show_number
from pipelines.read.sheet.formulas import Formula, settle_formulas
from pipelines.read.sheet.grid import Merge, Piece, Place, Sheet, join_pieces
from pipelines.read.sheet.references import is_shut, read_integer, read_reference
from pipelines.read.sheet.xlsx_styles import (
    MAIN,
    CellStyles,
    alters,
    is_pale,
    is_red,
    is_set,
    is_struck,
    name_of,
    read_cell_styles,
)
from pipelines.read.xmlsafe import parse_xml
from pipelines.settings import ReadLimits

_Shared = dict[str, tuple[Place, str]]  # where a formula that cells share is written, and how
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELATIONSHIP = re.compile(r"\{[^}]*/relationships\}id\Z")
_WORKBOOK, _STYLES = "xl/workbook.xml", "xl/styles.xml"
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")  # of a character that XML has no place for, such as the end of a line
_MOST_COLUMNS = 16_384  # of a sheet
_MOST_SHEETS = 500
_TRUE, _FALSE = ("1", "true"), ("0", "false")


_ROW, _CELL, _VALUE, _TEXT, _FORMULA = name_of("row"), name_of("c"), name_of("v"), name_of("t"), name_of("f")
_INLINE, _COLUMN, _MERGE, _VIEW = name_of("is"), name_of("col"), name_of("mergeCell"), name_of("sheetView")
_RUN, _RUN_PROPERTIES = name_of("r"), name_of("rPr")


@dataclass(frozen=True, slots=True)
class _Workbook:
    """What cells refer to.

    Attributes:
        is_uncalculated: A program wrote it that leaves its formulas to be calculated when it is opened, and 0 beside
            those of which it does not know the value.
    """

    strings: tuple[str, ...]
    styles: CellStyles
    uses_1904: bool
    is_uncalculated: bool


def read_xlsx_sheets(package: SafeZip, limits: ReadLimits) -> list[Sheet]:
    """Return the worksheets of a workbook in its order.

    Raises:
        DocumentError: broken_document, unsupported_format (a binary workbook) or limit_exceeded.
    """
    if not package.has(_WORKBOOK):
        if package.has("xl/workbook.bin"):
            raise DocumentError("unsupported_format", "the file is a binary workbook (.xlsb); save it as .xlsx")
        raise DocumentError("broken_document", f"the archive has no part {_WORKBOOK!r}; fetch the file again")
    root = _part(package, _WORKBOOK)
    targets = {
        relationship.get("Id") or "": relationship.get("Target") or ""
        for relationship in parse_xml(package.read("xl/_rels/workbook.xml.rels"), "xl/_rels/workbook.xml.rels")
        if (relationship.get("Type") or "").endswith("/worksheet")
    }
    workbook = _Workbook(
        _shared_strings(package),
        read_cell_styles(_part(package, _STYLES)) if package.has(_STYLES) else CellStyles(),
        uses_1904=_says(root, "workbookPr", "date1904"),
        is_uncalculated=_says(root, "calcPr", "fullCalcOnLoad"),
    )
    sheets, paths = [], {}
    for node in root.iter(name_of("sheet")):
        target = targets.get(
            next((str(value) for key, value in node.attrib.items() if _RELATIONSHIP.match(str(key))), "")
        )
        if target is None:  # a chart or dialog sheet
            continue
        sheet = Sheet(node.get("name") or "", node.get("state") in ("hidden", "veryHidden"))
        paths[sheet.name] = target if target.startswith("/") else f"xl/{target}"
        if not sheet.is_hidden:
            part = _part(package, paths[sheet.name])
            _read_sheet(part, workbook, sheet, limits)
            sheet.covers = read_covers(package, paths[sheet.name], part)
        sheets.append(sheet)
        if len(sheets) > _MOST_SHEETS or sum(len(other.texts) for other in sheets) > limits.cells:
            raise DocumentError("limit_exceeded", f"{len(sheets)} sheets of the workbook hold too many cells")
    settle_formulas(sheets, lambda sheet: _read_sheet(_part(package, paths[sheet.name]), workbook, sheet, limits))
    return sheets


def _says(root: etree._Element, element: str, attribute: str) -> bool:
    return any(node.get(attribute) in _TRUE for node in root.iter(name_of(element)))


def _part(package: SafeZip, name: str) -> etree._Element:
    return parse_xml(package.read(name).replace(_STRICT, MAIN.encode()), name)


def _shared_strings(package: SafeZip) -> tuple[str, ...]:
    name = "xl/sharedStrings.xml"
    return tuple(_rich_text(node) for node in _part(package, name).iter(name_of("si"))) if package.has(name) else ()


def _rich_text(node: etree._Element) -> str:
    """Return the text of a string item without the phonetic reading that East Asian editions store beside it."""
    pieces = []
    for child in node:
        if child.tag == _TEXT:
            pieces.append(Piece(child.text or ""))
        elif child.tag == _RUN:
            text = "".join(part.text or "" for part in child if part.tag == _TEXT)
            font = next((part for part in child if part.tag == _RUN_PROPERTIES), None)
            pieces.append(
                Piece(
                    text,
                    is_struck=is_struck(font),
                    is_raised=is_set(font, "superscript"),
                    is_doubtful=is_pale(font) or is_set(font, "subscript"),
                    is_red=is_red(font),
                )
            )
    text = join_pieces(pieces).strip()
    return _ESCAPE.sub(_unescape, text).strip() if "_x" in text else text


def _unescape(code: re.Match[str]) -> str:
    """Return a character by its number; one that no text may hold stands for nothing."""
    character = chr(int(code[1], 16))
    return character if character.isprintable() or character in "\t\n\r" else ""


def _read_sheet(root: etree._Element, workbook: _Workbook, sheet: Sheet, limits: ReadLimits) -> None:
    hidden_rows: set[int] = set()
    shared: _Shared = {}
    conditions = read_conditions(root, workbook.styles.altering, alters)
    row_number = told = 0
    for row in root.iter(_ROW):
        if len(row) > _MOST_COLUMNS:
            raise DocumentError("limit_exceeded", f"a row of the sheet {sheet.name!r} has {len(row)} cells")
        row_number = read_integer(row.get("r"), row_number + 1)
        if row.get("hidden") in _TRUE or is_shut(row.get("ht")):
            hidden_rows.add(row_number)
        column = 0
        for cell in row:
            if cell.tag == _CELL:
                place = read_reference(cell.get("r") or "") or (row_number, column + 1)
                column = place[1]
                text = _cell_text(cell, place, workbook, sheet, shared)
                if text:
                    sheet.texts[place] = _doubt(text, cell, place, workbook.styles, conditions)
                    told += 1
        check_work(conditions, sheet.texts, sheet.name)
        if told > limits.cells:  # those of one place count again
            raise DocumentError("limit_exceeded", f"the sheet {sheet.name!r} has more than {limits.cells} cells")
    if any(view.get("showZeros") in _FALSE for view in root.iter(_VIEW)):
        sheet.hide_noughts()
    sheet.leave_out(hidden_rows, _hidden_columns(root))
    sheet.merges = [merge for node in root.iter(_MERGE) if (merge := _merge(node.get("ref") or "")) is not None]


def _doubt(text: str, cell: etree._Element, place: Place, styles: CellStyles, conditions: list[Condition]) -> str:
    """Return a cell's text, marked where its style or a condition lets it look otherwise."""
    if styles.white or styles.red:
        style = read_integer(cell.get("s"), 0)
        text = join_pieces([Piece(text, is_doubtful=style in styles.white, is_red=style in styles.red)])
    if text and conditions and may_alter(conditions, *place, text):
        text = join_pieces([Piece(text, is_doubtful=True)])
    return text


def _cell_text(cell: etree._Element, place: Place, workbook: _Workbook, sheet: Sheet, shared: _Shared) -> str:
    """Return what a cell shows, and note what it holds; a formula that was never calculated shows as itself."""
    kind, value, inline, formula = cell.get("t") or "n", None, None, None
    style = read_integer(cell.get("s"), 0)
    for node in cell:
        if node.tag == _VALUE:
            value = node.text or ("" if kind == "str" else None)
        elif node.tag == _INLINE:
            inline = node
        elif node.tag == _FORMULA:
            formula = node
    if inline is not None:
        text = sheet.values[place] = _rich_text(inline)
    elif formula is not None and (value is None or (workbook.is_uncalculated and value.strip() in ("", "0"))):
        show = partial(_show_result, code=workbook.styles.format_code(style), uses_1904=workbook.uses_1904)
        sheet.formulas[place] = Formula(_steps(formula, place, shared), None, show)
        text = f"={formula.text or ''}"
    elif value is None:
        return ""
    else:
        text = _shown(kind, value, style, workbook)
        held = _held(kind, value, text)
        if formula is not None:
            sheet.formulas[place] = Formula(_steps(formula, place, shared), held)
        else:
            sheet.values[place] = held
    return "" if style in workbook.styles.struck else text


def _show_result(number: float, code: str, *, uses_1904: bool) -> str:
    return show_number(repr(number), code, uses_1904=uses_1904).strip()


def _held(kind: str, value: str, text: str) -> float | str:
    """Return what a cell holds for the formulas that refer to it."""
    if kind != "n":
        return text if kind != "d" else "#DATE"
    try:
        return float(value)
    except ValueError:
        return "#VALUE!"


def _steps(formula: etree._Element, place: Place, shared: _Shared) -> Steps | None:
    """Return the steps of a formula, which may be written at another cell that shares it."""
    kind, text = formula.get("t"), formula.text or ""
    if kind not in (None, "normal", "shared"):
        return None
    if kind == "shared":
        origin, text = shared.setdefault(formula.get("si") or "", (place, text))
        return parse_formula(text, (place[0] - origin[0], place[1] - origin[1]))
    return parse_formula(text)


def _shown(kind: str, value: str, style: int, workbook: _Workbook) -> str:
    if kind == "s":
        index = read_integer(value, -1)
        if not 0 <= index < len(workbook.strings):
            raise DocumentError("broken_document", f"a cell refers to string {value!r}, which the workbook lacks")
        return workbook.strings[index]
    if kind == "b":
        return "TRUE" if value.strip() == "1" else "FALSE"
    if kind == "n":
        return show_number(value, workbook.styles.format_code(style), uses_1904=workbook.uses_1904).strip()
    return value.strip()


def _hidden_columns(root: etree._Element) -> frozenset[int]:
    hidden: set[int] = set()
    for node in root.iter(_COLUMN):
        if node.get("hidden") in _TRUE or is_shut(node.get("width")):
            hidden.update(
                range(read_integer(node.get("min"), 1), min(read_integer(node.get("max"), 0), _MOST_COLUMNS) + 1)
            )
    return frozenset(hidden)


def _merge(reference: str) -> Merge | None:
    first, _, last = reference.partition(":")
    start, end = read_reference(first), read_reference(last)
    return (*start, *end) if start is not None and end is not None else None

"""XLSX workbooks straight through lxml, sparse and with the number formats that decide what a cell shows.

A library that returns values only would give an error cell as a blank one, 50% as 0.5 and, for one stray cell in the
last corner of a sheet, seventeen thousand million empty cells.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from lxml import etree

from pipelines.errors import DocumentError
from pipelines.ingest.zipsafe import SafeZip
from pipelines.read.sheet.conditions import Conditions
from pipelines.read.sheet.formats import built_in_format, show_number
from pipelines.read.sheet.formulas import Formula, Steps, parse_formula, settle_formulas
from pipelines.read.sheet.grid import Merge, Piece, Place, Sheet, join_pieces
from pipelines.read.sheet.references import read_integer, read_reference
from pipelines.read.xmlsafe import parse_xml
from pipelines.settings import ReadLimits

_Shared = dict[str, tuple[Place, str]]  # where a formula that cells share is written, and how
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONSHIP = re.compile(r"\{[^}]*/relationships\}id\Z")
_WORKBOOK = "xl/workbook.xml"
_TRUE = ("1", "true")
_RED = re.compile(r"(?:FF|00)?[C-F][0-9A-F](?:[0-3][0-9A-F]){2}", re.IGNORECASE)
_SHUT = re.compile(r"0*(?:\.[0-4]\d*)?")  # points, or characters
_SMALL = re.compile(r"[0-2](?:\.\d+)?")  # points
_WHITE = re.compile(r"(?:FF|00)?(?:[EF][0-9A-F]){3}", re.IGNORECASE)


def _name(tag: str) -> str:
    return f"{{{_MAIN}}}{tag}"


_ROW, _CELL, _VALUE, _TEXT, _FORMULA = _name("row"), _name("c"), _name("v"), _name("t"), _name("f")
_INLINE, _COLUMN, _MERGE = _name("is"), _name("col"), _name("mergeCell")
_RUN, _RUN_PROPERTIES, _STRIKE, _ALIGN = _name("r"), _name("rPr"), _name("strike"), _name("vertAlign")


@dataclass(frozen=True, slots=True)
class _Workbook:
    """What cells refer to.

    Attributes:
        altering: The differential formats by which a condition makes a number unlike what is stored.
        is_uncalculated: A program wrote it that leaves its formulas to be calculated when it is opened, and 0 beside
            those of which it does not know the value.
    """

    strings: tuple[str, ...]
    formats: tuple[str, ...]
    struck: frozenset[int]
    white: frozenset[int]
    red: frozenset[int]
    altering: frozenset[int]
    uses_1904: bool
    is_uncalculated: bool

    def format_code(self, style: int) -> str:
        """Return the number format of a cell's style."""
        return self.formats[style] if style < len(self.formats) else "General"


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
        *_cell_formats(package),
        uses_1904=_says(root, "workbookPr", "date1904"),
        is_uncalculated=_says(root, "calcPr", "fullCalcOnLoad"),
    )
    sheets, paths = [], {}
    for node in root.iter(_name("sheet")):
        target = targets.get(
            next((str(value) for key, value in node.attrib.items() if _RELATIONSHIP.match(str(key))), "")
        )
        if target is None:  # a chart or dialog sheet
            continue
        sheet = Sheet(node.get("name") or "", node.get("state") in ("hidden", "veryHidden"))
        paths[sheet.name] = target if target.startswith("/") else f"xl/{target}"
        if not sheet.is_hidden:
            _read_sheet(_part(package, paths[sheet.name]), workbook, sheet, limits)
        sheets.append(sheet)
    settle_formulas(sheets, lambda sheet: _read_sheet(_part(package, paths[sheet.name]), workbook, sheet, limits))
    return sheets


def _says(root: etree._Element, element: str, attribute: str) -> bool:
    return any(node.get(attribute) in _TRUE for node in root.iter(_name(element)))


def _part(package: SafeZip, name: str) -> etree._Element:
    return parse_xml(package.read(name).replace(_STRICT, _MAIN.encode()), name)


def _shared_strings(package: SafeZip) -> tuple[str, ...]:
    name = "xl/sharedStrings.xml"
    return tuple(_rich_text(node) for node in _part(package, name).iter(_name("si"))) if package.has(name) else ()


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
                    is_struck=_is_struck(font),
                    is_raised=_is_set(font, "superscript"),
                    is_doubtful=_is_pale(font) or _is_set(font, "subscript"),
                    is_red=_is_red(font),
                )
            )
    return join_pieces(pieces).strip()


def _is_struck(font: etree._Element | None) -> bool:
    strikes = [part for part in font if part.tag == _STRIKE] if font is not None else []
    return bool(strikes) and strikes[0].get("val", "1") not in ("0", "false")


def _is_set(font: etree._Element | None, height: str) -> bool:
    return font is not None and any(part.tag == _ALIGN and part.get("val") == height for part in font)


def _is_pale(properties: etree._Element | None, name: str = "color") -> bool:
    """Tell whether a font's colour, or a pattern's, is white: by its value, the theme's paper, or the old palette."""
    colours = [part for part in properties if part.tag == _name(name)] if properties is not None else []
    return any(
        _WHITE.fullmatch(colour.get("rgb") or "") or colour.get("theme") == "0" or colour.get("indexed") in ("1", "9")
        for colour in colours
    )


def _is_red(font: etree._Element | None) -> bool:
    """Tell whether a font is red, by its value or the old palette; what a condition colours is not known here."""
    colours = [part for part in font if part.tag == _name("color")] if font is not None else []
    return any(_RED.fullmatch(colour.get("rgb") or "") or colour.get("indexed") in ("2", "10") for colour in colours)


def _is_filled(fill: etree._Element) -> bool:
    """Tell whether a fill shows white text."""
    patterns = [part for part in fill if part.tag == _name("patternFill")]
    if not patterns:
        return True  # a gradient
    is_plain = patterns[0].get("patternType", "none") == "none" or len(patterns[0]) == 0
    return not is_plain and not _is_pale(patterns[0], "fgColor")


def _cell_formats(
    package: SafeZip,
) -> tuple[tuple[str, ...], frozenset[int], frozenset[int], frozenset[int], frozenset[int]]:
    """Return the number format of each cell style, and the styles that strike the cell, print it white or tiny, or red.

    The last are the differential formats that would do one of these, or show the number in another format.
    """
    name = "xl/styles.xml"
    if not package.has(name):
        return (), frozenset(), frozenset(), frozenset(), frozenset()
    root = _part(package, name)
    own = {node.get("numFmtId") or "": node.get("formatCode") or "General" for node in root.iter(_name("numFmt"))}
    styles = list(next(root.iter(_name("cellXfs")), ()))
    fonts = list(next(root.iter(_name("fonts")), ()))
    font_ids = [read_integer(node.get("fontId"), 0) for node in styles]

    def styles_with(trait: Callable[[etree._Element], bool]) -> frozenset[int]:
        traits = [trait(font) for font in fonts]
        return frozenset(number for number, font in enumerate(font_ids) if font < len(traits) and traits[font])

    filled = {number for number, fill in enumerate(next(root.iter(_name("fills")), ())) if _is_filled(fill)}
    pale = styles_with(_is_pale)
    white = frozenset(number for number in pale if read_integer(styles[number].get("fillId"), 0) not in filled)
    white |= styles_with(_is_tiny)
    altering = frozenset(number for number, node in enumerate(next(root.iter(_name("dxfs")), ())) if _alters(node))
    codes = tuple(_format_code(node.get("numFmtId") or "0", own) for node in styles)
    return codes, styles_with(_is_struck), white, styles_with(_is_red), altering


def _is_tiny(font: etree._Element) -> bool:
    sizes = [part.get("val") or "" for part in font if part.tag == _name("sz")]
    return bool(sizes) and _SMALL.fullmatch(sizes[0]) is not None


def _alters(differential: etree._Element) -> bool:
    """Tell whether a differential format may show a number as another one, or not at all."""
    fonts = [part for part in differential if part.tag == _name("font")]
    is_other = any(part.tag == _name("numFmt") for part in differential)
    return is_other or any(_is_struck(font) or _is_pale(font) for font in fonts)


def _format_code(format_id: str, own: dict[str, str]) -> str:
    if format_id in own:
        return own[format_id]
    return built_in_format(int(format_id)) if format_id.isascii() and format_id.isdigit() and len(format_id) < 6 else ""


def _read_sheet(root: etree._Element, workbook: _Workbook, sheet: Sheet, limits: ReadLimits) -> None:
    hidden_rows: set[int] = set()
    shared: _Shared = {}
    conditions = Conditions(root, workbook.altering)
    row_number = 0
    for row in root.iter(_ROW):
        row_number = read_integer(row.get("r"), row_number + 1)
        if row.get("hidden") in _TRUE or _is_shut(row.get("ht")):
            hidden_rows.add(row_number)
        column = 0
        for cell in row:
            if cell.tag == _CELL:
                place = read_reference(cell.get("r") or "") or (row_number, column + 1)
                column = place[1]
                text = _cell_text(cell, place, workbook, sheet, shared)
                if text and (workbook.white or workbook.red):
                    style = read_integer(cell.get("s"), 0)
                    is_white, is_red = style in workbook.white, style in workbook.red
                    text = join_pieces([Piece(text, is_doubtful=is_white, is_red=is_red)])
                if text and conditions.rules and conditions.may_alter(*place, text):
                    text = join_pieces([Piece(text, is_doubtful=True)])
                if text:
                    sheet.texts[place] = text
        if len(sheet.texts) > limits.cells:
            raise DocumentError("limit_exceeded", f"the sheet {sheet.name!r} has more than {limits.cells} cells")
    sheet.leave_out(hidden_rows, _hidden_columns(root))
    sheet.merges = [merge for node in root.iter(_MERGE) if (merge := _merge(node.get("ref") or "")) is not None]


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
        show = partial(_show_result, code=workbook.format_code(style), uses_1904=workbook.uses_1904)
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
    return "" if style in workbook.struck else text


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
        return show_number(value, workbook.format_code(style), uses_1904=workbook.uses_1904).strip()
    return value.strip()


def _hidden_columns(root: etree._Element) -> frozenset[int]:
    hidden: set[int] = set()
    for node in root.iter(_COLUMN):
        if node.get("hidden") in _TRUE or _is_shut(node.get("width")):
            hidden.update(range(read_integer(node.get("min"), 1), min(read_integer(node.get("max"), 0), 16_384) + 1))
    return frozenset(hidden)


def _is_shut(size: str | None) -> bool:
    """Tell whether a row or column is so narrow that nothing of it is seen."""
    return size is not None and _SHUT.fullmatch(size) is not None


def _merge(reference: str) -> Merge | None:
    first, _, last = reference.partition(":")
    start, end = read_reference(first), read_reference(last)
    return (*start, *end) if start is not None and end is not None else None

"""Binary XLS workbooks (Excel 97-2003, BIFF8) from their records, [MS-XLS] 2.4.

Written here because the value libraries at hand give an error cell as a blank one, say nothing of formats and hidden
rows, and on damaged files abort the whole process, which no exception handler can stop.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from pipelines.errors import DocumentError
from pipelines.read.sheet.conditions import doubt_altered
from pipelines.read.sheet.formats import built_in_format, show_number
from pipelines.read.sheet.formulas import Formula, settle_formulas
from pipelines.read.sheet.grid import Piece, Place, Sheet, join_pieces
from pipelines.read.sheet.xls_formulas import LINKS, Links, read_steps, shared_origin
from pipelines.read.sheet.xls_layers import KINDS as LAYERS
from pipelines.read.sheet.xls_layers import Layers
from pipelines.read.sheet.xls_records import BOF, Runs, TextCursor, read_records, unpack_number
from pipelines.settings import ReadLimits

_FILE_PASS = 0x002F
_DATE_MODE, _FORMAT, _XF, _BOUND_SHEET, _STRINGS, _FONT = 0x0022, 0x041E, 0x00E0, 0x0085, 0x00FC, 0x0031
_STRUCK_OUT, _SUPERSCRIPT, _SUBSCRIPT = 0x0008, 1, 2
_REDS = (2, 10)
_WHITES = (1, 9, 65)  # of the palette that every workbook has, the last the window's ground
_AUTOMATIC = 0x7FFF  # colour of text where none is chosen
_WHOLE_XF = 20  # bytes
_MISSING_FONT = 4  # fonts are numbered as if there were a fifth one that no file holds
_ROW, _COLUMN, _MERGES, _WINDOW = 0x0208, 0x007D, 0x00E5, 0x023E
_SHOWS_NOUGHTS = 0x0010
_LABEL_SST, _LABEL, _RICH_LABEL, _NUMBER, _RK, _MULTIPLE_RK = 0x00FD, 0x0204, 0x00D6, 0x0203, 0x027E, 0x00BD
_BOOL_ERR, _FORMULA, _FORMULA_STRING, _SHARED_FORMULA = 0x0205, 0x0006, 0x0207, 0x04BC
_BIFF8 = 0x0600
_WORKSHEET = 0
_STRING_RESULT, _BOOLEAN_RESULT, _ERROR_RESULT, _EMPTY_RESULT = 0, 1, 2, 3
_UNCALCULATED = "="  # what a cell shows whose formula has no result, so that it is no blank
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_DAMAGE = (struct.error, IndexError, UnicodeDecodeError, OverflowError)


class _Font(NamedTuple):
    """What a font does to text beside its shape."""

    is_struck: bool = False
    is_raised: bool = False
    is_lowered: bool = False
    is_white: bool = False
    is_red: bool = False
    colour: int = _AUTOMATIC


@dataclass(slots=True)
class _Workbook:
    """The global part: what cells refer to, and where each sheet begins.

    Attributes:
        references: Names of the sheets that formulas refer to by number, None for others than one of this workbook.
    """

    strings: list[str] = field(default_factory=list)
    mixed: set[int] = field(default_factory=set)
    formats: dict[int, str] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)
    style_fonts: list[int] = field(default_factory=list)
    fonts: list[_Font] = field(default_factory=list)
    grounds: list[int] = field(default_factory=list)
    uses_1904: bool = False
    references: list[str | None] = field(default_factory=list)
    sheets: list[tuple[int, Sheet]] = field(default_factory=list)

    def show(self, number: float, style: int) -> str:
        """Return a number as its cell's style shows it."""
        format_id = self.styles[style] if style < len(self.styles) else 0
        code = self.formats.get(format_id) or built_in_format(format_id)
        return show_number(repr(number), code, uses_1904=self.uses_1904).strip()

    def font(self, number: int) -> _Font:
        """Return a font by its number."""
        place = number - (number > _MISSING_FONT)
        return self.fonts[place] if place < len(self.fonts) else _Font()

    def is_struck(self, style: int) -> bool:
        """Tell whether a cell of that style is struck out as a whole."""
        return style < len(self.style_fonts) and self.font(self.style_fonts[style]).is_struck

    def doubt(self, text: str, style: int) -> str:
        """Return a cell's text, marked where its style prints it as its ground, or red."""
        if style >= len(self.style_fonts):
            return text
        font = self.font(self.style_fonts[style])
        ground = self.grounds[style]
        is_white = (font.is_white and ground in (*_WHITES, _AUTOMATIC)) or font.colour == ground != _AUTOMATIC
        return join_pieces([Piece(text, is_doubtful=is_white, is_red=font.is_red)]) if is_white or font.is_red else text

    def shown(self, text: str, runs: Runs) -> str:
        """Return what a text shows whose fonts change at the places that `runs` names."""
        starts = [0, *(start for start, _ in runs), len(text)]
        fonts = [_Font(), *(self.font(font) for _, font in runs)]
        return join_pieces(
            Piece(
                text[start:end],
                is_struck=font.is_struck,
                is_raised=font.is_raised,
                is_doubtful=font.is_lowered or font.is_white,
                is_red=font.is_red,
            )
            for (start, end), font in zip(pairwise(starts), fonts, strict=True)
        )


def read_xls_sheets(stream: bytes, limits: ReadLimits) -> list[Sheet]:
    """Return the worksheets of a Workbook stream in its order.

    Raises:
        DocumentError: broken_document, password_protected, unsupported_format (before Excel 97) or limit_exceeded.
    """
    try:
        workbook = _read_globals(stream)
        if len({offset for offset, _ in workbook.sheets}) < len(workbook.sheets):
            raise DocumentError("broken_document", "two sheets of the workbook begin at one place; fetch it again")
        for offset, sheet in workbook.sheets:
            if not sheet.is_hidden:
                _read_sheet(stream, offset, sheet, workbook, limits)
        offsets = {sheet.name: offset for offset, sheet in workbook.sheets}
        sheets = [sheet for _, sheet in workbook.sheets]
        settle_formulas(sheets, lambda sheet: _read_sheet(stream, offsets[sheet.name], sheet, workbook, limits))
    except _DAMAGE as error:
        raise DocumentError("broken_document", f"the workbook is damaged ({error}); fetch the file again") from error
    return sheets


def _read_globals(stream: bytes) -> _Workbook:
    workbook = _Workbook()
    links = Links()
    for kind, segments in read_records(stream, 0):
        payload = segments[0]
        if kind == BOF and struct.unpack_from("<H", payload)[0] != _BIFF8:
            raise DocumentError("unsupported_format", "the workbook is older than Excel 97; save it as .xlsx")
        if kind == _FILE_PASS:
            raise DocumentError("password_protected", "the workbook is encrypted; ask for a copy without a password")
        if kind == _DATE_MODE:
            workbook.uses_1904 = struct.unpack_from("<H", payload)[0] == 1
        elif kind in (_FORMAT, _FONT, _XF):
            _add_style(workbook, kind, segments)
        elif kind == _STRINGS:
            strings = _shared_strings(segments)
            workbook.strings = [workbook.shown(*string) for string in strings]
            workbook.mixed = {number for number, (_, runs) in enumerate(strings) if runs}
        elif kind == _BOUND_SHEET:
            offset, state, sheet_type = struct.unpack_from("<IBB", payload)
            name = TextCursor(segments, 6).characters(payload[6], 7)
            links.names.append(name)
            if sheet_type == _WORKSHEET:
                workbook.sheets.append((offset, Sheet(name, is_hidden=bool(state & 3))))
        elif kind in LINKS:
            links.add(kind, segments)
    workbook.references = links.references()
    return workbook


def _add_style(workbook: _Workbook, kind: int, segments: list[bytes]) -> None:
    """Take a number format, a font, or the style of cells that refers to both."""
    payload = segments[0]
    if kind == _FORMAT:
        workbook.formats[struct.unpack_from("<H", payload)[0]] = TextCursor(segments, 2).string()[0]
    elif kind == _FONT:
        flags, colour, _, script = struct.unpack_from("<4H", payload, 2)
        workbook.fonts.append(
            _Font(
                is_struck=bool(flags & _STRUCK_OUT),
                is_raised=script == _SUPERSCRIPT,
                is_lowered=script == _SUBSCRIPT,
                is_white=colour in _WHITES,
                colour=colour,
                is_red=colour in _REDS,
            )
        )
    else:
        font, number_format = struct.unpack_from("<HH", payload)
        workbook.styles.append(number_format)
        workbook.style_fonts.append(font)
        borders, colours = struct.unpack_from("<IH", payload, 14) if len(payload) >= _WHOLE_XF else (0, 0)
        workbook.grounds.append(colours & 0x7F if borders >> 26 else _AUTOMATIC)


def _shared_strings(segments: list[bytes]) -> list[tuple[str, Runs]]:
    (count,) = struct.unpack_from("<I", segments[0], 4)
    text = TextCursor(segments, 8)
    strings = []
    for _ in range(count):
        if text.is_done():
            break  # some writers state a wrong count; a cell that refers beyond it is found where it is read
        strings.append(text.string())
    return strings


def _read_sheet(stream: bytes, offset: int, sheet: Sheet, workbook: _Workbook, limits: ReadLimits) -> None:
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    formulas = _Formulas()
    layers = Layers(_WHITES)
    for kind, segments in read_records(stream, offset):
        payload = segments[0]
        if kind == _FORMULA_STRING and formulas.awaiting is not None:
            text = TextCursor(segments, 0).string()[0].strip()
            sheet.texts[formulas.awaiting] = formulas.results[formulas.awaiting] = text
            formulas.awaiting = None
        elif kind == _SHARED_FORMULA and formulas.origin is not None:
            formulas.shared[formulas.origin] = payload[10:]
        elif kind == _MULTIPLE_RK:
            _read_multiple(payload, sheet, workbook)
        elif kind in _CELL_READERS:
            _read_cell(kind, segments, sheet, workbook, formulas)
        elif kind in LAYERS:
            layers.add(kind, segments)
        elif kind == _WINDOW:
            sheet.hides_noughts = not struct.unpack_from("<H", payload)[0] & _SHOWS_NOUGHTS
        else:
            _read_layout(kind, payload, sheet, hidden_rows, hidden_columns)
        if len(sheet.texts) > limits.cells:
            raise DocumentError("limit_exceeded", f"the sheet {sheet.name!r} has more than {limits.cells} cells")
    formulas.add_to(sheet, workbook)
    sheet.covers = layers.covers
    if sheet.hides_noughts:
        sheet.hide_noughts()
    sheet.texts = {place: text for place, text in sheet.texts.items() if text}
    doubt_altered(sheet.texts, layers.conditions, sheet.name)
    sheet.leave_out(hidden_rows, hidden_columns)


def _read_layout(kind: int, payload: bytes, sheet: Sheet, hidden_rows: set[int], hidden_columns: set[int]) -> None:
    """Take the merges of a sheet, and its rows and columns that are hidden."""
    if kind == _MERGES:
        for index in range(struct.unpack_from("<H", payload)[0]):
            top, bottom, left, right = struct.unpack_from("<4H", payload, 2 + 8 * index)
            sheet.merges.append((top + 1, left + 1, bottom + 1, right + 1))
    elif kind == _ROW and struct.unpack_from("<I", payload, 12)[0] & 0x20:
        hidden_rows.add(struct.unpack_from("<H", payload)[0] + 1)
    elif kind == _COLUMN and struct.unpack_from("<H", payload, 8)[0] & 1:
        first, last = struct.unpack_from("<HH", payload)
        hidden_columns.update(range(first + 1, min(last, 255) + 2))


@dataclass(slots=True)
class _Formulas:
    """The formulas of a sheet while its records are read.

    Attributes:
        tokens: Of each cell.
        results: What is stored beside them, None for nothing.
        awaiting: The cell whose result is a text that is yet to come.
        origin: Where the formula stands that the last cell shares.
    """

    tokens: dict[Place, bytes] = field(default_factory=dict)
    styles: dict[Place, int] = field(default_factory=dict)
    results: dict[Place, float | str | None] = field(default_factory=dict)
    shared: dict[Place, bytes] = field(default_factory=dict)
    awaiting: Place | None = None
    origin: Place | None = None

    def add(self, place: Place, payload: bytes, shown: str, style: int) -> None:
        """Take a cell's formula and what the file says that it gives."""
        kind = _result_kind(payload)
        length = int(struct.unpack_from("<H", payload, 20)[0])
        self.tokens[place], self.styles[place] = payload[22 : 22 + length], style
        self.origin = shared_origin(self.tokens[place])
        if kind is None:
            self.results[place] = float(struct.unpack_from("<d", payload, 6)[0])
        else:
            self.results[place] = None if kind == _EMPTY_RESULT else shown
        self.awaiting = place if kind == _STRING_RESULT else None

    def add_to(self, sheet: Sheet, workbook: _Workbook) -> None:
        """Hand them to the sheet; where none has a result, a program wrote them and nothing has calculated them."""
        is_calculated = any(result is not None for result in self.results.values())
        for place, tokens in self.tokens.items():
            origin = shared_origin(tokens)
            steps = read_steps(tokens if origin is None else self.shared.get(origin, b""), place, workbook.references)
            result = self.results[place]
            if result is None and is_calculated:
                result = ""
            elif result is None:
                sheet.texts[place] = _UNCALCULATED
            sheet.formulas[place] = Formula(steps, result, partial(workbook.show, style=self.styles[place]))


def _read_cell(kind: int, segments: list[bytes], sheet: Sheet, workbook: _Workbook, formulas: _Formulas) -> None:
    """Take a cell's record."""
    payload = segments[0]
    row, column, style = struct.unpack_from("<HHH", payload)
    place = row + 1, column + 1
    text = _CELL_READERS[kind](segments, style, workbook)
    if kind == _FORMULA:
        formulas.add(place, payload, text, style)
    else:
        sheet.values[place] = _held(kind, payload, text)
    if not workbook.is_struck(style):
        sheet.texts[place] = workbook.doubt(text, style)
        return
    formulas.awaiting = None
    if kind == _LABEL_SST and int(struct.unpack_from("<I", payload, 6)[0]) in workbook.mixed:
        # The font of the cell is that of the string's first part for some writers, for others of the whole.
        sheet.texts[place] = join_pieces([Piece(text, is_doubtful=True)])


def _held(kind: int, payload: bytes, text: str) -> float | str:
    """Return what a cell holds for the formulas that refer to it."""
    if kind == _NUMBER:
        return float(struct.unpack_from("<d", payload, 6)[0])
    return unpack_number(struct.unpack_from("<I", payload, 6)[0]) if kind == _RK else text


def _result_kind(payload: bytes) -> int | None:
    """Return what a formula's stored result is, None for a number."""
    return int(payload[6]) if payload[12:14] == b"\xff\xff" else None


def _read_multiple(payload: bytes, sheet: Sheet, workbook: _Workbook) -> None:
    row, column = struct.unpack_from("<HH", payload)
    for place in range(4, len(payload) - 2, 6):
        style, packed = struct.unpack_from("<HI", payload, place)
        number = sheet.values[row + 1, column + 1] = unpack_number(packed)
        if not workbook.is_struck(style):
            sheet.texts[row + 1, column + 1] = workbook.doubt(workbook.show(number, style), style)
        column += 1


def _read_shared(segments: list[bytes], _style: int, workbook: _Workbook) -> str:
    return workbook.strings[int(struct.unpack_from("<I", segments[0], 6)[0])].strip()


def _read_label(segments: list[bytes], _style: int, _workbook: _Workbook) -> str:
    return TextCursor(segments, 6).string()[0].strip()


def _read_number(segments: list[bytes], style: int, workbook: _Workbook) -> str:
    return workbook.show(struct.unpack_from("<d", segments[0], 6)[0], style)


def _read_packed(segments: list[bytes], style: int, workbook: _Workbook) -> str:
    return workbook.show(unpack_number(struct.unpack_from("<I", segments[0], 6)[0]), style)


def _read_bool_or_error(segments: list[bytes], _style: int, _workbook: _Workbook) -> str:
    value, is_error = struct.unpack_from("<BB", segments[0], 6)
    return _ERRORS.get(value, "#ERROR!") if is_error else str(bool(value)).upper()


def _read_formula(segments: list[bytes], style: int, workbook: _Workbook) -> str:
    """Return a formula's stored result; a text result follows in a record of its own."""
    kind, value = _result_kind(segments[0]), int(segments[0][8])
    if kind is None:
        return _read_number(segments, style, workbook)
    if kind == _ERROR_RESULT:
        return _ERRORS.get(value, "#ERROR!")
    if kind == _BOOLEAN_RESULT:
        return str(bool(value)).upper()
    return "" if kind == _EMPTY_RESULT else _UNCALCULATED


_CELL_READERS: Mapping[int, Callable[[list[bytes], int, _Workbook], str]] = {
    _LABEL_SST: _read_shared,
    _LABEL: _read_label,
    _RICH_LABEL: _read_label,
    _NUMBER: _read_number,
    _RK: _read_packed,
    _BOOL_ERR: _read_bool_or_error,
    _FORMULA: _read_formula,
}

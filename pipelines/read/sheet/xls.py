"""Binary XLS workbooks (Excel 97-2003, BIFF8) from their records, [MS-XLS] 2.4.

Written here because the value libraries at hand give an error cell as a blank one, say nothing of formats and hidden
rows, and on damaged files abort the whole process, which no exception handler can stop.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from pipelines.errors import DocumentError
from pipelines.read.sheet.formats import built_in_format, show_number
from pipelines.read.sheet.grid import Piece, Sheet, join_pieces
from pipelines.settings import ReadLimits

_BOF, _EOF, _CONTINUE, _FILE_PASS = 0x0809, 0x000A, 0x003C, 0x002F
_DATE_MODE, _FORMAT, _XF, _BOUND_SHEET, _STRINGS, _FONT = 0x0022, 0x041E, 0x00E0, 0x0085, 0x00FC, 0x0031
_STRUCK_OUT, _SUPERSCRIPT, _SUBSCRIPT = 0x0008, 1, 2
_REDS = (2, 10)
_WHITES = (1, 9)  # of the palette that every workbook has
_WHOLE_XF = 20  # bytes
_MISSING_FONT = 4  # fonts are numbered as if there were a fifth one that no file holds
_ROW, _COLUMN, _MERGES = 0x0208, 0x007D, 0x00E5
_LABEL_SST, _LABEL, _RICH_LABEL, _NUMBER, _RK, _MULTIPLE_RK = 0x00FD, 0x0204, 0x00D6, 0x0203, 0x027E, 0x00BD
_BOOL_ERR, _FORMULA, _FORMULA_STRING = 0x0205, 0x0006, 0x0207
_BIFF8 = 0x0600
_WORKSHEET = 0
_STRING_RESULT, _BOOLEAN_RESULT, _ERROR_RESULT, _EMPTY_RESULT = 0, 1, 2, 3
_UNCALCULATED = "="  # what a cell shows whose formula has no result, so that it is no blank
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_DAMAGE = (struct.error, IndexError, UnicodeDecodeError, OverflowError)

Runs = list[tuple[int, int]]  # where a font begins in a text, and its number
Record = tuple[int, list[bytes]]  # kind, and its bytes in the segments that CONTINUE records make


class _Font(NamedTuple):
    """What a font does to text beside its shape."""

    is_struck: bool = False
    is_raised: bool = False
    is_lowered: bool = False
    is_white: bool = False
    is_red: bool = False


@dataclass(slots=True)
class _Workbook:
    """The global part: what cells refer to, and where each sheet begins."""

    strings: list[str] = field(default_factory=list)
    mixed: set[int] = field(default_factory=set)
    formats: dict[int, str] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)
    style_fonts: list[int] = field(default_factory=list)
    fonts: list[_Font] = field(default_factory=list)
    filled: list[bool] = field(default_factory=list)
    uses_1904: bool = False
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
        """Return a cell's text, marked where its style prints it white on white, or red."""
        if style >= len(self.style_fonts):
            return text
        font = self.font(self.style_fonts[style])
        is_white = font.is_white and not self.filled[style]
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
    except _DAMAGE as error:
        raise DocumentError("broken_document", f"the workbook is damaged ({error}); fetch the file again") from error
    return [sheet for _, sheet in workbook.sheets]


def _records(stream: bytes, offset: int) -> Iterator[Record]:
    """Yield the records of the substream at `offset`, without those of charts embedded in it.

    Raises:
        DocumentError: broken_document, the substream is cut.
    """
    depth = 0
    pending: Record | None = None
    while offset + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, offset)
        payload = stream[offset + 4 : offset + 4 + length]
        offset += 4 + length
        if len(payload) < length:
            break
        if kind == _CONTINUE and pending is not None:
            pending[1].append(payload)
            continue
        if pending is not None:
            yield pending
            pending = None
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            pending = kind, [payload]
    raise DocumentError("broken_document", "the workbook ends in the middle of a sheet; fetch the file again")


def _read_globals(stream: bytes) -> _Workbook:
    workbook = _Workbook()
    for kind, segments in _records(stream, 0):
        payload = segments[0]
        if kind == _BOF and struct.unpack_from("<H", payload)[0] != _BIFF8:
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
            if sheet_type == _WORKSHEET:
                name = _Text(segments, 6).characters(payload[6], 7)
                workbook.sheets.append((offset, Sheet(name, is_hidden=bool(state & 3))))
    return workbook


def _add_style(workbook: _Workbook, kind: int, segments: list[bytes]) -> None:
    """Take a number format, a font, or the style of cells that refers to both."""
    payload = segments[0]
    if kind == _FORMAT:
        workbook.formats[struct.unpack_from("<H", payload)[0]] = _Text(segments, 2).string()[0]
    elif kind == _FONT:
        flags, colour, _, script = struct.unpack_from("<4H", payload, 2)
        workbook.fonts.append(
            _Font(
                is_struck=bool(flags & _STRUCK_OUT),
                is_raised=script == _SUPERSCRIPT,
                is_lowered=script == _SUBSCRIPT,
                is_white=colour in _WHITES,
                is_red=colour in _REDS,
            )
        )
    else:
        font, number_format = struct.unpack_from("<HH", payload)
        workbook.styles.append(number_format)
        workbook.style_fonts.append(font)
        borders, colours = struct.unpack_from("<IH", payload, 14) if len(payload) >= _WHOLE_XF else (0, 0)
        workbook.filled.append(bool(borders >> 26) and (colours & 0x7F) not in _WHITES)


def _shared_strings(segments: list[bytes]) -> list[tuple[str, Runs]]:
    (count,) = struct.unpack_from("<I", segments[0], 4)
    text = _Text(segments, 8)
    strings = []
    for _ in range(count):
        if text.is_done():
            break  # some writers state a wrong count; a cell that refers beyond it is found where it is read
        strings.append(text.string())
    return strings


class _Text:
    """A cursor over the segments of one record, for strings that run across them."""

    def __init__(self, segments: list[bytes], offset: int) -> None:
        self._segments = segments
        self._number = 0
        self._offset = offset

    def is_done(self) -> bool:
        """Tell whether nothing is left."""
        self._advance()
        return self._offset >= len(self._segments[self._number])

    def string(self) -> tuple[str, Runs]:
        """Return the XLUnicodeRichExtendedString at the cursor and move behind it ([MS-XLS] 2.5.293)."""
        count, flags = struct.unpack("<HB", self._take(3))
        runs = struct.unpack("<H", self._take(2))[0] if flags & 0x8 else 0
        extra = struct.unpack("<I", self._take(4))[0] if flags & 0x4 else 0
        text = self._characters(count, flags)
        fonts = list(struct.iter_unpack("<HH", self._take(4 * runs)))
        self._take(extra)
        return text, fonts

    def characters(self, count: int, flags_offset: int) -> str:
        """Return a short string whose flags stand at `flags_offset` of the first segment."""
        self._offset = flags_offset + 1
        return self._characters(count, self._segments[0][flags_offset])

    def _characters(self, count: int, flags: int) -> str:
        parts = []
        while count:
            segment = self._segments[self._number]
            width = 2 if flags & 1 else 1
            available = min(count, (len(segment) - self._offset) // width)
            raw = segment[self._offset : self._offset + available * width]
            parts.append(raw.decode("utf-16-le" if width == 2 else "latin-1"))
            self._offset += available * width
            count -= available
            if count:  # the next segment states anew how wide its characters are
                self._number += 1
                flags, self._offset = self._segments[self._number][0], 1
        return "".join(parts)

    def _take(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count:
            self._advance()
            segment = self._segments[self._number]
            piece = segment[self._offset : self._offset + count - len(taken)]
            if not piece:
                raise IndexError("a string runs past the end of its record")
            taken += piece
            self._offset += len(piece)
        return taken

    def _advance(self) -> None:
        while self._offset >= len(self._segments[self._number]) and self._number + 1 < len(self._segments):
            self._number, self._offset = self._number + 1, 0


def _read_sheet(stream: bytes, offset: int, sheet: Sheet, workbook: _Workbook, limits: ReadLimits) -> None:
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    awaiting: tuple[int, int] | None = None
    results: dict[tuple[int, int], bool] = {}
    for kind, segments in _records(stream, offset):
        payload = segments[0]
        if kind == _FORMULA_STRING and awaiting is not None:
            sheet.texts[awaiting] = _Text(segments, 0).string()[0].strip()
            awaiting = None
        elif kind == _MULTIPLE_RK:
            _read_multiple(payload, sheet, workbook)
        elif kind in _CELL_READERS:
            awaiting = _read_cell(kind, segments, sheet, workbook, results)
        elif kind == _MERGES:
            for index in range(struct.unpack_from("<H", payload)[0]):
                top, bottom, left, right = struct.unpack_from("<4H", payload, 2 + 8 * index)
                sheet.merges.append((top + 1, left + 1, bottom + 1, right + 1))
        elif kind == _ROW and struct.unpack_from("<I", payload, 12)[0] & 0x20:
            hidden_rows.add(struct.unpack_from("<H", payload)[0] + 1)
        elif kind == _COLUMN and struct.unpack_from("<H", payload, 8)[0] & 1:
            first, last = struct.unpack_from("<HH", payload)
            hidden_columns.update(range(first + 1, min(last, 255) + 2))
        if len(sheet.texts) > limits.cells:
            raise DocumentError("limit_exceeded", f"the sheet {sheet.name!r} has more than {limits.cells} cells")
    # Where none has a result, a program wrote the formulas and nothing has calculated them.
    sheet.texts |= dict.fromkeys(results, _UNCALCULATED) if not any(results.values()) else {}
    sheet.texts = {place: text for place, text in sheet.texts.items() if text}
    sheet.leave_out(hidden_rows, hidden_columns)


def _read_cell(
    kind: int, segments: list[bytes], sheet: Sheet, workbook: _Workbook, results: dict[tuple[int, int], bool]
) -> tuple[int, int] | None:
    """Take a cell's record, and whether a formula has a result; return the place of one whose text is yet to come."""
    payload = segments[0]
    row, column, style = struct.unpack_from("<HHH", payload)
    if workbook.is_struck(style):
        if kind == _LABEL_SST and int(struct.unpack_from("<I", payload, 6)[0]) in workbook.mixed:
            # The font of the cell is that of the string's first part for some writers, for others of the whole.
            text = join_pieces([Piece(_read_shared(segments, style, workbook), is_doubtful=True)])
            sheet.texts[row + 1, column + 1] = text
        return None
    sheet.texts[row + 1, column + 1] = workbook.doubt(_CELL_READERS[kind](segments, style, workbook), style)
    if kind != _FORMULA:
        return None
    result = _result_kind(payload)
    results[row + 1, column + 1] = result != _EMPTY_RESULT
    return (row + 1, column + 1) if result == _STRING_RESULT else None


def _result_kind(payload: bytes) -> int | None:
    """Return what a formula's stored result is, None for a number."""
    return int(payload[6]) if payload[12:14] == b"\xff\xff" else None


def _read_multiple(payload: bytes, sheet: Sheet, workbook: _Workbook) -> None:
    row, column = struct.unpack_from("<HH", payload)
    for place in range(4, len(payload) - 2, 6):
        style, packed = struct.unpack_from("<HI", payload, place)
        if not workbook.is_struck(style):
            sheet.texts[row + 1, column + 1] = workbook.doubt(workbook.show(_unpack_number(packed), style), style)
        column += 1


def _unpack_number(packed: int) -> float:
    """Return the number in an RK value: 30 bits of an integer or of a double, perhaps in hundredths.

    >>> _unpack_number(0x0000000E), _unpack_number(0x3FF00000)
    (3, 1.0)
    """
    number: float
    if packed & 2:
        number = (packed >> 2) - (1 << 30 if packed & 0x8000_0000 else 0)
    else:
        (number,) = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFF_FFFC) << 32))
    return number / 100 if packed & 1 else number


def _read_shared(segments: list[bytes], _style: int, workbook: _Workbook) -> str:
    return workbook.strings[int(struct.unpack_from("<I", segments[0], 6)[0])].strip()


def _read_label(segments: list[bytes], _style: int, _workbook: _Workbook) -> str:
    return _Text(segments, 6).string()[0].strip()


def _read_number(segments: list[bytes], style: int, workbook: _Workbook) -> str:
    return workbook.show(struct.unpack_from("<d", segments[0], 6)[0], style)


def _read_packed(segments: list[bytes], style: int, workbook: _Workbook) -> str:
    return workbook.show(_unpack_number(struct.unpack_from("<I", segments[0], 6)[0]), style)


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

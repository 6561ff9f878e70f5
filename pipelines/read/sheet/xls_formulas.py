"""Formulas of a binary workbook from their tokens, [MS-XLS] 2.5.198, as steps that can be worked out."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.read.sheet.expressions import Area, Call, Steps
from pipelines.read.sheet.grid import Place

_BOOK, _REFERENCES = 0x01AE, 0x0017
LINKS = (_BOOK, _REFERENCES)
_OWN_BOOK = b"\x01\x04"
_OPERATIONS = {0x03: Call("+", 2), 0x04: Call("-", 2), 0x05: Call("*", 2), 0x06: Call("/", 2), 0x13: Call("negate", 1)}
_NOTHING = (0x12, 0x15)  # a plus sign before a number, brackets
_SHARED, _ATTRIBUTE, _INTEGER, _NUMBER = 0x01, 0x19, 0x1E, 0x1F
_FUNCTION, _OPEN_FUNCTION = 0x21, 0x22
_CELL, _AREA, _NEAR_CELL, _NEAR_AREA, _FAR_CELL, _FAR_AREA = 0x24, 0x25, 0x2C, 0x2D, 0x3A, 0x3B
_SPACE, _VOLATILE, _SUM_OF_ONE = 0x40, 0x01, 0x10  # attributes
_SUM, _ROUND = 4, 27  # numbers of functions


@dataclass(slots=True)
class Links:
    """The sheets that formulas refer to by number.

    Attributes:
        names: Of all sheets of the workbook.
        books: Whether each workbook that formulas refer to is this one.
        spans: A workbook, and the first and last of its sheets.
    """

    names: list[str] = field(default_factory=list)
    books: list[bool] = field(default_factory=list)
    spans: list[tuple[int, int, int]] = field(default_factory=list)

    def add(self, kind: int, segments: list[bytes]) -> None:
        """Take a record of a workbook, or of the sheets that are referred to."""
        if kind == _BOOK:
            self.books.append(segments[0][2:4] == _OWN_BOOK)
        else:
            content = b"".join(segments)
            self.spans += struct.iter_unpack("<HHH", content[2 : 2 + 6 * struct.unpack_from("<H", content)[0]])

    def references(self) -> list[str | None]:
        """Return the names by number, None for others than one sheet of this workbook."""
        return [
            self.names[first] if first == last < len(self.names) and self.books[book : book + 1] == [True] else None
            for book, first, last in self.spans
        ]


def shared_origin(tokens: bytes) -> Place | None:
    """Return where the formula is written that a cell shares, None where it has one of its own."""
    if tokens[:1] != bytes([_SHARED]) or len(tokens) < 5:
        return None
    row, column = struct.unpack_from("<HH", tokens, 1)
    return row + 1, column + 1


def read_steps(tokens: bytes, place: Place, sheets: Sequence[str | None]) -> Steps | None:
    """Return the steps of a formula, None where it has others than those worked out.

    Args:
        tokens: As the record holds them.
        place: The cell's, from which a shared formula counts.
        sheets: Names that the tokens refer to by number, None for what is no single sheet of the workbook.
    """
    steps: list[float | Area | Call] = []
    offset = 0
    try:
        while offset < len(tokens):
            kind = tokens[offset]
            kind = kind & 0x1F | 0x20 if kind & 0x60 else kind
            step, width = _step(kind, tokens[offset + 1 : offset + 16], place, sheets)
            if width < 0:
                return None
            steps += [] if step is None else [step]
            offset += 1 + width
    except (struct.error, IndexError):
        return None
    return steps


def _step(kind: int, rest: bytes, place: Place, sheets: Sequence[str | None]) -> tuple[float | Area | Call | None, int]:
    """Return a token's step, if it has one, and how many bytes follow its kind; -1 where it is not known."""
    if kind in _OPERATIONS or kind in _NOTHING:
        return _OPERATIONS.get(kind), 0
    if kind == _ATTRIBUTE and rest[0] & (_SPACE | _VOLATILE | _SUM_OF_ONE) == rest[0]:
        return Call("SUM", 1) if rest[0] & _SUM_OF_ONE else None, 3
    if kind == _INTEGER:
        return float(struct.unpack_from("<H", rest)[0]), 2
    if kind == _NUMBER:
        return float(struct.unpack_from("<d", rest)[0]), 8
    if kind == _FUNCTION and struct.unpack_from("<H", rest)[0] == _ROUND:
        return Call("ROUND", 2), 2
    if kind == _OPEN_FUNCTION and struct.unpack_from("<H", rest, 1)[0] == _SUM:
        return Call("SUM", rest[0] & 0x7F), 3
    return _reference(kind, rest, place, sheets)


def _reference(kind: int, rest: bytes, place: Place, sheets: Sequence[str | None]) -> tuple[Area | None, int]:
    sheet, start = None, 0
    if kind in (_FAR_CELL, _FAR_AREA):
        sheet, start = sheets[int(struct.unpack_from("<H", rest)[0])], 2
        if sheet is None:
            return None, -1
    near = place if kind in (_NEAR_CELL, _NEAR_AREA) else None
    if kind in (_CELL, _NEAR_CELL, _FAR_CELL):
        row, column = struct.unpack_from("<HH", rest, start)
        top, left = _corner(row, column, near)
        return Area(sheet, top, left, top, left), start + 4
    if kind in (_AREA, _NEAR_AREA, _FAR_AREA):
        first, last, leftmost, rightmost = struct.unpack_from("<4H", rest, start)
        one, other = _corner(first, leftmost, near), _corner(last, rightmost, near)
        return Area(sheet, *map(min, one, other), *map(max, one, other)), start + 8
    return None, -1


def _corner(row: int, column: int, near: Place | None) -> Place:
    """Return a cell's place; in a shared formula its row and column may be counted from the cell that shares it."""
    number = column & 0xFF
    if near is None:
        return row + 1, number + 1
    is_row_near, is_column_near = column & 0x8000, column & 0x4000
    return (near[0] + row if is_row_near else row + 1) & 0xFFFF, (
        near[1] + number if is_column_near else number + 1
    ) & 0xFF

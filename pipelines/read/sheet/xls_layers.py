"""What a binary sheet lays over its cells: conditions that show them otherwise, [MS-XLS] 2.4.56, and drawings."""

import struct
from collections.abc import Collection
from dataclasses import dataclass, field

from pipelines.read.sheet.conditions import Condition
from pipelines.read.sheet.grid import Cover
from pipelines.read.sheet.xls_formulas import read_steps

_AREAS, _RULE, _DRAWING, _OBJECT, _TEXT = 0x01B0, 0x01B1, 0x00EC, 0x005D, 0x01B6
KINDS = frozenset((_AREAS, _RULE, _DRAWING, _OBJECT, _TEXT))
_SIGNS = {3: "=", 4: "<>", 5: ">", 6: "<", 7: ">=", 8: "<="}
_HAS_FORMAT, _HAS_FONT = 0x0200_0000, 0x0400_0000
_OWN_FORMAT = 1  # one with a code of its own and not a number
_FONT_BYTES, _STRIKE_AT, _COLOUR_AT, _UNCHANGED_AT = 118, 68, 80, 88
_STRUCK = 0x80
_ANCHOR, _SHAPE, _PROPERTIES = 0xF010, 0xF00A, 0xF00B
_FILL = 0x01BF
_SETS_FILL, _IS_FILLED = 0x0010_0000, 0x10
_LINE = 1
_SHAPES = (_LINE, 2, 3, 4, 5, 6, 8, 9, 0x1E)  # no groups, controls and comments
_WIDTH, _HEIGHT = 1024, 256  # of a column and a row, by which a drawing is placed
_LEAST = 0.15  # the part of a row or column that must be covered


@dataclass(slots=True)
class Layers:
    """Collects them while the records of a sheet are read.

    Args:
        whites: Numbers of the palette's colours that are white.
    """

    whites: Collection[int]
    conditions: list[Condition] = field(default_factory=list)
    covers: list[Cover] = field(default_factory=list)
    _areas: list[tuple[int, int, int, int]] = field(default_factory=list)
    _anchor: Cover | None = None
    _is_filled: bool = True

    def add(self, kind: int, segments: list[bytes]) -> None:
        """Take one of the records named in `KINDS`."""
        payload = segments[0]
        if kind == _AREAS:
            count = struct.unpack_from("<H", payload, 12)[0]
            bounds = struct.iter_unpack("<4H", payload[14 : 14 + 8 * count])
            self._areas = [(top + 1, left + 1, bottom + 1, right + 1) for top, bottom, left, right in bounds]
        elif kind == _RULE:
            if self._alters(payload):
                self.conditions += [Condition(*area, *_comparison(payload)) for area in self._areas]
        elif kind == _DRAWING:
            self._anchor, self._is_filled = _read_shape(b"".join(segments)) or (self._anchor, self._is_filled)
        elif kind == _OBJECT:
            self._add_object(int(struct.unpack_from("<H", payload, 4)[0]))
        elif self._anchor is not None and len(segments) > 1:
            self._add_text(payload, segments[1])

    def _alters(self, payload: bytes) -> bool:
        """Tell whether a rule may show a number as another one, or not at all."""
        flags, more = struct.unpack_from("<IH", payload, 6)
        if flags & _HAS_FORMAT or more & _OWN_FORMAT:
            return True
        if not flags & _HAS_FONT:
            return False
        font = payload[12 : 12 + _FONT_BYTES]
        (colour,) = struct.unpack_from("<I", font, _COLOUR_AT)
        is_struck = font[_STRIKE_AT] & _STRUCK and not font[_UNCHANGED_AT] & _STRUCK
        return bool(is_struck) or colour in self.whites

    def _add_object(self, kind: int) -> None:
        if self._anchor is None or kind not in _SHAPES:
            self._anchor = None
        elif self._is_filled or kind == _LINE:
            self.covers.append(self._anchor)

    def _add_text(self, payload: bytes, characters: bytes) -> None:
        (count,) = struct.unpack_from("<H", payload, 10)
        raw = characters[1:]
        text = (
            raw[: 2 * count].decode("utf-16-le", "replace")
            if characters[:1] == b"\1"
            else raw[:count].decode("latin-1")
        )
        if self.covers and self.covers[-1] is self._anchor:
            self.covers.pop()
        elif not any(map(str.isdigit, text)):
            return
        if self._anchor is not None:
            self.covers.append(self._anchor._replace(text=text.strip()))


def _comparison(payload: bytes) -> tuple[str, str]:
    kind, sign, length, other = struct.unpack_from("<BBHH", payload)
    tokens = payload[len(payload) - length - other : len(payload) - other]
    steps = read_steps(tokens, (1, 1), ()) if kind == 1 and not other else None
    if steps is None or len(steps) != 1 or not isinstance(steps[0], float):
        return "", ""
    return _SIGNS.get(sign, ""), f"{steps[0]:f}"


def _read_shape(content: bytes) -> tuple[Cover | None, bool] | None:
    """Return where the last shape of a drawing's record lies, and whether it is filled ([MS-ODRAW] 2.2).

    None where the record begins no shape: the text of one is in a record of its own.
    """
    anchor, is_filled, is_shape = None, True, False
    offset = 0
    while offset + 8 <= len(content):
        version, kind, length = struct.unpack_from("<HHI", content, offset)
        offset += 8
        if version & 0xF == 0xF:
            continue  # what it contains follows
        if kind == _SHAPE:
            anchor, is_filled, is_shape = None, True, True
        elif kind == _PROPERTIES:
            for name, value in struct.iter_unpack("<HI", content[offset : offset + 6 * (version >> 4)]):
                if name & 0x3FFF == _FILL and value & _SETS_FILL:
                    is_filled = bool(value & _IS_FILLED)
        elif kind == _ANCHOR and length >= 18:
            left, left_at, top, top_at, right, right_at, bottom, bottom_at = struct.unpack_from(
                "<8H", content, offset + 2
            )
            left, right = _covered((left, left_at), (right, right_at), _WIDTH)
            top, bottom = _covered((top, top_at), (bottom, bottom_at), _HEIGHT)
            anchor = Cover(top + 1, left + 1, bottom + 1, right + 1)
        offset += length
    return (anchor, is_filled) if is_shape else None


def _covered(first: tuple[int, int], last: tuple[int, int], size: int) -> tuple[int, int]:
    """Return the first and last row or column of which more is covered than a margin."""
    low, high = first[0], last[0]
    if low < high and size - first[1] < _LEAST * size:
        low += 1
    if low < high and last[1] < _LEAST * size:
        high -= 1
    return low, high

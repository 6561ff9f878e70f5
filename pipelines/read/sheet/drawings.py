"""What is drawn over the cells of an XLSX sheet: boxes of text, filled shapes, pictures, charts and lines.

Cells are measured as far as the sheet states their sizes, because a drawing may be placed by points.
"""

import bisect
import itertools
import posixpath
import re
from collections.abc import Iterator, Mapping

from lxml import etree

from pipelines.ingest.zipsafe import SafeZip
from pipelines.read.sheet.grid import Cover
from pipelines.read.sheet.references import read_integer
from pipelines.read.xmlsafe import parse_xml

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_POINT, _PIXEL = 12_700, 9_525  # in the units of drawings
_COLUMN, _ROW = 64 * _PIXEL, 20 * _PIXEL  # sizes where a sheet states none
_LEAST = 0.15  # the part of a row or column that must be covered
_FARTHEST = 20_000  # rows or columns that are measured
_MOST_SIZES = 1_000  # columns whose own width is known
_FILLS = ("solidFill", "gradFill", "pattFill", "blipFill", "grpFill")
_DRAWN = ("pic", "graphicFrame")


class _Axis:
    """Sizes of the rows or columns of a sheet, from 1: the usual one, and by number those that differ from it."""

    def __init__(self, usual: int, own: Mapping[int, int]) -> None:
        self._usual, self._own = usual, own
        self._ends: list[int] = []

    def size(self, number: int) -> int:
        """Return the size of a row or column."""
        return self._own.get(number, self._usual)

    def reach(self, number: int, offset: int, extent: int) -> tuple[int, int]:
        """Return the row or column in which an extent ends, and how far into it."""
        if not self._ends:
            self._ends = list(itertools.accumulate(map(self.size, range(1, _FARTHEST + 1)), initial=0))
        number = min(number, _FARTHEST)
        end = self._ends[number - 1] + offset + extent
        last = max(min(bisect.bisect_left(self._ends, end), _FARTHEST), 1)
        return last, end - self._ends[last - 1]

    def covered(self, first: tuple[int, int], last: tuple[int, int]) -> tuple[int, int]:
        """Return the first and last of which more is covered than a margin; the last is before the first for none."""
        low, high = first[0], last[0]
        if low < high and self.size(low) - first[1] < _LEAST * self.size(low):
            low += 1
        if low < high and last[1] < _LEAST * self.size(high):
            high -= 1
        return low, high


def read_covers(package: SafeZip, path: str, root: etree._Element) -> list[Cover]:
    """Return what is drawn over the cells of the sheet whose part is `root`, read from `path`."""
    names = [str(value) for node in root.iterchildren(f"{_MAIN}drawing") for value in node.attrib.values()]
    path = path.lstrip("/")
    folder, name = posixpath.split(path)
    relations = f"{folder}/_rels/{name}.rels"
    if not names or not package.has(relations):
        return []
    targets = {node.get("Id"): node.get("Target") or "" for node in parse_xml(package.read(relations), relations)}
    part = posixpath.normpath(posixpath.join("/", folder, targets.get(names[0], ""))).lstrip("/")
    if not package.has(part):
        return []
    columns, rows = _columns(root), _rows(root)
    return [
        cover
        for anchor in parse_xml(package.read(part), part).iterchildren("*")
        if (cover := _cover(anchor, columns, rows)) is not None
    ]


def _columns(root: etree._Element) -> _Axis:
    own = {}
    for node in itertools.islice(root.iter(f"{_MAIN}col"), _MOST_SIZES):
        width = int(_number(node.get("width"), 9) * 7 * _PIXEL)
        for number in range(read_integer(node.get("min"), 1), min(read_integer(node.get("max"), 0), _MOST_SIZES) + 1):
            own[number] = width
    return _Axis(_COLUMN, own)


def _rows(root: etree._Element) -> _Axis:
    heights = ((read_integer(node.get("r"), 0), node.get("ht")) for node in root.iter(f"{_MAIN}row"))
    return _Axis(_ROW, {number: int(_number(height, 15) * _POINT) for number, height in heights if height})


def _number(text: str | None, default: float) -> float:
    return float(text) if text is not None and _NUMBER.fullmatch(text) and len(text) < 15 else default


def _cover(anchor: etree._Element, columns: _Axis, rows: _Axis) -> Cover | None:
    parts = {etree.QName(node).localname: node for node in anchor.iterchildren("*")}
    text = "".join(node.text or "" for node in _named(anchor, "t"))
    has_digits = any(map(str.isdigit, text))
    is_hidden = any(node.get("hidden") in ("1", "true") for node in _named(anchor, "cNvPr"))
    is_line = "cxnSp" in parts
    if is_hidden or not (has_digits or is_line or any(map(_is_filled, anchor.iterdescendants("*")))):
        return None
    across = _extent(parts, columns, ("col", "colOff", "x", "cx"))
    down = _extent(parts, rows, ("row", "rowOff", "y", "cy"))
    if across is None or down is None:
        return None
    return Cover(down[0], across[0], down[1], across[1], text.strip())


def _named(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return root.iterdescendants(f"{{*}}{name}")


def _is_filled(node: etree._Element) -> bool:
    """Tell whether an element of a drawing hides what lies beneath it, by its own fill or that of its style."""
    name = etree.QName(node).localname
    if name == "spPr":
        own = [etree.QName(part).localname for part in node.iterchildren("*")]
        styles = itertools.chain.from_iterable(_named(style, "fillRef") for style in node.itersiblings("{*}style"))
        return any(fill in own for fill in _FILLS) or (
            "noFill" not in own and any(style.get("idx") != "0" for style in styles)
        )
    return name in _DRAWN


def _extent(
    parts: Mapping[str, etree._Element], axis: _Axis, names: tuple[str, str, str, str]
) -> tuple[int, int] | None:
    """Return the first and last row or column that a drawing covers, which says where it ends or how far it goes."""
    number, offset, place, size = names
    first = _corner(parts.get("from"), number, offset)
    last = _corner(parts.get("to"), number, offset)
    if first is None and "pos" in parts:
        first = axis.reach(1, 0, read_integer(parts["pos"].get(place), 0))
    if last is None and first is not None and "ext" in parts:
        last = axis.reach(*first, read_integer(parts["ext"].get(size), 0))
    return axis.covered(first, last) if first is not None and last is not None else None


def _corner(node: etree._Element | None, number: str, offset: str) -> tuple[int, int] | None:
    if node is None:
        return None
    texts = {etree.QName(part).localname: part.text for part in node.iterchildren("*")}
    return read_integer(texts.get(number), 0) + 1, read_integer(texts.get(offset), 0)

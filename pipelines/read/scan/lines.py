"""Where text stands in a level picture: the ink between the ruling lines, gathered into pieces of one line each.

A piece never reaches over a ruling line or a wide gap, so that two figures are never recognised as one.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from pipelines.read.pages.ruling import RuledTable, Segment, cell_areas, find_tables
from pipelines.read.scan.picture import LevelPicture

_LINE_HEIGHT = 1.2  # ems; ink that stands apart no farther than this is one line: the strokes of 二
_GAP = 1.0  # ems; a gap this wide parts two pieces
_DUST = 0.3  # ems; a piece smaller than this in both directions is dust
_RESIDUE = 1.6  # points; what is thinner than this along a border is what is left of it
_TALLEST = 60.0  # points; ink that reaches higher is a picture, a seal or a shadow
_BLOT = 1.8  # ems; ink larger than this in both directions is no text, which is as low or as narrow as its line
_BLOT_STEP = 4  # pixels between the places at which such ink is looked up
_SMALLEST_EM = 4.0  # points
_USUAL_EM = 10.5  # points, where a page has too little text to measure it
_MOST_TABLE_CELLS = 20_000


Place = tuple[float, float]  # in pixels, across and down


@dataclass(frozen=True, slots=True)
class Ink:
    """A connected patch of ink: its edges in pixels, the last two exclusive, and whether a ruling line cuts it."""

    left: int
    top: int
    right: int
    bottom: int
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Region:
    """Where text may run without crossing a ruling line: a cell, or what lies outside all tables. Pixels."""

    left: int
    top: int
    right: int
    bottom: int
    is_cell: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Ink of one line that is recognised at once.

    Attributes:
        patches: From left to right.
        em: Height of the text around it, in pixels.
        is_blotted: Other ink runs through its cell, and may have taken some of its own.
    """

    region: Region
    patches: tuple[Ink, ...]
    em: float
    is_blotted: bool = False

    @property
    def box(self) -> Ink:
        """The edges of all its ink; it is cut where a part of it may lie under a ruling line."""
        return _around(self.patches)


def find_pieces(picture: LevelPicture) -> tuple[list[Piece], list[Place]]:
    """Return the pieces of text in a picture, region by region and from top to bottom, and where more may stand.

    The ring of a seal takes along the figure that it touches. So text may stand in a cell in which no piece is left and
    ink lies that is no text; and, as a seal also hides borders, wherever such ink lies between two ruling lines.
    """
    tables = [table for table in find_tables(to_points(picture)) if len(table.xs) * len(table.ys) <= _MOST_TABLE_CELLS]
    tables.sort(key=lambda table: (table.xs[-1] - table.xs[0]) * (table.ys[-1] - table.ys[0]))
    finders = [_RegionFinder(table, picture.pixels) for table in tables]
    height, width = picture.ink.shape
    outside = Region(0, 0, width, height, is_cell=False)

    def find(x: float, y: float) -> Region:
        return next((found for finder in finders if (found := finder.find(x, y)) is not None), outside)

    held: dict[Region, list[Ink]] = {}
    ink = _PageInk(picture)
    for patch in ink.patches:
        region = find((patch.left + patch.right) / 2, (patch.top + patch.bottom) / 2)
        if not (region.is_cell and _is_residue(patch, region, picture.pixels)):
            held.setdefault(region, []).append(patch)
    ems = {is_cell: _measure_em(held, picture.pixels, is_cell=is_cell) for is_cell in (True, False)}
    blots = list(ink.blots(_BLOT * ems[True]))
    blotted = {find(x, y) for x, y in blots} - {outside}
    pieces = [
        piece
        for region, patches in held.items()
        for line in _lines(patches, ems[region.is_cell])
        for piece in _split_line(line, region, ems[region.is_cell], is_blotted=region in blotted)
    ]
    hidden = [_middle(region) for region in blotted - {piece.region for piece in pieces}]
    torn = [piece for piece in pieces if not piece.region.is_cell and _height(piece) > _BLOT * piece.em]
    strays = [*(_middle(patch) for piece in torn for patch in piece.patches), *blots]
    thinned = {(x // ems[True], y // ems[True]): (x, y) for x, y in strays if find(x, y) is outside}
    hidden += [place for place in thinned.values() if _is_between_rules(place, picture)]
    kept = [piece for piece in pieces if piece not in torn]
    return (
        sorted(kept, key=lambda piece: (piece.region.top, piece.region.left, piece.box.top, piece.box.left)),
        sorted(hidden),
    )


def _middle(box: Region | Ink) -> Place:
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def _height(piece: Piece) -> int:
    return piece.box.bottom - piece.box.top


def _is_between_rules(place: Place, picture: LevelPicture) -> bool:
    """Tell whether a place lies between two level rules that are as near to one another as those of a row."""
    x, y = place
    heights = [one.y0 for one in picture.segments if one.y0 == one.y1 and one.x0 <= x <= one.x1]
    above = max((height for height in heights if height <= y), default=None)
    below = min((height for height in heights if height > y), default=None)
    return above is not None and below is not None and below - above <= _TALLEST * picture.pixels


def to_points(picture: LevelPicture) -> list[Segment]:
    """Return the ruling lines of a picture in points."""
    share = 1 / picture.pixels
    return [Segment(one.x0 * share, one.y0 * share, one.x1 * share, one.y1 * share) for one in picture.segments]


class _RegionFinder:
    """Tells in which cell of a table a place lies."""

    def __init__(self, table: RuledTable, pixels: float) -> None:
        self.xs = [x * pixels for x in table.xs]
        self.ys = [y * pixels for y in table.ys]
        self.owner: dict[tuple[int, int], Region] = {}
        for top, left, bottom, right in cell_areas(table):
            start, end = (round(self.xs[left]), round(self.ys[top])), (round(self.xs[right]), round(self.ys[bottom]))
            region = Region(*start, *end, is_cell=True)
            self.owner |= {(row, column): region for row in range(top, bottom) for column in range(left, right)}

    def find(self, x: float, y: float) -> Region | None:
        """Return the cell at a place in pixels, None outside the table."""
        return self.owner.get((bisect_right(self.ys, y) - 1, bisect_right(self.xs, x) - 1))


class _PageInk:
    """The connected ink of a picture that belongs to no ruling line.

    Attributes:
        patches: What may be text.
    """

    def __init__(self, picture: LevelPicture) -> None:
        rules = cv2.dilate(picture.rules, np.ones((3, 3), np.uint8))
        text = np.where(rules > 0, 0, picture.ink).astype(np.uint8)
        _, self._labels, self._stats, _ = cv2.connectedComponentsWithStats(text, connectivity=8)
        # Ink that went on into a ruling line may be the rest of a character.
        gone = np.where(rules > 0, picture.ink, 0).astype(np.uint8)
        cut = set(np.unique(self._labels[cv2.dilate(gone, np.ones((3, 3), np.uint8)) > 0]).tolist())
        height, width = text.shape
        self.patches: list[Ink] = []
        self._others: list[int] = []
        for number, (left, top, across, down, _) in enumerate(self._stats[1:].tolist(), 1):
            is_shadow = left == 0 or top == 0 or left + across == width or top + down == height
            if is_shadow or down > _TALLEST * picture.pixels:
                self._others.append(number)
            else:
                self.patches.append(Ink(left, top, left + across, top + down, number in cut))

    def blots(self, size: float) -> Iterator[Place]:
        """Yield places all over the ink that is no text: of seals, pictures and shadows, and what is as large as them.

        Args:
            size: Pixels beyond which ink is no text in either direction.
        """
        large = [
            number
            for number, (_, _, across, down, _) in enumerate(self._stats[1:].tolist(), 1)
            if min(across, down) > size
        ]
        for number in {*self._others, *large}:
            left, top, across, down, _ = self._stats[number].tolist()
            rows, columns = np.nonzero(self._labels[top : top + down, left : left + across] == number)
            places = np.unique(np.stack([columns // _BLOT_STEP, rows // _BLOT_STEP]), axis=1)
            for column, row in places.T.tolist():
                yield left + (column + 0.5) * _BLOT_STEP, top + (row + 0.5) * _BLOT_STEP


def _is_residue(patch: Ink, region: Region, pixels: float) -> bool:
    """Tell whether ink is what the removal of a border left over."""
    thin, near = _RESIDUE * pixels, 2 * _RESIDUE * pixels
    is_flat, is_narrow = patch.bottom - patch.top <= thin, patch.right - patch.left <= thin
    beside_level = patch.top - region.top <= near or region.bottom - patch.bottom <= near
    beside_upright = patch.left - region.left <= near or region.right - patch.right <= near
    return (is_flat and beside_level) or (is_narrow and beside_upright)


def _measure_em(held: dict[Region, list[Ink]], pixels: float, *, is_cell: bool) -> float:
    """Return the height of most lines of text inside or outside the cells, in pixels."""
    heights = [
        run[1] - run[0]
        for region, patches in held.items()
        if region.is_cell == is_cell
        for run in _runs([(patch.top, patch.bottom) for patch in patches])
        if run[1] - run[0] >= _SMALLEST_EM * pixels
    ]
    # Figures are lower than characters: the upper half of the lines tells the size.
    upper = sorted(heights)[len(heights) // 2 :]
    return median(upper) if upper else _USUAL_EM * pixels


def _runs(intervals: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the intervals joined wherever they overlap.

    >>> _runs([(5, 9), (0, 3), (2, 4)])
    [(0, 4), (5, 9)]
    """
    runs: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if runs and start < runs[-1][1]:
            runs[-1] = runs[-1][0], max(runs[-1][1], end)
        else:
            runs.append((start, end))
    return runs


def _lines(patches: Sequence[Ink], em: float) -> list[list[Ink]]:
    """Return the ink of each line of a region, from top to bottom."""
    joined: list[tuple[int, int]] = []
    for start, end in _runs([(patch.top, patch.bottom) for patch in patches]):
        if joined and end - joined[-1][0] <= _LINE_HEIGHT * em:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    tops = [start for start, _ in joined]
    lines: list[list[Ink]] = [[] for _ in joined]
    for patch in patches:
        lines[bisect_right(tops, patch.top) - 1].append(patch)
    return lines


def _split_line(line: Sequence[Ink], region: Region, em: float, *, is_blotted: bool) -> list[Piece]:
    """Return the pieces of a line, parted by wide gaps."""
    groups: list[list[Ink]] = []
    right = 0
    for patch in sorted(line, key=lambda one: (one.left, one.top)):
        if not groups or patch.left - right > _GAP * em:
            groups.append([])
        groups[-1].append(patch)
        right = max(right, patch.right) if len(groups[-1]) > 1 else patch.right
    pieces = []
    for group in groups:
        box = _around(group)
        if max(box.right - box.left, box.bottom - box.top) < _DUST * em:
            continue
        pieces.append(Piece(region, tuple(group), em, is_blotted))
    return pieces


def _around(patches: Sequence[Ink]) -> Ink:
    return Ink(
        min(patch.left for patch in patches),
        min(patch.top for patch in patches),
        max(patch.right for patch in patches),
        max(patch.bottom for patch in patches),
        any(patch.is_cut for patch in patches),
    )

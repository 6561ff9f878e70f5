"""CSS grids: elements whose style states columns, and places or lets flow what they hold.

Source: CSS Grid Layout Module Level 1.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.read.html.cells import UNSEEN
from pipelines.read.html.selected import find_declared
from pipelines.read.html.sheets import read_rules
from pipelines.settings import ReadLimits

_GRID = re.compile(r"display\s*:\s*(?:inline-)?grid", re.IGNORECASE)
_TRACKS = re.compile(r"grid-template-columns\s*:\s*([^;]+)", re.IGNORECASE)
_REPEAT = re.compile(r"repeat\(\s*([0-9]{1,4})\s*,\s*((?:[^()]|\([^()]*\))*)\)")
_PLACED = re.compile(r"grid-(column|row)\s*:\s*([^;]+)", re.IGNORECASE)
_SPAN = re.compile(r"span\s+([0-9]{1,4})", re.IGNORECASE)
_TRACK = re.compile(r"[0-9]{1,4}")
# Where a rule sets a cell, which nobody knows who looks at the cell alone.
_PLACED_BY_RULE = re.compile(r"grid-(?:column|row|area)(?!-gap)|(?<![\w-])order\s*:", re.IGNORECASE)
_SET_ASIDE = re.compile(r"position\s*:\s*(?:absolute|fixed)|float\s*:\s*right|translate", re.IGNORECASE)
_TALLEST = 400  # rows of a grid: 表三 with its heads has 28
_REMEMBERED = 4_096  # styles, of which a page repeats the same few


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a cell of a CSS grid stands: its first track, None where the flow decides, and how many it takes."""

    row: int | None
    column: int | None
    rows: int
    columns: int


def is_css_grid(node: LexborNode) -> bool:
    """Tell whether an element's style sets what it holds into columns whose number it states."""
    return _track_count(node.attributes.get("style") or "") > 1


@lru_cache(_REMEMBERED)
def _track_count(style: str) -> int:
    """Return how many columns a style states for a grid, 0 where it draws none or leaves their number open.

    >>> _track_count("display:grid; grid-template-columns: 2fr repeat(7, minmax(0, 1fr))"), _track_count("display:grid")
    (8, 0)
    """
    match = _TRACKS.search(style)
    if match is None or _GRID.search(style) is None:
        return 0
    plain, repeated = _REPEAT.sub(" ", match[1]), 0
    for repeat in _REPEAT.finditer(match[1]):
        repeated += int(repeat[1]) * len(re.sub(r"\([^()]*\)", "", repeat[2]).split())
    plain = re.sub(r"\([^()]*\)", "", plain)
    return 0 if "repeat" in plain or "subgrid" in plain else repeated + len(plain.split())


def draw_flow(container: LexborNode, limits: ReadLimits) -> str | None:
    """Return a CSS grid as a table, its cells placed as the standard's row flow places them; None where they clash.

    Source: CSS Grid Layout Module Level 1, 8.5 "Grid Item Placement Algorithm", sparse.
    """
    width = _track_count(container.attributes.get("style") or "")
    taken: set[tuple[int, int]] = set()
    placed: list[tuple[int, int, _Spot, str]] = []
    row = column = 0
    for node in (child for child in container.iter() if (child.tag or "-")[0] != "-" and child.tag not in UNSEEN):
        spot = _spot_of(node.attributes.get("style") or "", width)
        if spot is None or not 1 < width <= limits.columns:
            return None
        if spot.row is not None and spot.column is not None:
            row, column = spot.row, spot.column
        elif spot.row is None and spot.column is None:
            row, column = _next_free(taken, row, column, spot, width)
        else:
            return None
        area = {(row + down, column + right) for down in range(spot.rows) for right in range(spot.columns)}
        if area & taken or column + spot.columns > width or row + spot.rows > _TALLEST:
            return None
        taken |= area
        placed.append((row, column, spot, node.html or ""))
    return _as_table(placed, taken, width)


def _next_free(taken: set[tuple[int, int]], row: int, column: int, spot: _Spot, width: int) -> tuple[int, int]:
    """Return the first place behind the last one at which a cell finds room."""
    for at_row in range(row, _TALLEST + 1):
        for at in range(column if at_row == row else 0, width - spot.columns + 1):
            area = ((at_row + down, at + right) for down in range(spot.rows) for right in range(spot.columns))
            if not any(place in taken for place in area):
                return at_row, at
    return _TALLEST, 0


@lru_cache(_REMEMBERED)
def _spot_of(style: str, width: int) -> _Spot | None:
    """Return where a cell's style sets it, None where that is not plain.

    >>> _spot_of("grid-column: 2 / span 3; grid-row: 1 / 3", 10), _spot_of("grid-column: 1 / -1", 10)
    (_Spot(row=0, column=1, rows=2, columns=3), _Spot(row=None, column=0, rows=1, columns=10))
    """
    if "grid-area" in style or "-start" in style or "-end" in style or _SET_ASIDE.search(style):
        return None
    found: dict[str, tuple[int | None, int]] = {"row": (None, 1), "column": (None, 1)}
    for axis, value in _PLACED.findall(style):
        first, _, last = (part.strip() for part in value.partition("/"))
        start = int(first) if _TRACK.fullmatch(first) else None
        if span := _SPAN.fullmatch(last or first):
            length = int(span[1])
        elif last == "-1" and start is not None and axis.lower() == "column":
            length = width + 1 - start
        elif _TRACK.fullmatch(last) and start is not None:
            length = int(last) - start
        elif not last and start is not None:
            length = 1
        else:
            return None
        if (
            not 1 <= length <= (width if axis.lower() == "column" else _TALLEST)
            or start == 0
            or (last and start is None)
        ):
            return None
        found[axis.lower()] = (None if start is None else start - 1), length
    return _Spot(found["row"][0], found["column"][0], found["row"][1], found["column"][1])


def _as_table(placed: list[tuple[int, int, _Spot, str]], taken: set[tuple[int, int]], width: int) -> str:
    """Return placed cells as a table, blank cells where none stands."""
    height = max((row + spot.rows for row, _, spot, _ in placed), default=0)
    by_row: list[list[tuple[int, str]]] = [[] for _ in range(height)]
    for row, column, spot, inner in placed:
        spans = f' rowspan="{spot.rows}" colspan="{spot.columns}"'
        by_row[row].append((column, f"<td{spans}>{inner}</td>"))
    for row in range(height):
        by_row[row] += [(column, "<td></td>") for column in range(width) if (row, column) not in taken]
    lines = ("".join(cell for _, cell in sorted(line)) for line in by_row)
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def set_tracks(tree: LexborHTMLParser, sheets: Sequence[str]) -> None:
    """Write the columns that a sure rule states into the style of each grid, where no rule places its cells."""
    if any(read_rules(sheet, _PLACED_BY_RULE) for sheet in sheets):
        return
    found: dict[int, list[tuple[LexborNode, str]]] = {}
    for nodes, style in find_declared(tree, sheets, _TRACKS):
        for node in nodes:
            found.setdefault(node.mem_id, []).append((node, style))
    for rules in found.values():
        if len(rules) == 1:  # of several nobody knows which holds
            ((node, style),) = rules
            node.attrs["style"] = f"{node.attributes.get('style') or ''};{style}"

"""The pictures, as SVG that stands inside the page. Their words are years, codes, regions and numbers only.

So one picture serves both languages; what its colours mean stands beside it in HTML. They are drawn here and by no
library, because a library for charts takes longer to start than a small corpus to be published.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from math import ceil, floor, log10

import polars as pl

_WIDTH, _HEIGHT = 640, 180  # of what is drawn, in pixels, apart from what is written beside it
_FOOT, _EDGE = 22, 10  # pixels below, for the years, and at the other edges
_TICKS = 5  # lines across the picture at most, beside the ground
_ROW = 18  # height of a line of the map
_LETTER = 11  # size of what is written, and the width of a Chinese character
_REGION = 16  # most characters of a region's name
_LIGHT, _DARK = (0xF4, 0xF1, 0xE6), (0x2F, 0x6F, 0x4F)  # colours of the rates 0 and 1
_PALE_INK = 0.6  # the rate above which a number is written in white


def draw_shares(shares: pl.DataFrame, colours: Mapping[str, str]) -> str:
    """Return stacked columns, one a year: how the counts of a year divide.

    Args:
        shares: year, and one column of counts for each key of `colours`.
        colours: Colour of each column, from the ground up.
    """
    rows = shares.sort("year").to_dicts()
    top = max((sum(row[kind] for kind in colours) for row in rows), default=0)
    scale = _Scale(top, is_whole=True)
    columns = _Columns([row["year"] for row in rows])
    marks: list[str] = []
    for row in rows:
        below = 0.0
        for kind, colour in colours.items():
            if row[kind]:
                x, y = columns.left(row["year"]), scale.height(below + row[kind])
                size = f'width="{columns.width:.1f}" height="{scale.height(below) - y:.1f}"'
                marks.append(f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{colour}"/>')
                below += row[kind]
    return _svg(_WIDTH, _HEIGHT, (*scale.lines(), *marks, *columns.names(_HEIGHT + 15)), left=scale.margin, foot=_FOOT)


def draw_lines(rates: pl.DataFrame, colours: Mapping[str, str]) -> str:
    """Return one line a series over the years, in per cent.

    Args:
        rates: series, year, rate (0 to 1).
        colours: Colour of each series.
    """
    scale = _Scale(100 * max(rates["rate"].to_list(), default=0.0))
    columns = _Columns(sorted(rates["year"].unique().to_list()))
    marks: list[str] = []
    for series, colour in colours.items():
        points = [
            (columns.middle(year), scale.height(100 * rate))
            for year, rate in rates.filter(series=series).sort("year").select("year", "rate").iter_rows()
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        marks.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        marks += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    return _svg(_WIDTH, _HEIGHT, (*scale.lines(), *marks, *columns.names(_HEIGHT + 15)), left=scale.margin, foot=_FOOT)


def draw_map(rates: pl.DataFrame, regions: Sequence[str]) -> str:
    """Return a grid of regions by years, the darker the larger the rate.

    Args:
        rates: region, year, rate (0 to 1).
        regions: In the order from the top.
    """
    columns = _Columns(sorted(rates["year"].unique().to_list()), gap=0.0)
    rows = {region: place * _ROW for place, region in enumerate(regions)}
    marks = [_write(region[:_REGION], -6, y + 13, "end") for region, y in rows.items()]
    for region, year, rate in rates.select("region", "year", "rate").sort("region", "year").iter_rows():
        x, y = columns.left(year), rows[region]
        size = f'width="{columns.width:.1f}" height="{_ROW}"'
        marks.append(f'<rect x="{x:.1f}" y="{y}" {size} fill="{_shade(rate)}" stroke="white"/>')
        ink = "white" if rate > _PALE_INK else "#333"
        marks.append(_write(f"{100 * rate:.0f}", columns.middle(year), y + 13, "middle", ink))
    height = len(regions) * _ROW
    left = 12 + _LETTER * max(len(region[:_REGION]) for region in regions)
    return _svg(_WIDTH, height, (*columns.names(-6), *marks), left=left, head=_FOOT)


class _Scale:
    """What a height of the picture means, from the ground at 0."""

    def __init__(self, most: float, *, is_whole: bool = False) -> None:
        """Choose the ticks: at most `_TICKS` of a round distance, which is no fraction where `is_whole`."""
        self.step = _round_step(most / _TICKS, is_whole=is_whole)
        self.top = self.step * max(1, ceil(most / self.step - 1e-9))
        self.ticks = [self.step * place for place in range(round(self.top / self.step) + 1)]
        self.margin = 12 + 7 * max(len(f"{tick:,.10g}") for tick in self.ticks)

    def height(self, value: float) -> float:
        """Return the place of a value, in pixels from the top."""
        return _HEIGHT * (1 - value / self.top)

    def lines(self) -> Iterator[str]:
        """Yield a line across the picture for each tick, and what it means."""
        for tick in self.ticks:
            y = self.height(tick)
            colour = "#eee" if tick else "#888"
            yield f'<path d="M0 {y:.1f}H{_WIDTH}" stroke="{colour}"/>'
            yield _write(f"{tick:,.10g}", -6, y + 4, "end")


class _Columns:
    """Where the years stand, side by side."""

    def __init__(self, years: Sequence[int], gap: float = 0.1) -> None:
        self.step = _WIDTH / max(1, len(years))
        self.width = self.step * (1 - gap)
        self.places = {year: place for place, year in enumerate(years)}

    def left(self, year: int) -> float:
        return self.middle(year) - self.width / 2

    def middle(self, year: int) -> float:
        return (self.places[year] + 0.5) * self.step

    def names(self, y: float) -> Iterator[str]:
        """Yield the years, written at a height."""
        for year in self.places:
            yield _write(str(year), self.middle(year), y, "middle")


def _round_step(least: float, *, is_whole: bool) -> float:
    """Return the smallest distance of 1, 2 or 5 times a power of ten that is not below `least`.

    >>> [_round_step(least, is_whole=False) for least in (0.03, 3, 700)]
    [0.05, 5.0, 1000.0]
    >>> _round_step(0.4, is_whole=True)
    1.0
    """
    if least <= 0 or (is_whole and least < 1):
        return 1.0
    power = floor(log10(least))
    steps = (base * 10.0**power for base in (1, 2, 5, 10))
    return next(step for step in steps if step >= least * (1 - 1e-9))


def _shade(rate: float) -> str:
    """Return the colour of a rate.

    >>> _shade(0), _shade(1)
    ('#f4f1e6', '#2f6f4f')
    """
    return "#" + "".join(
        f"{round(light + (dark - light) * rate):02x}" for light, dark in zip(_LIGHT, _DARK, strict=True)
    )


def _write(words: str, x: float, y: float, anchor: str, ink: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}">{escape(words)}</text>'


def _svg(width: int, height: int, marks: Iterable[str], *, left: int, head: int = _EDGE, foot: int = _EDGE) -> str:
    """Return a picture whose marks are placed from the upper left corner of what is drawn."""
    wide, high = left + width + _EDGE, head + height + foot
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{wide}" height="{high}" '
        f'viewBox="{-left} {-head} {wide} {high}" font-family="system-ui, sans-serif" font-size="{_LETTER}">'
        f"{''.join(marks)}</svg>"
    )

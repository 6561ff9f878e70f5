"""The pictures: Vega-Lite charts turned into SVG while the page is made. Their words are years, codes and regions only.

So one picture serves both languages; what its colours mean stands beside it in HTML.
"""

import re
from collections.abc import Mapping, Sequence

import altair as alt
import polars as pl
import vl_convert

from pipelines.errors import WarehouseError
from pipelines.load.page.pixels import HEIGHT

_FONT = "system-ui, sans-serif"
_WIDTH = 640
_IDENTIFIER = re.compile(r'\bid="([^"]+)"')


def draw_shares(shares: pl.DataFrame, colours: Mapping[str, str], name: str) -> str:
    """Return stacked columns, one a year: how the counts of a year divide.

    Args:
        shares: year, and one column of counts for each key of `colours`.
        colours: Colour of each column, from the ground up.
        name: Of the picture, to keep its inner identifiers apart from those of others.
    """
    order = list(colours)
    long = shares.select("year", *order).unpivot(index="year", variable_name="kind", value_name="count")
    chart = (
        alt.Chart(_data(long))
        .mark_bar()
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("sum(count):Q", title=None, axis=alt.Axis(format=",d", tickMinStep=1)),
            color=alt.Color("kind:N", scale=_scale(colours), legend=None),
            order=alt.Order("place:Q"),
        )
        .transform_calculate(place=f"indexof({order!r}, datum.kind)")
        .properties(width=_WIDTH, height=HEIGHT)
    )
    return _to_svg(chart, name)


def draw_map(rates: pl.DataFrame, regions: Sequence[str], name: str) -> str:
    """Return a grid of regions by years, the darker the larger the rate.

    Args:
        rates: region, year, rate (0 to 1).
        regions: In the order from the top.
        name: Of the picture.
    """
    base = alt.Chart(_data(rates)).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("region:N", title=None, sort=list(regions), axis=alt.Axis(labelLimit=200)),
    )
    squares = base.mark_rect(stroke="white").encode(
        color=alt.Color("rate:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=["#f4f1e6", "#2f6f4f"]))
    )
    numbers = base.mark_text(fontSize=10).encode(
        text=alt.Text("percent:Q", format=".0f"),
        color=alt.condition("datum.rate > 0.6", alt.value("white"), alt.value("#333")),
    )
    chart = alt.layer(squares, numbers).transform_calculate(percent="datum.rate * 100")
    chart.width, chart.height = _WIDTH, alt.Step(18)
    return _to_svg(chart, name)


def draw_lines(rates: pl.DataFrame, colours: Mapping[str, str], name: str) -> str:
    """Return one line a series over the years, in per cent.

    Args:
        rates: series, year, rate (0 to 1).
        colours: Colour of each series.
        name: Of the picture.
    """
    chart = (
        alt.Chart(_data(rates))
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("percent:Q", title=None, axis=alt.Axis(format=".3~g"), scale=alt.Scale(zero=True)),
            color=alt.Color("series:N", scale=_scale(colours), legend=None),
        )
        .transform_calculate(percent="datum.rate * 100")
        .properties(width=_WIDTH, height=HEIGHT)
    )
    return _to_svg(chart, name)


def _data(frame: pl.DataFrame) -> alt.InlineData:
    return alt.InlineData(values=frame.to_dicts())


def _scale(colours: Mapping[str, str]) -> alt.Scale:
    return alt.Scale(domain=list(colours), range=list(colours.values()))


def _to_svg(chart: alt.Chart | alt.LayerChart | alt.FacetChart, name: str) -> str:
    """Return the chart as SVG to stand inside a page.

    Raises:
        WarehouseError: The chart cannot be drawn, which is a fault of ours.
    """
    styled = (
        chart.configure(font=_FONT, background="white").configure_view(stroke=None).configure_axis(gridColor="#eee")
    )
    try:
        svg: str = vl_convert.vegalite_to_svg(styled.to_dict())
    except ValueError as error:
        raise WarehouseError(f"picture {name} of the quality page cannot be drawn: {error}") from error
    # Every picture numbers its clip paths from one, and all of them share the page.
    for identifier in dict.fromkeys(_IDENTIFIER.findall(svg)):
        own = f"{name}-{identifier}"
        svg = svg.replace(f'id="{identifier}"', f'id="{own}"').replace(f"#{identifier})", f"#{own})")
    return svg

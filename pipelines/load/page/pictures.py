"""The pictures: Vega-Lite charts, described by Altair. Their words are years, codes and regions only.

So one picture serves both languages; what its colours mean stands beside it in HTML. A description holds no data: it is
kept (`pipelines.load.page.drawn`), and `pipelines.load.page.svg` makes pictures of it.
"""

import json
from collections.abc import Mapping, Sequence

import altair as alt

from pipelines.load.page.pixels import HEIGHT

_FONT = "system-ui, sans-serif"
_WIDTH = 640
_NO_DATA = alt.InlineData(values=[])


def describe_shares(colours: Mapping[str, str]) -> str:
    """Return stacked columns, one a year: how the counts of a year divide. Data: year, kind, count.

    Args:
        colours: Colour of each kind, from the ground up.
    """
    chart = (
        alt.Chart(_NO_DATA)
        .mark_bar()
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
            # One agency has a tick at a half, whatever tickMinStep says; a half of an agency has no label.
            y=alt.Y(
                "sum(count):Q", title=None, axis=alt.Axis(labelExpr="datum.value % 1 ? '' : format(datum.value, ',d')")
            ),
            color=alt.Color("kind:N", scale=_scale(colours), legend=None),
            order=alt.Order("place:Q"),
        )
        .transform_calculate(place=f"indexof({list(colours)!r}, datum.kind)")
        .properties(width=_WIDTH, height=HEIGHT)
    )
    return _style(chart)


def describe_map(regions: Sequence[str]) -> str:
    """Return a grid of regions by years, the darker the larger the rate. Data: region, year, rate (0 to 1).

    Args:
        regions: In the order from the top.
    """
    base = alt.Chart(_NO_DATA).encode(
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
    return _style(chart)


def describe_lines(colours: Mapping[str, str]) -> str:
    """Return one line a series over the years, in per cent. Data: series, year, rate (0 to 1).

    Args:
        colours: Colour of each series.
    """
    chart = (
        alt.Chart(_NO_DATA)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("percent:Q", title=None, axis=alt.Axis(format=".3~g"), scale=alt.Scale(zero=True)),
            color=alt.Color("series:N", scale=_scale(colours), legend=None),
        )
        .transform_calculate(percent="datum.rate * 100")
        .properties(width=_WIDTH, height=HEIGHT)
    )
    return _style(chart)


def _scale(colours: Mapping[str, str]) -> alt.Scale:
    return alt.Scale(domain=list(colours), range=list(colours.values()))


def _style(chart: alt.Chart | alt.LayerChart | alt.FacetChart) -> str:
    styled = (
        chart.configure(font=_FONT, background="white").configure_view(stroke=None).configure_axis(gridColor="#eee")
    )
    told = styled.to_dict()
    return json.dumps({key: told[key] for key in told if key not in ("data", "datasets")})

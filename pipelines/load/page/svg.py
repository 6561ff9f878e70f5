"""Pictures as SVG, to stand inside a page, made of a Vega-Lite description and what it shows."""

import json
import re

import polars as pl
import vl_convert

from pipelines.errors import WarehouseError

_IDENTIFIER = re.compile(r'\bid="([^"]+)"')


def draw_svg(shown: pl.DataFrame, description: str, name: str) -> str:
    """Return a picture as SVG.

    Args:
        shown: The data, in the columns that the description names.
        description: The chart without its data (`pipelines.load.page.pictures`), as JSON.
        name: Of the picture, to keep its inner identifiers apart from those of others.

    Raises:
        WarehouseError: The picture cannot be drawn, which is a fault of ours.
    """
    chart = {**json.loads(description), "data": {"values": shown.to_dicts()}}
    try:
        svg: str = vl_convert.vegalite_to_svg(chart)
    except ValueError as error:
        raise WarehouseError(f"picture {name} of the quality page cannot be drawn: {error}") from error
    # Every picture numbers its clip paths from one, and all of them share the page.
    for identifier in dict.fromkeys(_IDENTIFIER.findall(svg)):
        own = f"{name}-{identifier}"
        svg = svg.replace(f'id="{identifier}"', f'id="{own}"').replace(f"#{identifier})", f"#{own})")
    return svg

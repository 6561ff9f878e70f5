"""Pictures and tables of the page, kept from one page to the next by what they show.

The libraries that draw them take longer to be imported than a small change to be published, and of one changed report
most of them show nothing. So a picture is drawn where it shows something new, and the library is imported then. Those
that describe pictures and set tables do so without what they show (`svg`, `filled`), and are hardly ever asked again.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines.staging.fingerprint import hash_parts
from pipelines.staging.store import write_file


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn for the page before, and for this one, as HTML by a hash of what it shows."""

    before: Mapping[str, str] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)

    def draw_picture(self, way: str, about: object, shown: pl.DataFrame, name: str) -> str:
        """Return what `shown` looks like as SVG.

        Args:
            way: `shares`, `map` or `lines`.
            about: What `describe_<way>` of `pictures` takes.
            shown: The data, in the columns that it names.
            name: Of the picture, to keep its inner identifiers apart from those of others.
        """
        return self.draw("svg", shown, self.draw(way, about), name)

    def draw(self, way: str, shown: object, *rest: object, **more: object) -> str:
        """Return what a function makes of `shown`, now or before.

        Args:
            way: `table` for `tables.set_table`, `svg` for `svg.draw_svg`, any other for `pictures.describe_<way>`.
            shown: A frame, or what stands for its shape.
            rest: What else the function takes.
            more: The same, by name.
        """
        told = shown.write_json() if isinstance(shown, pl.DataFrame) else repr(shown)
        key = hash_parts(way, told, repr(rest), repr(sorted(more.items())))
        if key not in self.now:
            known = self.before.get(key)
            self.now[key] = _draw(way, shown, *rest, **more) if known is None else known
        return self.now[key]


def _draw(way: str, *facts: object, **more: object) -> str:
    # Each takes a quarter or half a second, for libraries that the others do without.
    ways: dict[str, Callable[..., str]]
    if way == "table":
        from pipelines.load.page.tables import set_table

        ways = {"table": set_table}
    elif way == "svg":
        from pipelines.load.page.svg import draw_svg

        ways = {"svg": draw_svg}
    else:
        from pipelines.load.page.pictures import describe_lines, describe_map, describe_shares

        ways = {"shares": describe_shares, "map": describe_map, "lines": describe_lines}
    return ways[way](*facts, **more)


def read_drawn(path: Path, base: str) -> Drawn:
    """Return what was drawn for the page before; nothing where it is not there, or was drawn by other code.

    Args:
        path: Where `note_drawn` noted it.
        base: Hash of the code and its libraries.
    """
    try:
        noted = json.loads(path.read_bytes())
        return Drawn(dict(noted["drawn"]) if noted["base"] == base else {})
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, KeyError):
        return Drawn()


def note_drawn(path: Path, base: str, drawn: Drawn) -> None:
    """Note what was drawn for this page."""
    write_file(path, json.dumps({"base": base, "drawn": drawn.now}, ensure_ascii=False).encode())

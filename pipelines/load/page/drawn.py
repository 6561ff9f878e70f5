"""Pictures and tables of the page, kept from one page to the next by what they show.

The libraries that draw them take longer to be imported than a small change to be published, and of one changed report
most of them show nothing. So a picture is drawn where it shows something new, and the libraries are imported then.
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

    def draw(self, way: str, shown: object, *rest: object, **more: object) -> str:
        """Return what `draw_<way>` of `pictures` or `set_table` of `tables` makes of `shown`, drawn now or before.

        Args:
            way: `shares`, `map`, `lines` or `table`.
            shown: A frame, or the headings of a table.
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
    # Each of the two takes half a second, for libraries that the other does without.
    ways: dict[str, Callable[..., str]]
    if way == "table":
        from pipelines.load.page.tables import set_table

        ways = {"table": set_table}
    else:
        from pipelines.load.page.pictures import draw_lines, draw_map, draw_shares

        ways = {"shares": draw_shares, "map": draw_map, "lines": draw_lines}
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

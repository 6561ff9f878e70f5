"""How the command writes to a terminal: one console, one look of tables."""

import sys
from collections.abc import Iterable
from io import TextIOWrapper
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

from pipelines.errors import make_harmless

_PIPE_WIDTH = 240  # where no terminal states its width, lines are not folded at 80 columns


class _HarmlessConsole(Console):
    """A console to which no text gives commands: those of its own are no text."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the segments of something to be shown."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(make_harmless(segment.text), segment.style)


def make_console(out: TextIO | None = None) -> Console:
    """Return a console on `out`, or on standard output: colours for a person, plain text for a file or a pipe.

    What its encoding has no character for is shown as `?`: a person reads it, and would rather read the rest.
    """
    stream = out or sys.stdout
    if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
        stream.reconfigure(errors="replace")
    return _HarmlessConsole(file=stream, width=None if stream.isatty() else _PIPE_WIDTH, highlight=False, emoji=False)


def make_table(title: str | None = None) -> Table:
    """Return an empty table in the look that all commands share."""
    return Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)

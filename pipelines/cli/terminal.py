"""How the command writes to a terminal: one console, one look of tables."""

import sys
from io import TextIOWrapper
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

_PIPE_WIDTH = 240  # where no terminal states its width, lines are not folded at 80 columns


def make_console(out: TextIO | None = None) -> Console:
    """Return a console on `out`, or on standard output: colours for a person, plain text for a file or a pipe.

    What its encoding has no character for is shown as `?`: a person reads it, and would rather read the rest.
    """
    stream = out or sys.stdout
    if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
        stream.reconfigure(errors="replace")
    return Console(file=stream, width=None if stream.isatty() else _PIPE_WIDTH, highlight=False, emoji=False)


def make_table(title: str | None = None) -> Table:
    """Return an empty table in the look that all commands share."""
    return Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)

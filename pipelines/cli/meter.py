"""The progress of a build, on the terminal."""

import sys
from collections.abc import Sequence
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pipelines.cli.terminal import make_console
from schemas.vocabulary import Stage


class Meter:
    """A progress bar over the years, with the stage and batch that is under way."""

    def __init__(self, *, disable: bool) -> None:
        """Draw on standard error, where it does not mix with the result, unless `disable`."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            console=make_console(sys.stderr),
            disable=disable,
            transient=True,
        )
        self._task: TaskID = self._progress.add_task("inventory", total=None, detail="")
        self._years: Sequence[str] = ()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def plan(self, years: Sequence[str]) -> None:
        """Take note of the years that will be run; the publish counts as one more."""
        self._years = years
        self._progress.update(self._task, description="report years", total=len(years) + 1)

    def advance(self, stage: Stage, partition: str, made: int, total: int) -> None:
        """Show how far a stage of a year is."""
        done = self._years.index(partition) if partition in self._years else len(self._years)
        detail = f"{partition} {stage.value} {made}/{total}" if total else f"{partition} {stage.value}"
        self._progress.update(self._task, completed=done, detail=detail)

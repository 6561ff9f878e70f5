"""`gongkai fetch`: reports from the sites of the list into the raw folder, with a view of how far it is."""

import sys
import threading
from argparse import Namespace
from collections import Counter
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from pipelines.cli.terminal import make_console, make_table
from pipelines.errors import FetchError, UsageError
from pipelines.ingest.fetch import (
    Candidate,
    FetchRun,
    Outcome,
    Source,
    Watcher,
    choose_sources,
    fetch_reports,
    load_settings,
    load_sources,
    preview_reports,
)
from pipelines.ingest.fetch.warc import write_warc
from pipelines.orchestrate.project import open_project
from pipelines.read import detect_format
from pipelines.settings import Workspace
from schemas.vocabulary import FetchOutcome

_FAILURES_SHOWN = 20


def run(options: Namespace) -> int:
    """Fetch and show what came; 1 where anything failed."""
    workspace = open_project(options.raw, options.warehouse).workspace
    if workspace.raw_url:
        raise UsageError(f"{workspace.raw_url}: fetching writes to a folder; name one with --raw and copy it there")
    if not workspace.raw.is_dir():
        raise UsageError(f"{workspace.raw} is not a folder; name the raw files with --raw")
    if options.warc is not None:
        return _export(workspace, options.warc, quiet=options.quiet)
    listed = load_sources(workspace.sources)
    if not listed:
        raise UsageError(
            f"{workspace.sources} lists no site; copy data/sources.example.csv there and write your own lines"
        )
    sources = choose_sources(listed, options.source)
    if options.dry_run:
        return _preview(workspace, sources, options.years)
    with Meter(len(sources), disable=options.quiet or not sys.stderr.isatty()) as meter:
        done = fetch_reports(
            workspace,
            sources,
            load_settings(workspace),
            detect_format,
            years=options.years,
            watcher=Watcher(meter.count, meter.finish),
        )
    if not options.quiet:
        _show(make_console(), done)
    return 1 if done.results["failed"].sum() else 0


def _preview(workspace: Workspace, sources: list[Source], years: tuple[str, ...] | None) -> int:
    console = make_console()
    table = make_table()
    for column in ("source", "year", "report", "address", ""):
        table.add_column(column, overflow="fold")
    failed: list[FetchError] = []
    count = 0
    for source, found, is_known in preview_reports(workspace, sources, load_settings(workspace), years=years):
        if isinstance(found, Candidate):
            count += 1
            state = "known, asked for changes" if is_known else "new"
            table.add_row(source.name, str(found.year or "undated"), found.title, found.address, state)
        else:
            failed.append(found)
    console.print(table)
    console.print(f"{count} reports would be looked at, and the files that their pages link. Nothing was written.")
    for error in failed:
        make_console(sys.stderr).print(str(error), style="red", markup=False)
    return 1 if failed else 0


def _export(workspace: Workspace, target: Path, *, quiet: bool) -> int:
    count = write_warc(workspace.raw, target)
    if not quiet:
        make_console().print(f"{count} answers written to {target}.")
    return 0


def _show(console: Console, done: FetchRun) -> None:
    """Show the results by source, then what failed."""
    table = make_table()
    kinds = [kind.value for kind in FetchOutcome]
    table.add_column("source")
    for kind in (*kinds, "bytes"):
        table.add_column(kind, justify="right")
    for row in done.results.iter_rows(named=True):
        table.add_row(row["source"], *(f"{row[kind]:,}" for kind in kinds), f"{row['bytes']:,}")
    console.print(table)
    failures = done.outcomes.filter(outcome=FetchOutcome.FAILED.value)
    for row in failures.head(_FAILURES_SHOWN).iter_rows(named=True):
        console.print(
            f"{row['source']}: {row['url']}: {row['reason_code']}: {row['reason']}", style="red", markup=False
        )
    if failures.height > _FAILURES_SHOWN:
        console.print(f"… and {failures.height - _FAILURES_SHOWN} more that failed")
    if done.is_resumed:
        console.print("An unfinished run was gone on with; the numbers are of both parts.")


class Meter:
    """Sources done, and what came so far; told from several threads."""

    def __init__(self, total: int, *, disable: bool) -> None:
        """Draw on standard error, where it does not mix with the result, unless `disable`."""
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=10),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[counts]}"),
            # Only what was last fetched gives way where the terminal is narrow.
            TextColumn("{task.fields[last]}", style="dim", table_column=Column(ratio=1, no_wrap=True)),
            console=make_console(sys.stderr),
            disable=disable,
            transient=True,
            expand=True,
        )
        self._task = self._progress.add_task("sources", total=total, counts="", last="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def count(self, outcome: Outcome) -> None:
        """Show one outcome more, and where it came from."""
        with self._lock:
            self._counts[outcome.outcome.value] += 1
            shown = (kind.value for kind in FetchOutcome if self._counts[kind.value])
            counts = "  ".join(f"{name} {self._counts[name]}" for name in shown)
        self._progress.update(self._task, counts=counts, last=f"{outcome.source}: {outcome.title or ''}")

    def finish(self, _source: str) -> None:
        """Show one source more as done."""
        self._progress.advance(self._task)

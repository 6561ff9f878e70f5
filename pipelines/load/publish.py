"""Publishing: build beside, prove, swap. The warehouse in place is whole before, during and after."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
from polars.exceptions import PolarsError

from pipelines.errors import GongkaiError, WarehouseError, one_line
from pipelines.load.build import fill_warehouse, open_build, settle
from pipelines.load.changelog import compare_ahead
from pipelines.load.file_states import SettledFiles
from pipelines.load.fill import CATALOG, Fill, count_rows, key_order, write_twin
from pipelines.load.package import write_package
from pipelines.load.page.compose import PageLimits, compose_page
from pipelines.load.page.drawn import note_drawn, read_drawn
from pipelines.load.page.tally import Twins, tally_twins
from pipelines.load.portions import Staging, name_part, open_staging
from pipelines.load.proofs import prove_models, prove_warehouse
from pipelines.load.record import (
    PublishSummary,
    Record,
    find_published,
    find_record,
    fingerprint_base,
    hash_batches,
    note_published,
)
from pipelines.load.refresh import copy_database, is_refreshable, refresh_warehouse
from pipelines.load.settings import LoadLimits
from pipelines.settings import Workspace
from pipelines.staging import build_lock, close_workers
from schemas.ddl import quote_name, warehouse_tables
from schemas.vocabulary import FileStatus

_BUILD_PREFIX = ".publish-"
TWINS_PREFIX = ".parquet-"
_PAGE, _DRAWN = "page", "drawn.json"  # below staging: what was asked and drawn for the page


def publish_warehouse(workspace: Workspace, limits: LoadLimits | None = None) -> PublishSummary:
    """Build the warehouse from what is staged and put it in place of the old one.

    The new file is made in a folder of its own below the warehouse (the same file system, so that the swap is one
    rename), proved, closed, forced to disk, and renamed over the old one. Readers that have the old file open keep it;
    who opens the path gets one whole file or the other.

    The Parquet twins of a release stand in a folder of their own, and `parquet` is a link that is swung to it in one
    step; the release before stays until the next. Replacing file by file was tried and left: Polars opens a path twice,
    once for the footer and once for the pages, and failed when the file changed in between; and twins of two releases
    stood side by side. Who resolves the link once (`Path.resolve`) reads all tables of one release.

    Where the warehouse in place was made from the very same frames, decisions and code, and nobody has written to it,
    nothing is done (`is_unchanged`). Where few files have changed since, a copy of it is refreshed (`is_refreshed`).

    Raises:
        WarehouseError: The build failed or did not prove itself, in one line; what was in place is untouched.
    """
    limits = limits or LoadLimits()
    try:
        with build_lock(workspace):
            remove_leftovers(workspace)
            base = fingerprint_base(workspace, limits)
            published = find_published(workspace, base, open_staging(workspace))
            if published is not None:
                return published
            with _build_folder(workspace.warehouse) as folder:
                summary, record, fill = _build(workspace, folder, limits, base)
                old = _swap(workspace, folder)
                # Beside the notes, which take as long: a release has thousands of files, and a gigabyte in one.
                with ThreadPoolExecutor(1) as aside:
                    removed = aside.submit(_remove, workspace, [*old, folder])
                    _note(workspace, record, fill)
                    removed.result()
            return summary
    except WarehouseError:
        raise
    except (GongkaiError, OSError, duckdb.Error, PolarsError) as error:
        raise WarehouseError(f"{_unchanged(workspace)}: {one_line(error)}") from error


def _unchanged(workspace: Workspace) -> str:
    """Return what a failed publish says of the warehouse in place, where there is one."""
    return f"{workspace.database} is unchanged" if workspace.database.exists() else f"{workspace.database} was not made"


def remove_leftovers(workspace: Workspace) -> None:
    """Remove the folders that killed builds have left: only who holds the build lock calls this, so they are nobody's.

    Raises:
        WarehouseError: One cannot be removed.
    """
    try:
        for leftover in workspace.warehouse.glob(f"{_BUILD_PREFIX}*"):
            shutil.rmtree(leftover)
    except OSError as error:
        raise WarehouseError(f"what a killed build has left cannot be removed: {one_line(error)}") from error


def is_published(workspace: Workspace, limits: LoadLimits | None = None) -> bool:
    """Tell whether the warehouse in place is what would be published now, and untouched."""
    return (
        find_published(workspace, fingerprint_base(workspace, limits or LoadLimits()), open_staging(workspace))
        is not None
    )


def _build(workspace: Workspace, folder: Path, limits: LoadLimits, base: str) -> tuple[PublishSummary, Record, Fill]:
    """Refresh a copy of the release in place where little has changed, else build the whole."""
    before = find_record(workspace)
    if before is not None and not is_refreshable(before, base, open_staging(workspace)):
        before = None
    new = folder / workspace.database.name
    # Beside it, because the system does it by itself, and what is said of the files is settled in the meantime.
    with ThreadPoolExecutor(1) as aside:
        closed = aside.submit(close_workers)  # nothing is mapped any more, and each holds what its largest portion took
        copied = None if before is None else aside.submit(_copy_whole, workspace.database, new)
        staging, settled = settle(workspace)
        closed.result()
        if before is not None and copied is not None:
            copied.result()
            made = _fill(workspace, folder, limits, (staging, settled), before)
            if made is not None:
                return _summarize(workspace, folder, made, base, before.refreshes + 1)
            _empty(folder)
    made = _fill(workspace, folder, limits, (staging, settled), None)
    if made is None:
        raise WarehouseError(f"{_unchanged(workspace)}: a whole build was refused")
    return _summarize(workspace, folder, made, base, 0)


def _copy_whole(source: Path, target: Path) -> None:
    """Copy a database and force it to disk: most of it stays as it is, and DuckDB waits where that still goes on."""
    copy_database(source, target)
    _sync(target)


def _fill(
    workspace: Workspace, folder: Path, limits: LoadLimits, found: tuple[Staging, SettledFiles], before: Record | None
) -> Fill | None:
    """Fill and prove the new file and its twins; None where a refresh finds that too much has changed."""
    inputs, twins = folder / "inputs", folder / "parquet"
    inputs.mkdir()
    twins.mkdir()
    with ThreadPoolExecutor(1) as aside, open_build(folder / workspace.database.name, limits) as connection:
        fill = Fill(connection, workspace, inputs, twins, limits, *found)
        if before is None:
            fill_warehouse(fill)
        elif not refresh_warehouse(fill, before, workspace.parquet.resolve()):
            return None
        # Where few files have changed a core is to spare: the small tables' twins are written while the rest is proved
        # and shown, and what differs is found while the file is closed. What goes wrong with that is no reason not to
        # publish: the changelog compares for itself then, and says it.
        twinned = aside.submit(_write_twins, fill)
        if before is not None:
            aside.submit(compare_ahead, workspace.parquet.resolve(), twins)
        prove_warehouse(connection, fill.settled, fill.rows, None if before is None else fill.written)
        _write_page(fill, folder / workspace.quality_page.name)
        fill.counts = {spec.name: count_rows(connection, spec.name) for spec in warehouse_tables()}
        twinned.result()
    _prove_kept(folder / workspace.database.name, fill.counts)
    prove_models(twins, limits, None if before is None else fill.written)
    return fill


def _prove_kept(database: Path, counts: Mapping[str, int]) -> None:
    """Count the rows of the closed file: it has no log, so that what a checkpoint left out would be lost unsaid.

    Raises:
        WarehouseError: A table holds other rows than were entered and proved.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        lost = [name for name, count in counts.items() if count_rows(connection, name) != count]
    if lost:
        raise WarehouseError(f"the new file was closed without all rows of {', '.join(lost)}; nothing was published")


def _write_twins(fill: Fill) -> None:
    """Write the twins of the small tables, and what describes all; the big ones' are written portion by portion."""
    with fill.connection.cursor() as connection:  # its own, so that it works beside the one that fills
        connection.execute(f"USE {CATALOG}")
        for name in fill.written:
            # As they stand but for those that a refresh entered.
            rows = f"FROM {quote_name(name)} ORDER BY {key_order(name)}"
            write_twin(connection, name, fill.twins / f"{name}.parquet", rows, fill.limits)
        write_package(connection, fill.twins)


def _write_page(fill: Fill, path: Path) -> None:
    kept, base = fill.workspace.staging / _PAGE, fingerprint_base(fill.workspace, fill.limits)
    drawn = read_drawn(kept / _DRAWN, base)
    parts = {batch: f"{name_part(batch)}.parquet" for batch in fill.staging.batches()}
    limits = PageLimits()
    twins = Twins(fill.twins, parts, fill.placed, fill.folder)
    tallies = tally_twins(fill.connection, limits.worst.reports, twins, kept, base)
    path.write_text(compose_page(fill.connection, limits, drawn, tallies), encoding="utf-8")
    note_drawn(kept / _DRAWN, base, drawn)


def _summarize(
    workspace: Workspace, folder: Path, fill: Fill, base: str, refreshes: int
) -> tuple[PublishSummary, Record, Fill]:
    states = fill.settled.source_file["status"].to_list()
    files = {status.value: states.count(status.value) for status in FileStatus}
    size = (folder / workspace.database.name).stat().st_size
    summary = PublishSummary(
        workspace.database, workspace.parquet, size, fill.counts, files, is_refreshed=refreshes > 0
    )
    return summary, Record(base, hash_batches(fill.staging), fill.counts, files, refreshes), fill


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _swap(workspace: Workspace, folder: Path) -> list[Path]:
    """Put the proved files in place; return the releases that may be removed now.

    A write-ahead log left beside the target by a client that died would be replayed into the new file, so it goes
    first; one beside the new file would mean that not everything is in it.
    """
    new = folder / workspace.database.name
    if log_of(new).exists():
        raise WarehouseError(f"{_unchanged(workspace)}: the new file was closed but left a write-ahead log")
    twins = folder / "parquet"
    page = folder / workspace.quality_page.name
    for path in (f"{new}", f"{page}", *_list_new(f"{twins}"), f"{twins}"):
        _sync(path)
    release = workspace.warehouse / f"{TWINS_PREFIX}{folder.name.removeprefix(_BUILD_PREFIX)}"
    twins.rename(release)
    with suppress(OSError):  # no file is in place, or the file system knows no second names
        os.link(workspace.database, folder / "before")  # keeps the swap from waiting until its space is given back
    try:
        log_of(workspace.database).unlink(missing_ok=True)
        new.replace(workspace.database)
    except OSError:
        shutil.rmtree(release, ignore_errors=True)
        raise
    _sync(workspace.warehouse)
    try:
        old = swing_link(workspace.parquet, release, folder)
        page.replace(workspace.quality_page)
        _sync(workspace.warehouse)
    except OSError as error:
        raise WarehouseError(
            f"{workspace.database} is published, but {workspace.parquet} or {workspace.quality_page.name} still shows "
            f"the tables before it: {one_line(error)}; publish again"
        ) from error
    return old


def _remove(workspace: Workspace, folders: Iterable[Path]) -> None:
    try:
        for path in folders:
            shutil.rmtree(path)
    except OSError as error:
        raise WarehouseError(
            f"{workspace.database} is published, but what it replaced cannot be removed: {one_line(error)}"
        ) from error


def _list_new(folder: str) -> Iterator[str]:
    """Yield every folder and file in it but those that are links to the release before, which are on the disk."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _list_new(entry.path)
                yield entry.path
            elif entry.stat().st_nlink == 1:
                yield entry.path


def _note(workspace: Workspace, record: Record, fill: Fill) -> None:
    try:
        note_published(workspace, record, fill.digests, fill.settled.seen_report)
    except OSError as error:
        raise WarehouseError(
            f"{workspace.database} is published, but what it was made from could not be noted: {one_line(error)}; "
            "the next build publishes it again"
        ) from error


def swing_link(link: Path, release: Path, folder: Path) -> list[Path]:
    """Point `link` at `release` and return the releases that are neither this one nor the one before."""
    before = link.resolve() if link.is_symlink() else None
    if link.is_dir() and not link.is_symlink():
        before = link.rename(
            release.with_name(f"{release.name}-before")
        )  # a copy of a warehouse made without its links
    new_link = folder / link.name
    new_link.symlink_to(release.name)
    new_link.replace(link)
    _sync(link.parent)
    return [path for path in link.parent.glob(f"{TWINS_PREFIX}*") if path not in (release, before)]


@contextmanager
def _build_folder(warehouse: Path) -> Iterator[Path]:
    """Give an empty folder for one build, and remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix=_BUILD_PREFIX, dir=warehouse))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def log_of(database: Path) -> Path:
    """Return where DuckDB keeps the write-ahead log of a database."""
    return database.with_name(f"{database.name}.wal")


def _sync(path: Path | str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

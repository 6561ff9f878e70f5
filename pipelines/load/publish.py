"""Publishing: build beside, prove, swap. The warehouse in place is whole before, during and after."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from polars.exceptions import PolarsError

from pipelines.errors import GongkaiError, WarehouseError
from pipelines.load.build import count_rows, fill_warehouse, open_build
from pipelines.load.proofs import prove_models, prove_warehouse
from pipelines.load.record import PublishSummary, find_published, fingerprint_release, note_published
from pipelines.load.settings import LoadLimits
from pipelines.settings import Workspace
from pipelines.staging import build_lock
from schemas.ddl import quote_name, quote_text, warehouse_tables
from schemas.vocabulary import FileStatus

_BUILD_PREFIX = ".publish-"
_TWINS_PREFIX = ".parquet-"


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
    nothing is done (`is_unchanged`).

    Raises:
        WarehouseError: The build failed or did not prove itself, in one line; what was in place is untouched.
    """
    limits = limits or LoadLimits()
    try:
        with build_lock(workspace):
            fingerprint = fingerprint_release(workspace, limits)
            published = find_published(workspace, fingerprint)
            if published is not None:
                return published
            with _build_folder(workspace.warehouse) as folder:
                summary = _build(workspace, folder, limits)
                _swap(workspace, folder)
            _note(workspace, fingerprint, summary)
            return summary
    except WarehouseError:
        raise
    except (GongkaiError, OSError, duckdb.Error, PolarsError) as error:
        raise WarehouseError(f"{workspace.database} is unchanged: {_one_line(error)}") from error


def is_published(workspace: Workspace, limits: LoadLimits | None = None) -> bool:
    """Tell whether the warehouse in place is what would be published now, and untouched."""
    return find_published(workspace, fingerprint_release(workspace, limits or LoadLimits())) is not None


def _build(workspace: Workspace, folder: Path, limits: LoadLimits) -> PublishSummary:
    inputs, twins, path = folder / "inputs", folder / "parquet", folder / workspace.database.name
    inputs.mkdir()
    twins.mkdir()
    with open_build(path, limits) as connection:
        settled = fill_warehouse(connection, workspace, inputs, limits)
        prove_warehouse(connection, workspace, settled)
        _write_twins(connection, twins, limits)
        _write_page(connection, folder / workspace.quality_page.name)
        rows = {spec.name: count_rows(connection, spec.name) for spec in warehouse_tables()}
    prove_models(twins, limits)
    states = settled.source_file["status"].to_list()
    by_status = {status.value: states.count(status.value) for status in FileStatus}
    return PublishSummary(workspace.database, workspace.parquet, path.stat().st_size, rows, by_status)


def _write_twins(connection: duckdb.DuckDBPyConnection, folder: Path, limits: LoadLimits) -> None:
    for spec in warehouse_tables():
        target = quote_text(str(folder / f"{spec.name}.parquet"))
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {limits.row_group_rows}"
        connection.execute(f"COPY {quote_name(spec.name)} TO {target} ({options})")


def _write_page(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    from pipelines.load.page import compose_page  # what draws it takes a second to import, and only a publish needs it

    path.write_text(compose_page(connection), encoding="utf-8")


def _swap(workspace: Workspace, folder: Path) -> None:
    """Put the proved files in place.

    A write-ahead log left beside the target by a client that died would be replayed into the new file, so it goes
    first; one beside the new file would mean that not everything is in it.
    """
    new = folder / workspace.database.name
    if _log_of(new).exists():
        raise WarehouseError(f"{workspace.database} is unchanged: the new file was closed but left a write-ahead log")
    twins = folder / "parquet"
    page = folder / workspace.quality_page.name
    for path in (new, page, *twins.iterdir(), twins):
        _sync(path)
    release = workspace.warehouse / f"{_TWINS_PREFIX}{folder.name.removeprefix(_BUILD_PREFIX)}"
    twins.rename(release)
    try:
        _log_of(workspace.database).unlink(missing_ok=True)
        new.replace(workspace.database)
    except OSError:
        shutil.rmtree(release, ignore_errors=True)
        raise
    _sync(workspace.warehouse)
    try:
        _swing_link(workspace.parquet, release, folder)
        page.replace(workspace.quality_page)
        _sync(workspace.warehouse)
    except OSError as error:
        raise WarehouseError(
            f"{workspace.database} is published, but {workspace.parquet} or {workspace.quality_page.name} still shows "
            f"the tables before it: {_one_line(error)}; publish again"
        ) from error


def _note(workspace: Workspace, fingerprint: str, summary: PublishSummary) -> None:
    try:
        note_published(workspace, fingerprint, summary)
    except OSError as error:
        raise WarehouseError(
            f"{workspace.database} is published, but what it was made from could not be noted: {_one_line(error)}; "
            "the next build publishes it again"
        ) from error


def _swing_link(link: Path, release: Path, folder: Path) -> None:
    """Point `link` at `release` and remove the releases that are neither this one nor the one before."""
    before = link.resolve() if link.is_symlink() else None
    if link.is_dir() and not link.is_symlink():
        before = link.rename(
            release.with_name(f"{release.name}-before")
        )  # a copy of a warehouse made without its links
    new_link = folder / link.name
    new_link.symlink_to(release.name)
    new_link.replace(link)
    _sync(link.parent)
    for path in link.parent.glob(f"{_TWINS_PREFIX}*"):
        if path not in (release, before):
            shutil.rmtree(path)


@contextmanager
def _build_folder(warehouse: Path) -> Iterator[Path]:
    """Give an empty folder for one build, and remove it and what killed builds have left.

    Only the holder of the build lock comes here, so whatever stands under the prefix belongs to nobody.
    """
    for leftover in warehouse.glob(f"{_BUILD_PREFIX}*"):
        shutil.rmtree(leftover)
    folder = Path(tempfile.mkdtemp(prefix=_BUILD_PREFIX, dir=warehouse))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _log_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.wal")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__

"""The inventory: one row for every raw file, its hash, its partition, and why it is not read where it is not."""

from collections.abc import Callable, Collection
from datetime import date

import polars as pl

from pipelines.errors import WarehouseError
from pipelines.ingest.batches import stage_inventory
from pipelines.ingest.captures import read_captures
from pipelines.ingest.hashing import hash_listed
from pipelines.ingest.ledger import STATE, read_ledger, trust_ledger, write_ledger
from pipelines.ingest.listing import RawListing, list_raw
from pipelines.ingest.packed import unpack_reports
from pipelines.ingest.raw import EMPTY_FILE, too_large
from pipelines.ingest.unchanged import is_unchanged, list_years, note_inventory
from pipelines.settings import Workspace, get_today
from pipelines.staging.lock import build_lock
from pipelines.staging.store import UNDATED
from schemas.ids import stable_id
from schemas.table import table
from schemas.vocabulary import FIRST_YEAR


def identify_file(path: str) -> int:
    """Return the `file_id` of a path below the raw folder."""
    return stable_id("file", path)


def update_inventory(
    workspace: Workspace, partitions: Collection[str] | None = None, on_news: Callable[[], None] | None = None
) -> None:
    """Take the inventory where anything under the raw folder is not as the last one found it.

    Most builds find what they left, and a run of one report year follows the plan that listed all of them.

    Args:
        workspace: Whose raw folder is looked at.
        partitions: The only partitions to stage; None for all.
        on_news: Called before it is taken: there will be something to read.

    Raises:
        UsageError: The raw folder cannot be opened, or the warehouse folder not be written to.
        WarehouseError: Another build is running, or two paths share an identifier.
    """
    with build_lock(workspace):
        years = list_years(partitions)
        listed = list_raw(workspace, years)
        if not is_unchanged(workspace, listed, get_today().year, partitions):
            (on_news or (lambda: None))()
            take_inventory(workspace, partitions=partitions, listed=listed if years is None else None)


def take_inventory(
    workspace: Workspace,
    today: date | None = None,
    partitions: Collection[str] | None = None,
    listed: RawListing | None = None,
) -> pl.DataFrame:
    """Return the frame `files` of all partitions, ordered by path, and stage it as stage `ingest`.

    With it go the findings and, from the sidecars of fetching, where the files came from (frame `captures`).

    A file is hashed when its path is new or its size, times or inode have changed since the last inventory. Whether the
    same bytes stand twice is not decided here: that is for load, which knows the reports. The members of an archive of
    several reports are files of their own (`pipelines.ingest.packed`).

    Args:
        workspace: Whose raw folder is listed.
        today: Decides which report year is in the future; None for `get_today`.
        partitions: The only partitions to stage, so that one year can be run while others have news; None for all.
        listed: What stands under the raw folder, where it has just been listed.

    Raises:
        UsageError: The raw folder cannot be opened, or the warehouse folder not be written to.
        WarehouseError: Another build is running, or two paths share an identifier.
    """
    with build_lock(workspace):
        this_year = (today or get_today()).year
        listed = listed or list_raw(workspace)
        ledger = read_ledger(workspace)
        hashed = _hash_files(workspace, listed.files, trust_ledger(ledger))
        unpacked, members = unpack_reports(workspace, hashed)
        files = table("files").conform(_classify(_identified(unpacked), this_year))
        captures, doubts = read_captures(workspace, files, members, listed.sidecars)
        stage_inventory(workspace, files, captures, doubts, partitions)
        write_ledger(workspace, hashed, ledger)
        if partitions is None:
            note_inventory(workspace, listed, hashed, this_year)
    return files


# -------------------------------------------------------------------------------------------------------------- hashing


def _hash_files(workspace: Workspace, listed: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """Return the listing with `sha256`, `hashed_ns` and `file_id`, from the ledger where the state is the same."""
    known = listed.join(ledger, on=STATE, how="left", maintain_order="left")
    most_bytes = workspace.limits.file_bytes
    is_large = pl.col("reason_code").is_null() & (pl.col("bytes") > most_bytes)
    is_open = pl.col("reason_code").is_null() & pl.col("sha256").is_null() & ~is_large
    opened = known.filter(is_open)
    fresh = hash_listed(workspace, opened)
    large = known.filter(is_large).select(
        *STATE,
        pl.lit("file_too_large").alias("reason_code"),
        pl.col("bytes")
        .map_elements(lambda size: str(too_large(size, most_bytes)), return_dtype=pl.String)
        .alias("reason"),
    )
    changed = pl.concat([fresh, large], how="diagonal")
    return _identified(known.update(changed, on="path", how="left") if changed.height else known)


def _identified(files: pl.DataFrame) -> pl.DataFrame:
    """Return the files with every `file_id`; the ledger knows most, and hashing a path costs more than looking it up.

    Raises:
        WarehouseError: Two paths share an identifier.
    """
    new = files.filter(pl.col("file_id").is_null())["path"]
    if len(new):
        ids = pl.DataFrame(
            {"path": new, "file_id": [identify_file(path) for path in new]}, schema_overrides={"file_id": pl.Int64}
        )
        files = files.update(ids, on="path", how="left")
    twice = files.filter(pl.col("file_id").is_duplicated())["path"].to_list()
    if twice:
        raise WarehouseError(f"two paths share an identifier, rename one of them: {twice[:2]}")
    return files


# ------------------------------------------------------------------------------------------------------- classification


def _classify(files: pl.DataFrame, this_year: int) -> pl.DataFrame:
    """Return the columns of frame `files`: partition, the year that the folder states, and this stage's reasons."""
    stated = pl.col("path").str.extract(r"^([0-9]{4})/").cast(pl.Int32)
    is_report_year = stated.is_between(FIRST_YEAR, this_year)
    is_empty = pl.col("bytes") == 0
    advice = f"It stands in the folder {{}}; report years are {FIRST_YEAR} to {this_year}: move it to its own."
    reason_code = pl.coalesce(
        "reason_code",
        pl.when(is_empty).then(pl.lit("empty_file")),
        pl.when(~is_report_year).then(pl.lit("year_out_of_range")),
    )
    reason = pl.coalesce(
        "reason",
        pl.when(is_empty).then(pl.lit(EMPTY_FILE)),
        pl.when(~is_report_year).then(pl.format(advice, stated)),
    )
    return files.select(
        "file_id",
        "path",
        pl.when(is_report_year).then(stated.cast(pl.String)).otherwise(pl.lit(UNDATED)).alias("partition"),
        pl.when(is_report_year).then(stated).alias("folder_year"),
        "bytes",
        "modified_ns",
        "sha256",
        reason_code.alias("reason_code"),
        reason.alias("reason"),
    )

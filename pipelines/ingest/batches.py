"""The inventory as the batches of stage ingest: frames `files`, `captures` and `findings`, by partition and bucket."""

from collections.abc import Collection
from pathlib import Path

import polars as pl

from pipelines.settings import Workspace
from pipelines.staging import store
from pipelines.staging.buckets import assign_buckets
from pipelines.staging.fingerprint import hash_parts
from pipelines.staging.store import Manifest, StagedBatch
from schemas.table import RAW_TEXT_LENGTH, load_reasons, table
from schemas.vocabulary import Stage

_FORMAT = (
    "2"  # of what a batch of ingest holds: raise it when the inventory's own code makes other frames of the same files
)
# Nothing that a later stage makes depends on the time of a copy, so a copied raw folder needs no new batches.
_NO_CONTENT = "modified_ns"


def stage_inventory(
    workspace: Workspace,
    files: pl.DataFrame,
    captures: pl.DataFrame,
    doubts: pl.DataFrame,
    partitions: Collection[str] | None,
) -> None:
    """Bring the batches of stage ingest up to date with `files`; drop every stage's partitions that are no more.

    Args:
        workspace: Whose staging folder is brought up to date.
        files: Frame `files` of all partitions.
        captures: Frame `captures` of all partitions.
        doubts: Frame `findings` of what was found while these were made.
        partitions: The only partitions to touch; None for all. All are touched where the last inventory was
            interrupted: it may have left any of them half staged, or files beside what is staged.
    """
    was_whole = store.is_inventory_whole(workspace)
    if not was_whole:
        partitions = None
    buckets = _fingerprint_buckets(assign_buckets(files), captures, doubts)
    by_partition = {str(key): rows for (key,), rows in buckets.partition_by("partition", as_dict=True).items()}
    staged = [entry for stage in Stage for entry in _folders(workspace.staging / stage)]
    if partitions is not None:
        staged = [entry for entry in staged if entry.name in partitions]
        by_partition = {name: rows for name, rows in by_partition.items() if name in partitions}
    gone = [entry for entry in staged if entry.name not in by_partition]
    stale = {
        partition: rows
        for partition, rows in by_partition.items()
        if not was_whole or not _is_current(workspace, partition, rows)
    }
    if not gone and not stale:
        store.mark_inventory(workspace, is_whole=True)
        return
    store.mark_inventory(workspace, is_whole=False)
    for partition, rows in stale.items():
        members = assign_buckets(files.filter(pl.col("partition") == partition))
        _stage_partition(workspace, partition, rows, members, {"captures": captures, "findings": doubts})
    for folder in gone:
        store.remove_partition(folder)
    store.mark_inventory(workspace, is_whole=True)


def find_undated(files: pl.DataFrame) -> pl.DataFrame:
    """Return the frame `findings` of this stage: each file that will be read and takes its year from the document."""
    return table("findings").conform(
        files.filter(pl.col("folder_year").is_null() & pl.col("reason_code").is_null()).select(
            "file_id",
            pl.lit(Stage.INGEST.value).alias("stage"),
            pl.lit("outside_year_folder").alias("reason_code"),
            pl.lit(load_reasons()["outside_year_folder"]["severity"]).alias("severity"),
            pl.col("path").str.head(RAW_TEXT_LENGTH).alias("raw_text"),
            pl.lit("The file stands in no year's folder, so its year is the document's; move it to its year.").alias(
                "message"
            ),
        )
    )


def _fingerprint_buckets(files: pl.DataFrame, captures: pl.DataFrame, doubts: pl.DataFrame) -> pl.DataFrame:
    """Return (partition, bucket, fingerprint, digest): a hash of all that is known of the files, and one of content.

    Neither times nor origins are content: no later stage but load looks at them, so a page that vanished from its site
    need not be read again.
    """
    content = [name for name in files.columns if name != _NO_CONTENT]
    origins = (
        pl.concat([_lines(captures), _lines(doubts)]).group_by("file_id").agg(pl.col("line").sort().str.join("\n"))
    )
    return (
        files.join(origins, on="file_id", how="left", maintain_order="left")
        .group_by("partition", "bucket", maintain_order=True)
        .agg(
            _line(content).str.join("\n").alias("content"),
            pl.col(_NO_CONTENT).cast(pl.String).str.join("\n").alias("times"),
            pl.col("line").fill_null("").str.join("\n").alias("origins"),
        )
        .with_columns(pl.col("content").map_elements(_hash, return_dtype=pl.String).alias("digest"))
        .with_columns(
            pl.concat_str("digest", "times", "origins")
            .map_elements(_hash, return_dtype=pl.String)
            .alias("fingerprint"),
        )
        .select("partition", "bucket", "fingerprint", "digest")
        .sort("partition", "bucket")
    )


def _lines(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select("file_id", _line(frame.columns).alias("line"))


def _line(columns: list[str]) -> pl.Expr:
    return pl.concat_str((pl.col(name).cast(pl.String).fill_null("\x00") for name in columns), separator="\x1f")


def _hash(text: str) -> str:
    return hash_parts(_FORMAT, text)


def _whole_batches(workspace: Workspace, partition: str) -> tuple[Path, Manifest, Manifest]:
    folder = store.partition_folder(workspace, Stage.INGEST, partition)
    listed = store.read_manifest(folder)
    return folder, listed, store.list_whole_batches(folder, listed)


def _is_current(workspace: Workspace, partition: str, buckets: pl.DataFrame) -> bool:
    _, listed, whole = _whole_batches(workspace, partition)
    found = {bucket: batch.fingerprint for bucket, batch in whole.items()}
    return found == dict(buckets.select("bucket", "fingerprint").iter_rows()) and whole.keys() == listed.keys()


def _stage_partition(
    workspace: Workspace, partition: str, buckets: pl.DataFrame, files: pl.DataFrame, about: dict[str, pl.DataFrame]
) -> None:
    folder, _, manifest = _whole_batches(workspace, partition)
    for bucket, fingerprint, digest in buckets.select("bucket", "fingerprint", "digest").iter_rows():
        staged = manifest.get(bucket)
        if staged is not None and staged.fingerprint == fingerprint:
            continue
        rows = table("files").conform(files.filter(pl.col("bucket") == bucket).drop("bucket"))
        batch = StagedBatch(fingerprint, _FORMAT, {}, {})
        told = {name: frame.join(rows, on="file_id", how="semi") for name, frame in about.items()}
        found = pl.concat([find_undated(rows), told["findings"]])
        frames = {"files": rows, "captures": told["captures"], "findings": found}
        manifest = store.write_batch(folder, manifest, bucket, batch, frames, digests={"files": digest})
    wanted = set(buckets["bucket"])
    store.write_manifest(folder, {bucket: batch for bucket, batch in manifest.items() if bucket in wanted})
    store.remove_leftovers(folder, wanted)


def _folders(stage_folder: Path) -> list[Path]:
    return [entry for entry in stage_folder.iterdir() if entry.is_dir()] if stage_folder.is_dir() else []

"""A portion, the batches of a stage that are made at once: what it is given, what it takes over, what it makes.

What an operation of an engine costs by itself is much for two hundred reports and little for two thousand, so a stage
may ask for several batches at once. Nothing depends on how they were divided: what is made of a file depends on its own
rows, and each batch is packed by itself, to the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.errors import WarehouseError
from pipelines.settings import Workspace
from pipelines.staging import store
from pipelines.staging.sources import SOURCES, digest_sources
from pipelines.staging.spec import Batch, StageSpec
from pipelines.staging.store import PackedFrame
from schemas.table import table
from schemas.vocabulary import Stage

# A file that failed for one of these may be readable the next time though its bytes are the same.
PASSING_REASONS = ("unreadable_file", "file_vanished")

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Portion:
    """Batches of one partition that are out of date, as little of them as another process needs.

    Attributes:
        buckets: The batches.
        reviews: Text of each file of reviews that the stage takes, by its name.
        reusable: (bucket, file_id, digest) of the files whose rows this very code has made, in whatever bucket; None
            where there is none.
    """

    spec: StageSpec
    workspace: Workspace
    partition: str
    buckets: tuple[str, ...]
    reviews: Mapping[str, str]
    reusable: pl.DataFrame | None

    def __str__(self) -> str:
        """Name it for a message."""
        first, last = self.buckets[0], self.buckets[-1]
        which = f"bucket {first}" if first == last else f"buckets {first} to {last}"
        return f"stage {self.spec.name}, partition {self.partition}, {which}"


@dataclass(frozen=True, slots=True)
class PreparedPortion:
    """A portion with what it is made from.

    Attributes:
        batch: What is to be computed.
        files: (file_id, bucket) of all its files.
        sources: (file_id, digest): what each file was made from.
        kept: Rows by frame that are taken over.
        is_nothing_new: Whether all rows are taken over, so that there is nothing to compute.
    """

    portion: Portion
    batch: Batch
    files: pl.DataFrame
    sources: pl.DataFrame
    kept: Mapping[str, pl.DataFrame]
    is_nothing_new: bool


@dataclass(frozen=True, slots=True)
class MadeBatch:
    """One batch, ready to be written.

    Attributes:
        retry: Files that failed for a reason that may have passed by the next build.
    """

    bucket: str
    frames: dict[str, PackedFrame]
    retry: tuple[int, ...]


def list_reusable(folder: Path, manifest: store.Manifest, code: str) -> pl.DataFrame | None:
    """Return `Portion.reusable` of a stage's partition; None where its code has changed."""
    found = []
    for bucket, batch in manifest.items():
        if batch.code == code and SOURCES in batch.frames:
            sources = store.read_batch_frame(folder, bucket, SOURCES)
            is_settled = ~pl.col("file_id").is_in(list(batch.retry))
            found.append(sources.filter(is_settled).with_columns(bucket=pl.lit(bucket)))
    return pl.concat(found).unique("file_id", keep="first", maintain_order=True) if found else None


def prepare_portion(portion: Portion) -> PreparedPortion:
    """Read what has changed, to be computed, and the rest, to be taken over.

    What is taken over is a bucket's own rows, or those of a division that is no more, so it does not matter how far the
    writing of other portions has come.
    """
    frames = {frame: _read_input(portion, stage, frame) for stage, frame in portion.spec.inputs}
    files = pl.concat(
        _read_bucket(portion, Stage.INGEST, bucket, "files").with_columns(bucket=pl.lit(bucket))
        for bucket in portion.buckets
    )
    sources = digest_sources(portion.spec, files.drop("bucket"), frames, portion.reviews)
    unchanged, kept = _kept_rows(portion, sources)
    if unchanged.height:
        frames = {name: frame.join(unchanged, on="file_id", how="anti") for name, frame in frames.items()}
    batch = Batch(portion.workspace, portion.partition, portion.buckets, frames, dict(portion.reviews))
    is_nothing_new = bool(kept) and unchanged.height == files.height
    return PreparedPortion(portion, batch, files.select("file_id", "bucket"), sources, kept, is_nothing_new)


def settle_portion(prepared: PreparedPortion, computed: Frames | None) -> list[MadeBatch]:
    """Return the batches of what was computed and what is taken over.

    Args:
        prepared: The portion.
        computed: What the stage made of it; None where there was nothing to make.

    Raises:
        WarehouseError: The stage returned other frames than it declares, a null where none may stand, or rows of a file
            that is not in the portion.
    """
    outputs = _checked(prepared, computed)
    retry = {bucket: _passing(rows) for bucket, rows in _divide(prepared, outputs.get("rejections")).items()}
    divided = {name: _divide(prepared, frame) for name, frame in {**outputs, SOURCES: prepared.sources}.items()}
    return [
        MadeBatch(
            bucket, {name: store.pack_frame(parts[bucket]) for name, parts in divided.items()}, retry.get(bucket, ())
        )
        for bucket in prepared.portion.buckets
    ]


def passing_failures(outputs: Mapping[str, pl.DataFrame]) -> tuple[int, ...]:
    """Return the files that were rejected for a reason that may have passed by the next build."""
    return _passing(outputs["rejections"]) if "rejections" in outputs else ()


def _passing(rejections: pl.DataFrame) -> tuple[int, ...]:
    return tuple(sorted(rejections.filter(pl.col("reason_code").is_in(PASSING_REASONS))["file_id"].to_list()))


def _read_bucket(portion: Portion, stage: Stage, bucket: str, frame: str) -> pl.DataFrame:
    return store.read_batch_frame(store.partition_folder(portion.workspace, stage, portion.partition), bucket, frame)


def _read_input(portion: Portion, stage: Stage, frame: str) -> pl.DataFrame:
    return pl.concat(_read_bucket(portion, stage, bucket, frame) for bucket in portion.buckets)


def _kept_rows(portion: Portion, sources: pl.DataFrame) -> tuple[pl.DataFrame, Frames]:
    """Return (file_id) of the unchanged files, and their rows by frame from wherever they stood."""
    if portion.reusable is None:
        return sources.select("file_id").clear(), {}
    unchanged = portion.reusable.join(sources, on=["file_id", "digest"], how="semi")
    by_bucket = unchanged.partition_by("bucket", as_dict=True)
    kept = {
        name: pl.concat(
            _read_bucket(portion, portion.spec.name, str(bucket), name).join(
                ids, on="file_id", how="semi", maintain_order="left"
            )
            for (bucket,), ids in by_bucket.items()
        )
        for name in (portion.spec.outputs if by_bucket else ())
    }
    return unchanged.select("file_id"), kept


def _checked(prepared: PreparedPortion, computed: Frames | None) -> Frames:
    """Return the stage's frames as declared, by file and key, so that the same rows always make the same bytes.

    Whatever order an engine's threads have left the rows in says nothing: in every frame, order is told by columns.
    """
    spec = prepared.portion.spec
    if computed is not None and set(computed) != set(spec.outputs):
        raise WarehouseError(
            f"stage {spec.name} returned the frames {sorted(computed)}, declared: {sorted(spec.outputs)}"
        )
    checked = {}
    for name in spec.outputs:
        parts = (prepared.kept, computed or {})
        frame = pl.concat([table(name).conform(part[name]) for part in parts if name in part])
        required = [column.name for column in table(name).columns if not column.nullable]
        empty = [column for column in required if frame[column].null_count()]
        if empty:
            raise WarehouseError(f"stage {spec.name}, frame {name}: null in {', '.join(empty)}")
        strangers = frame.join(prepared.files, on="file_id", how="anti")["file_id"].unique().to_list()
        if strangers:
            raise WarehouseError(
                f"stage {spec.name}, frame {name}: rows of files that are not in the batch: {strangers[:5]}"
            )
        order = ["file_id", *(column for column in table(name).key or frame.columns if column != "file_id")]
        checked[name] = frame.sort(order, maintain_order=True)
    return checked


def _divide(prepared: PreparedPortion, frame: pl.DataFrame | None) -> Frames:
    """Return a frame's rows by bucket, in their order; every bucket has an entry, if there is a frame at all."""
    buckets = prepared.portion.buckets
    if frame is None:
        return {}
    if len(buckets) == 1:
        return {buckets[0]: frame}
    placed = frame.join(prepared.files, on="file_id", how="left", maintain_order="left")
    parts = placed.partition_by("bucket", include_key=False, maintain_order=True, as_dict=True)
    return {bucket: parts.get((bucket,), frame.clear()) for bucket in buckets}

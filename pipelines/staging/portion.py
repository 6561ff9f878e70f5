"""A portion, the batches of a stage that are made at once: what it is given, what it takes over, what it makes.

What an operation of an engine costs by itself is much for two hundred reports and little for two thousand, so a stage
may ask for several batches at once. Nothing depends on how they were divided: what is made of a file depends on its own
rows, and each batch is packed by itself, to the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl

from pipelines.errors import WarehouseError
from pipelines.settings import Workspace, get_today
from pipelines.staging import store
from pipelines.staging.order import sort_rows
from pipelines.staging.sources import SOURCES, digest_sources
from pipelines.staging.spec import Batch, StageSpec
from pipelines.staging.store import PackedFrame
from schemas.table import table
from schemas.vocabulary import Stage

# A file that failed for one of these may be readable the next time though its bytes are the same.
PASSING_REASONS = ("unreadable_file", "file_vanished")
YEAR_REASON = "year_out_of_range"

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class StagePortion:
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
        files: (file_id, place) of all its files: the place of their batch among `portion.buckets`.
        sources: (file_id, digest): what each file was made from.
        kept: Rows by frame that are taken over.
        is_nothing_new: Whether all rows are taken over, so that there is nothing to compute.
    """

    portion: StagePortion
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
        waiting: Files that were rejected for a report year to come, and that year.
    """

    bucket: str
    frames: dict[str, PackedFrame]
    retry: tuple[int, ...]
    waiting: tuple[tuple[int, int], ...] = ()


def list_reusable(folder: Path, manifest: store.Manifest, code: str) -> pl.DataFrame | None:
    """Return `StagePortion.reusable` of a stage's partition; None where its code has changed."""
    found = []
    for bucket, batch in manifest.items():
        if batch.code == code and SOURCES in batch.frames:
            sources = store.read_batch_frame(folder, bucket, SOURCES)
            is_settled = ~pl.col("file_id").is_in(list(batch.due(get_today().year)))
            found.append(sources.filter(is_settled).with_columns(bucket=pl.lit(bucket)))
    return pl.concat(found).unique("file_id", keep="first", maintain_order=True) if found else None


def prepare_portion(portion: StagePortion) -> PreparedPortion:
    """Read what has changed, to be computed, and the rest, to be taken over.

    What is taken over is a bucket's own rows, or those of a division that is no more, so it does not matter how far the
    writing of other portions has come.
    """
    frames = {frame: _read_input(portion, stage, frame) for stage, frame in portion.spec.inputs}
    files = pl.concat(
        _read_bucket(portion, Stage.INGEST, bucket, "files").with_columns(place=pl.lit(place, dtype=pl.UInt32))
        for place, bucket in enumerate(portion.buckets)
    )
    sources = digest_sources(portion.spec, files.drop("place"), frames, portion.reviews)
    unchanged, kept = _kept_rows(portion, sources)
    if unchanged.height:
        frames = {name: frame.join(unchanged, on="file_id", how="anti") for name, frame in frames.items()}
    batch = Batch(portion.workspace, portion.partition, portion.buckets, frames, dict(portion.reviews))
    is_nothing_new = bool(kept) and unchanged.height == files.height
    return PreparedPortion(portion, batch, files.select("file_id", "place"), sources, kept, is_nothing_new)


def settle_portion(prepared: PreparedPortion, computed: Frames | None) -> list[MadeBatch]:
    """Return the batches of what was computed and what is taken over.

    Args:
        prepared: The portion.
        computed: What the stage made of it; None where there was nothing to make.

    Raises:
        WarehouseError: The stage returned other frames than it declares, a null where none may stand, or rows of a file
            that is not in the portion.
    """
    outputs = _collected(prepared, computed)
    divided = {name: _divide(prepared, name, frame) for name, frame in {**outputs, SOURCES: prepared.sources}.items()}
    return [
        MadeBatch(
            bucket,
            {name: store.pack_frame(parts[place]) for name, parts in divided.items()},
            passing_failures({name: parts[place] for name, parts in divided.items()}),
            waiting_files({name: parts[place] for name, parts in divided.items()}),
        )
        for place, bucket in enumerate(prepared.portion.buckets)
    ]


def passing_failures(outputs: Mapping[str, pl.DataFrame]) -> tuple[int, ...]:
    """Return the files that were rejected for a reason that may have passed by the next build."""
    if "rejections" not in outputs:
        return ()
    may_pass = pl.col("reason_code").is_in(PASSING_REASONS)
    return tuple(sorted(outputs["rejections"].filter(may_pass)["file_id"].to_list()))


def waiting_files(outputs: Mapping[str, pl.DataFrame]) -> tuple[tuple[int, int], ...]:
    """Return the files that were rejected because their report year has not begun, and that year."""
    if "rejections" not in outputs or "reports" not in outputs:
        return ()
    ahead = outputs["rejections"].filter(pl.col("reason_code") == YEAR_REASON).select("file_id")
    years = outputs["reports"].join(ahead, on="file_id", how="semi").filter(pl.col("year") > get_today().year)
    return tuple(sorted(years.select("file_id", "year").rows()))


def _read_bucket(portion: StagePortion, stage: Stage, bucket: str, frame: str) -> pl.DataFrame:
    return store.read_batch_frame(store.partition_folder(portion.workspace, stage, portion.partition), bucket, frame)


def _read_input(portion: StagePortion, stage: Stage, frame: str) -> pl.DataFrame:
    folder = store.partition_folder(portion.workspace, stage, portion.partition)
    return store.scan_batches([folder / bucket / f"{frame}.parquet" for bucket in portion.buckets], frame).collect()


def _kept_rows(portion: StagePortion, sources: pl.DataFrame) -> tuple[pl.DataFrame, Frames]:
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


def _collected(prepared: PreparedPortion, computed: Frames | None) -> Frames:
    """Return what the stage made and what is taken over, each frame with its declared columns."""
    spec = prepared.portion.spec
    if computed is not None and set(computed) != set(spec.outputs):
        raise WarehouseError(
            f"stage {spec.name} returned the frames {sorted(computed)}, declared: {sorted(spec.outputs)}"
        )
    parts = (prepared.kept, computed or {})
    return {
        name: pl.concat([table(name).conform(part[name]) for part in parts if name in part]) for name in spec.outputs
    }


def _divide(prepared: PreparedPortion, name: str, frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Return a frame's rows batch by batch, by file and key, so that the same rows always make the same bytes.

    Whatever order an engine's threads have left the rows in says nothing: in every frame, order is told by columns.
    """
    what = f"stage {prepared.portion.spec.name}, frame {name}"
    key: Sequence[str] = ("file_id",)
    if name != SOURCES:
        empty = [c.name for c in table(name).columns if not c.nullable and frame[c.name].null_count()]
        if empty:
            raise WarehouseError(f"{what}: null in {', '.join(empty)}")
        key = table(name).key or frame.columns
    files = prepared.files.sort("place", "file_id").with_row_index(_FILE)
    placed = frame.join(files.select("file_id", _FILE), on="file_id", how="left", maintain_order="left")
    if placed[_FILE].null_count():
        strangers = placed.filter(pl.col(_FILE).is_null())["file_id"].unique().to_list()
        raise WarehouseError(f"{what}: rows of files that are not in the batch: {strangers[:5]}")
    rows = sort_rows(placed, (_FILE, *(column for column in key if column != "file_id")))
    places = pl.int_range(len(prepared.portion.buckets) + 1, dtype=pl.UInt32, eager=True)
    ends = rows[_FILE].search_sorted(files["place"].search_sorted(places))
    divided = rows.drop(_FILE)
    return [divided[start:end] for start, end in pairwise(ends)]


_FILE = "_file"  # the number of a row's file in the order of the batches

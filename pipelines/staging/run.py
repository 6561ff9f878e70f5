"""A stage over a partition: which of its batches are out of date, and making those again."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.errors import WarehouseError
from pipelines.settings import Workspace, get_today
from pipelines.staging import store
from pipelines.staging.buckets import divide_portions
from pipelines.staging.compute import make_portions
from pipelines.staging.executor import open_cluster
from pipelines.staging.fingerprint import fingerprint_stage, hash_parts
from pipelines.staging.lock import build_lock
from pipelines.staging.portion import MadeBatch, StagePortion, list_reusable
from pipelines.staging.spec import StageRun, StageSpec
from pipelines.staging.store import REVIEWS, Manifest, PackedFrame, StagedBatch
from schemas.vocabulary import Stage

_PORTION = 8  # batches whose rows are held at once, for who reads a frame portion by portion


def run_stage(
    workspace: Workspace,
    stage_spec: StageSpec,
    partition: str,
    *,
    on_batch: Callable[[int, int], None] | None = None,
) -> StageRun:
    """Bring the stage's batches of one partition up to date with their inputs and the stage's code.

    A batch is made again when the frames it is made from, the code or its libraries differ from those it was made with,
    or when its files are not as they were written. What no file belongs to any more is removed.

    Args:
        workspace: Where staging stands.
        stage_spec: The stage.
        partition: A report year or `undated`.
        on_batch: Called with (batches made, batches to make) before the first and after each.

    Raises:
        WarehouseError: An earlier stage is not up to date, the stage breaks its declaration, or another build is
            running.
    """
    with build_lock(workspace):
        return _Partition(workspace, stage_spec, partition).run(on_batch or (lambda _made, _total: None))


def read_frame(workspace: Workspace, stage: Stage, frame: str, partition: str | None = None) -> pl.LazyFrame:
    """Return the rows of all staged batches of one frame, with its declared schema; no rows where nothing is staged.

    Whether the batches are up to date is `list_outdated`'s question.

    Args:
        workspace: Where staging stands.
        stage: The stage that made it.
        frame: Its name.
        partition: One partition; None for all.

    Raises:
        KeyError: No frame of that name is declared.
    """
    return store.scan_batches(list_frame_files(workspace, stage, frame, partition), frame)


def read_portions(workspace: Workspace, stage: Stage, frame: str, partition: str) -> Iterator[pl.DataFrame]:
    """Yield the rows of one staged frame, some batches at a time: a year's may be more than memory holds.

    All rows of a file stand in one portion.

    Args:
        workspace: Where staging stands.
        stage: The stage that made it.
        frame: Its name.
        partition: The partition.
    """
    paths = list_frame_files(workspace, stage, frame, partition)
    for start in range(0, len(paths), _PORTION):
        yield store.scan_batches(paths[start : start + _PORTION], frame).collect()


def list_frame_files(workspace: Workspace, stage: Stage, frame: str, partition: str | None = None) -> list[Path]:
    """Return the Parquet files that hold one staged frame, batch by batch, for who reads them with another engine.

    Every file has the declared columns and types of the frame. The paths are to be taken literally: the workspace's own
    may hold what an engine would take for a pattern.

    Args:
        workspace: Where staging stands.
        stage: The stage that made it.
        frame: Its name.
        partition: One partition; None for all.
    """
    partitions = list_partitions(workspace) if partition is None else [partition]
    paths: list[Path] = []
    for name in partitions:
        folder = store.partition_folder(workspace, stage, name)
        paths += [folder / bucket / f"{frame}.parquet" for bucket in list_digests(workspace, stage, frame, name)]
    return paths


def list_digests(workspace: Workspace, stage: Stage, frame: str, partition: str) -> dict[str, str]:
    """Return what each staged batch of one partition says in a frame, as a hash by bucket, in order.

    The inventory decides which buckets there are: while a partition is divided anew, those of both divisions are there.
    """
    staged = store.read_manifest(store.partition_folder(workspace, stage, partition))
    layout = staged if stage is Stage.INGEST else _layout(workspace, partition)
    return {b: staged[b].frames[frame].digest for b in sorted(layout) if b in staged and frame in staged[b].frames}


def forget_batches(workspace: Workspace, stage: Stage, partition: str) -> None:
    """Strike a stage's batches of one partition: no publish takes them, and the next build makes them anew.

    Raises:
        WarehouseError: Another build is running.
    """
    with build_lock(workspace):
        store.write_manifest(store.partition_folder(workspace, stage, partition), {})


def list_partitions(workspace: Workspace) -> list[str]:
    """Return the partitions of the staged inventory: the years in order, then `undated` where there is one.

    Raises:
        WarehouseError: The inventory was interrupted while it was staged.
    """
    store.require_whole_inventory(workspace)
    folder = workspace.staging / Stage.INGEST
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and store.read_manifest(entry))


def list_outdated(workspace: Workspace, stage: Stage, partition: str) -> list[str]:
    """Return the buckets of a partition that the stage has not made from the inputs that are staged now.

    Whether the code has changed is not asked, so the stage's package need not be imported: this is for who reads the
    frames.
    """
    folder = store.partition_folder(workspace, stage, partition)
    staged = store.list_whole_batches(folder, store.read_manifest(folder))
    manifests: dict[str, Manifest] = {}
    outdated = []
    for bucket in sorted(_layout(workspace, partition)):
        batch = staged.get(bucket)
        if batch is None or any(
            digest != _input_digest(workspace, manifests, source, partition, bucket)
            for source, digest in batch.inputs.items()
        ):
            outdated.append(bucket)
    return outdated


def _input_digest(
    workspace: Workspace, manifests: dict[str, Manifest], source: str, partition: str, bucket: str
) -> str | None:
    stage, _, frame = source.partition("/")
    if stage == REVIEWS:
        return hash_parts(store.read_review(workspace.reviews / frame))
    if stage not in manifests:
        manifests[stage] = store.read_manifest(store.partition_folder(workspace, Stage(stage), partition))
    batch = manifests[stage].get(bucket)
    return batch.frames[frame].digest if batch is not None and frame in batch.frames else None


def _layout(workspace: Workspace, partition: str) -> Manifest:
    store.require_whole_inventory(workspace)
    return store.read_manifest(store.partition_folder(workspace, Stage.INGEST, partition))


@dataclass
class _Partition:
    """One run of one stage over one partition."""

    workspace: Workspace
    spec: StageSpec
    partition: str

    def run(self, on_batch: Callable[[int, int], None]) -> StageRun:
        """Make the batches that are out of date, remove the rest, and count."""
        layout = _layout(self.workspace, self.partition)
        self.sources = {stage: self._source_folder(stage) for stage, _ in self.spec.inputs}
        self.code = fingerprint_stage(self.spec, self.workspace.limits)
        self.reviews = {name: store.read_review(self.workspace.reviews / name) for name in self.spec.reviews}
        inputs = self._input_digests(layout)
        folder = store.partition_folder(self.workspace, self.spec.name, self.partition)
        listed = store.read_manifest(folder)
        store.remove_leftovers(folder, {*listed, *layout})
        manifest = store.list_whole_batches(folder, listed)
        stale = [bucket for bucket in sorted(layout) if not self._is_current(manifest.get(bucket), inputs[bucket])]
        cluster = open_cluster(self.workspace.executor) if stale else None
        on_batch(0, len(stale))
        made = 0
        with closing(make_portions(self._divide(layout, stale, folder, manifest), cluster)) as portions:
            for portion, batches in portions:
                manifest = store.write_batches(folder, manifest, {b.bucket: self._staged(b, inputs) for b in batches})
                made += len(portion.buckets)
                on_batch(made, len(stale))
        self._remove_superseded(folder, listed, manifest, layout)
        rows = {name: sum(manifest[bucket].frames[name].rows for bucket in layout) for name in self.spec.outputs}
        return StageRun(self.spec.name, self.partition, len(stale), len(layout) - len(stale), rows)

    def _source_folder(self, stage: Stage) -> Path:
        return store.partition_folder(self.workspace, stage, self.partition)

    def _input_digests(self, layout: Manifest) -> dict[str, dict[str, str]]:
        """Return, by bucket, the digest of each input.

        Raises:
            WarehouseError: An earlier stage has no batch for a bucket, or made it from other inputs than those staged
                now.
        """
        outdated: dict[str, set[str]] = {stage: set() for stage in self.sources}
        for stage in self.sources:
            if stage is not Stage.INGEST:
                outdated[stage] = set(list_outdated(self.workspace, stage, self.partition))
        manifests = {stage: store.read_manifest(folder) for stage, folder in self.sources.items()}
        digests: dict[str, dict[str, str]] = {}
        reviews = {f"{REVIEWS}/{name}": hash_parts(text) for name, text in self.reviews.items()}
        for bucket in layout:
            digests[bucket] = dict(reviews)
            for stage, frame in self.spec.inputs:
                batch = manifests[stage].get(bucket)
                if batch is None or bucket in outdated[stage] or frame not in batch.frames:
                    raise WarehouseError(
                        f"stage {self.spec.name}, partition {self.partition}: frame {frame} of stage {stage} "
                        f"is missing or out of date for bucket {bucket}; run stage {stage} first"
                    )
                digests[bucket][f"{stage}/{frame}"] = batch.frames[frame].digest
        return digests

    def _fingerprint(self, inputs: Mapping[str, str]) -> str:
        return hash_parts(self.code, *(f"{source} {digest}" for source, digest in sorted(inputs.items())))

    def _is_current(self, batch: StagedBatch | None, inputs: Mapping[str, str]) -> bool:
        return batch is not None and batch.fingerprint == self._fingerprint(inputs) and not batch.due(get_today().year)

    def _staged(
        self, batch: MadeBatch, inputs: Mapping[str, dict[str, str]]
    ) -> tuple[StagedBatch, Mapping[str, PackedFrame]]:
        made_from = inputs[batch.bucket]
        fingerprint = self._fingerprint(made_from)
        return StagedBatch(fingerprint, self.code, made_from, {}, batch.retry, batch.waiting), batch.frames

    def _divide(self, layout: Manifest, stale: list[str], folder: Path, manifest: Manifest) -> list[StagePortion]:
        """Return the batches that are out of date as portions, each with what may be taken over into it."""
        if not stale:
            return []
        reusable = list_reusable(folder, manifest, self.code)
        sizes = [layout[bucket].frames["files"].rows for bucket in stale]
        runs = divide_portions(sizes, self.spec.portion, self.workspace.workers)
        return [self._portion(tuple(stale[run.start : run.stop]), reusable) for run in runs]

    def _portion(self, buckets: tuple[str, ...], reusable: pl.DataFrame | None) -> StagePortion:
        if reusable is not None:  # a portion travels to its process, so it carries what is its own
            ingest = self._source_folder(Stage.INGEST)
            files = pl.concat(store.read_batch_frame(ingest, bucket, "files").select("file_id") for bucket in buckets)
            reusable = reusable.join(files, on="file_id", how="semi", maintain_order="left")
        return StagePortion(self.spec, self.workspace, self.partition, buckets, self.reviews, reusable)

    def _remove_superseded(self, folder: Path, listed: Manifest, manifest: Manifest, layout: Manifest) -> None:
        """Strike the batches of buckets that are no more from the manifest, then delete them."""
        kept = {bucket: batch for bucket, batch in manifest.items() if bucket in layout}
        if not layout:
            if folder.exists():
                store.remove_partition(folder)
        elif kept.keys() != manifest.keys() or kept.keys() != listed.keys():
            store.write_manifest(folder, kept)
            store.remove_leftovers(folder, kept)

"""A stage over a partition: which of its batches are out of date, and making those again."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.errors import WarehouseError
from pipelines.settings import Workspace
from pipelines.staging import store
from pipelines.staging.compute import BatchTask, compute_batches, describe_batch, passing_failures
from pipelines.staging.executor import open_cluster
from pipelines.staging.fingerprint import fingerprint_stage, hash_parts
from pipelines.staging.lock import build_lock
from pipelines.staging.sources import SOURCES, digest_sources
from pipelines.staging.spec import Batch, StageRun, StageSpec
from pipelines.staging.store import REVIEWS, Manifest, StagedBatch
from schemas.table import table
from schemas.vocabulary import Stage


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
        staged = store.read_manifest(folder)
        # The inventory decides which buckets there are: while a partition is divided anew, those of both divisions are
        # there.
        layout = staged if stage is Stage.INGEST else _layout(workspace, name)
        paths += [folder / b / f"{frame}.parquet" for b in sorted(layout) if b in staged and frame in staged[b].frames]
    return paths


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
        self.reusable = self._find_reusable(folder, manifest) if stale else None
        self.cluster = open_cluster(self.workspace.executor) if stale else None
        on_batch(0, len(stale))
        for made, (task, outputs) in enumerate(compute_batches(self.spec, self._tasks(folder, stale), self.cluster), 1):
            manifest = self._write(folder, manifest, task, inputs[task.batch.bucket], outputs)
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
        return batch is not None and batch.fingerprint == self._fingerprint(inputs) and not batch.retry

    def _tasks(self, folder: Path, buckets: Iterable[str]) -> Iterator[BatchTask]:
        """Yield what has changed of each batch, to be computed, and the rest, to be taken over.

        What is taken over is read before anything is written: a bucket's own rows, or those of a division that is no
        more, so it does not matter how far the writing of others has come.
        """
        for bucket in buckets:
            files = store.read_batch_frame(self._source_folder(Stage.INGEST), bucket, "files")
            frames = {
                frame: store.read_batch_frame(self.sources[stage], bucket, frame) for stage, frame in self.spec.inputs
            }
            sources = digest_sources(self.spec, files, frames, self.reviews)
            unchanged, kept = self._kept_rows(folder, sources)
            if unchanged.height:
                frames = {name: frame.join(unchanged, on="file_id", how="anti") for name, frame in frames.items()}
            batch = Batch(self.workspace, self.partition, bucket, frames, self.reviews)
            is_nothing_new = bool(kept) and unchanged.height == files.height
            yield BatchTask(batch, files, sources, kept, is_nothing_new)

    def _write(
        self,
        folder: Path,
        manifest: Manifest,
        task: BatchTask,
        inputs: dict[str, str],
        computed: Mapping[str, pl.DataFrame] | None,
    ) -> Manifest:
        """Write what was computed of a batch and what is taken over."""
        try:
            outputs = self._checked(computed, task.files, task.kept)
        except Exception as error:
            error.add_note(describe_batch(self.spec, task.batch))
            raise
        staged = StagedBatch(self._fingerprint(inputs), self.code, inputs, {}, passing_failures(outputs))
        return store.write_batch(folder, manifest, task.batch.bucket, staged, {**outputs, SOURCES: task.sources})

    def _checked(
        self, outputs: Mapping[str, pl.DataFrame] | None, files: pl.DataFrame, kept: Mapping[str, pl.DataFrame]
    ) -> dict[str, pl.DataFrame]:
        """Return the stage's frames as declared, by file and key, so that the same rows always make the same bytes.

        Whatever order an engine's threads have left the rows in says nothing: in every frame, order is told by columns.

        Args:
            outputs: What the stage made; None where there was nothing to make.
            files: All files of the batch.
            kept: Rows that are taken over, by frame.

        Raises:
            WarehouseError: The stage returned other frames than it declares, a null where none may stand, or rows of a
                file that is not in the batch.
        """
        if outputs is not None and set(outputs) != set(self.spec.outputs):
            raise WarehouseError(
                f"stage {self.spec.name} returned the frames {sorted(outputs)}, declared: {sorted(self.spec.outputs)}"
            )
        checked = {}
        for name in self.spec.outputs:
            frame = pl.concat([table(name).conform(part[name]) for part in (kept, outputs or {}) if name in part])
            required = [column.name for column in table(name).columns if not column.nullable]
            empty = [column for column in required if frame[column].null_count()]
            if empty:
                raise WarehouseError(f"stage {self.spec.name}, frame {name}: null in {', '.join(empty)}")
            strangers = frame.join(files, on="file_id", how="anti")["file_id"].unique().to_list()
            if strangers:
                raise WarehouseError(
                    f"stage {self.spec.name}, frame {name}: rows of files that are not in the batch: {strangers[:5]}"
                )
            order = ["file_id", *(column for column in table(name).key or frame.columns if column != "file_id")]
            checked[name] = frame.sort(order, maintain_order=True)
        return checked

    def _find_reusable(self, folder: Path, manifest: Manifest) -> pl.DataFrame | None:
        """Return (bucket, file_id, digest) of every file whose rows this very code has made, in whatever bucket."""
        found = []
        for bucket, batch in manifest.items():
            if batch.code == self.code and SOURCES in batch.frames:
                sources = store.read_batch_frame(folder, bucket, SOURCES)
                found.append(
                    sources.filter(~pl.col("file_id").is_in(list(batch.retry))).with_columns(
                        pl.lit(bucket).alias("bucket")
                    )
                )
        return pl.concat(found).unique("file_id", keep="first", maintain_order=True) if found else None

    def _kept_rows(self, folder: Path, sources: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
        """Return (file_id) of the batch's unchanged files, and their rows by frame from wherever they stood."""
        if self.reusable is None:
            return sources.select("file_id").clear(), {}
        unchanged = self.reusable.join(sources, on=["file_id", "digest"], how="semi")
        by_bucket = unchanged.partition_by("bucket", as_dict=True)
        kept = {
            name: pl.concat(
                store.read_batch_frame(folder, str(bucket), name).join(
                    ids, on="file_id", how="semi", maintain_order="left"
                )
                for (bucket,), ids in by_bucket.items()
            )
            for name in (self.spec.outputs if by_bucket else ())
        }
        return unchanged.select("file_id"), kept

    def _remove_superseded(self, folder: Path, listed: Manifest, manifest: Manifest, layout: Manifest) -> None:
        """Strike the batches of buckets that are no more from the manifest, then delete them."""
        kept = {bucket: batch for bucket, batch in manifest.items() if bucket in layout}
        if not layout:
            if folder.exists():
                store.remove_partition(folder)
        elif kept.keys() != manifest.keys() or kept.keys() != listed.keys():
            store.write_manifest(folder, kept)
            store.remove_leftovers(folder, kept)

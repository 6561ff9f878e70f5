"""Portions: the files whose rows go into the warehouse together, about a thousand reports, whatever the corpus holds.

A portion is some batches of one partition, or all of several small ones, so it is decided by the set of files alone,
like these. All rows of a report stand in one portion, so keys, ranges and references of the big tables are proved
portion by portion. A refresh makes portions of its own, of the batches that hold a changed file. The Parquet twin of a
big table has one file a batch, so that a change writes little again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from pipelines.settings import Workspace
from pipelines.staging import list_partitions
from pipelines.staging.buckets import assign_buckets
from pipelines.staging.fingerprint import hash_parts
from pipelines.staging.store import Manifest, StagedBatch, partition_folder, read_manifest
from schemas.vocabulary import Stage

EVIDENCE = ("reported_cell", "report_section", "agency_resolution", "quality_result", "suspected_cell", "finding")
FACTS = ("fact_request_flow", "fact_request_outcome", "fact_challenge", "fact_proactive", "fact_legacy")
SUMMARY = "report_summary"
BY_REPORT = (*EVIDENCE, *FACTS, SUMMARY)  # the big tables; every other is made whole
BY_FILE = ("agency_resolution", "finding")  # of these also rows that belong to files without a report

_BATCHES = 4  # of one portion, where the partition has so many: 768 to 1,536 files
_FILES = 1_024  # up to which portions are joined: each costs 0.2 CPU s, however few its files
STAGED = (Stage.INGEST, Stage.READ, Stage.NORMALIZE, Stage.CHECK)


@dataclass(frozen=True, slots=True)
class Portion:
    """Some batches.

    Attributes:
        name: What tells it from others, in messages.
        batches: `<partition>/<bucket>` of each.
    """

    name: str
    batches: tuple[str, ...]


@dataclass(frozen=True)
class Staging:
    """Every manifest of every staged partition, read once for one publish."""

    workspace: Workspace
    manifests: Mapping[tuple[Stage, str], Manifest]

    def paths(self, portion: Portion, stage: Stage, frame: str) -> list[Path]:
        """Return the files that hold a portion's rows of a frame."""
        return [
            self.place(stage, name) / f"{frame}.parquet"
            for name in portion.batches
            if (batch := self.batch(stage, name)) is not None and frame in batch.frames
        ]

    def batch(self, stage: Stage, name: str) -> StagedBatch | None:
        """Return what a stage's manifest knows of the batch `<partition>/<bucket>`; None where it has none."""
        partition, _, bucket = name.partition("/")
        return self.manifests[stage, partition].get(bucket)

    def place(self, stage: Stage, name: str) -> Path:
        """Return the folder of a stage's batch."""
        partition, _, bucket = name.partition("/")
        return partition_folder(self.workspace, stage, partition) / bucket

    @cached_property
    def hashes(self) -> dict[str, str]:
        """A hash of what every batch says, all its frames over all stages, by `<partition>/<bucket>`."""
        found: dict[str, str] = {}
        for (stage, partition), manifest in self.manifests.items():
            for bucket, batch in sorted(manifest.items()):
                frames = " ".join(f"{name}={frame.digest}" for name, frame in sorted(batch.frames.items()))
                name = f"{partition}/{bucket}"
                found[name] = f"{found.get(name, '')} {stage}: {frames}"
        return {name: hash_parts(text) for name, text in found.items()}

    def portions(self) -> list[Portion]:
        """Return all portions, in the order of partitions and numbers."""
        divided: list[Portion] = []
        sizes: dict[str, int] = {}
        for (stage, partition), manifest in self.manifests.items():
            if stage is Stage.INGEST:
                divided += divide_buckets(partition, manifest)
                sizes |= {f"{partition}/{bucket}": batch.frames["files"].rows for bucket, batch in manifest.items()}
        return join_portions(divided, sizes)

    def batches(self) -> list[str]:
        """Return the names of all batches that the inventory knows, in the order of the portions."""
        return [name for portion in self.portions() for name in portion.batches]


def open_staging(workspace: Workspace) -> Staging:
    """Read all manifests."""
    return Staging(
        workspace,
        {
            (stage, partition): read_manifest(partition_folder(workspace, stage, partition))
            for partition in list_partitions(workspace)
            for stage in STAGED
        },
    )


def assign_batches(partitions: pl.DataFrame) -> pl.DataFrame:
    """Return (file_id, batch) of the files in (file_id, partition)."""
    batch = pl.concat_str("partition", "bucket", separator="/").alias("batch")
    return assign_buckets(partitions).select("file_id", batch)


def name_part(batch: str) -> str:
    """Return the name, without its ending, of the file that holds a batch's rows of a big table's Parquet twin.

    >>> name_part("2021/0003-of-0016")
    '2021-0003-of-0016'
    """
    return batch.replace("/", "-")


def divide_buckets(partition: str, buckets: Iterable[str]) -> list[Portion]:
    """Return the portions of a partition.

    >>> [portion.name for portion in divide_buckets("2021", [f"{n:04d}-of-0008" for n in range(8)])]
    ['2021-0000-of-0002', '2021-0001-of-0002']
    >>> [portion.batches for portion in divide_buckets("2021", ["0000-of-0001"])]
    [('2021/0000-of-0001',)]
    """
    names = sorted(buckets)
    if not names:
        return []
    count = max(1, int(names[0].rpartition("-")[2]) // _BATCHES)
    members: dict[int, list[str]] = {}
    for name in names:
        members.setdefault(int(name.partition("-")[0]) % count, []).append(f"{partition}/{name}")
    return [
        Portion(f"{partition}-{number:04d}-of-{count:04d}", tuple(found)) for number, found in sorted(members.items())
    ]


def join_portions(portions: Iterable[Portion], sizes: Mapping[str, int]) -> list[Portion]:
    """Return the same batches in as few portions, in the same order, as hold no more files than one is meant to hold.

    Args:
        portions: None of which is divided.
        sizes: How many files each batch holds.

    >>> years = [Portion(name, (f"{name}/a",)) for name in ("2019", "2020", "2021")]
    >>> [portion.name for portion in join_portions(years, {"2019/a": 2000, "2020/a": 1000, "2021/a": 24})]
    ['2019', '2020 to 2021']
    >>> [portion.batches for portion in join_portions(years, {"2019/a": 2000, "2020/a": 1000, "2021/a": 24})]
    [('2019/a',), ('2020/a', '2021/a')]
    """
    joined: list[Portion] = []
    left = 0
    for portion in portions:
        size = sum(sizes[name] for name in portion.batches)
        if joined and size <= left:
            before = joined.pop()
            name = f"{before.name.partition(' to ')[0]} to {portion.name}"
            joined.append(Portion(name, before.batches + portion.batches))
        else:
            joined.append(portion)
            left = _FILES
        left -= size
    return joined


def gather_batches(sizes: Mapping[str, int]) -> list[Portion]:
    """Return portions of some files of many batches.

    Args:
        sizes: How many files of each batch are spoken of.

    >>> [portion.batches for portion in gather_batches({"2020/a": 1, "2021/a": 1023, "2021/b": 1, "2022/a": 2000})]
    [('2020/a', '2021/a'), ('2021/b',), ('2022/a',)]
    """
    return join_portions([Portion(name, (name,)) for name in sizes], sizes)

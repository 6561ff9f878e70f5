"""Portions: the files whose rows go into the warehouse together, about a thousand reports, whatever the corpus holds.

A portion is some buckets of one partition, so it is decided by the set of files alone, like these. All rows of a report
stand in one portion, so keys, ranges and references of the big tables are proved portion by portion, and a refresh
touches only the portions whose files have changed. The Parquet twin of a big table has one file a portion.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.settings import Workspace
from pipelines.staging import list_partitions
from pipelines.staging.store import Manifest, partition_folder, read_manifest
from schemas.vocabulary import Stage

EVIDENCE = ("reported_cell", "report_section", "agency_resolution", "quality_result", "suspected_cell", "finding")
FACTS = ("fact_request_flow", "fact_request_outcome", "fact_challenge", "fact_proactive", "fact_legacy")
SUMMARY = "report_summary"
BY_REPORT = (*EVIDENCE, *FACTS, SUMMARY)  # the big tables; every other is made whole
BY_FILE = ("agency_resolution", "finding")  # of these also rows that belong to files without a report

_BUCKETS = 4  # of one portion, where the partition has so many: 768 to 1,536 files
STAGED = (Stage.INGEST, Stage.READ, Stage.NORMALIZE, Stage.CHECK)


@dataclass(frozen=True, slots=True)
class Portion:
    """Some buckets of a partition.

    Attributes:
        number, count: The portion holds the buckets whose number leaves `number` when divided by `count`.
    """

    partition: str
    number: int
    count: int
    buckets: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name, which is that of its files among the Parquet twins."""
        return f"{self.partition}-{self.number:04d}-of-{self.count:04d}"

    @property
    def holds(self) -> pl.Expr:
        """An expression over (partition, file_id): whether a file belongs to the portion."""
        return (pl.col("partition") == self.partition) & (pl.col("file_id") % self.count == self.number)


@dataclass(frozen=True)
class Staging:
    """Every manifest of every staged partition, read once for one publish."""

    workspace: Workspace
    manifests: Mapping[tuple[Stage, str], Manifest]

    def paths(self, portion: Portion, stage: Stage, frame: str) -> list[Path]:
        """Return the files that hold a portion's rows of a frame."""
        folder = partition_folder(self.workspace, stage, portion.partition)
        staged = self.manifests[stage, portion.partition]
        return [
            folder / bucket / f"{frame}.parquet"
            for bucket in portion.buckets
            if bucket in staged and frame in staged[bucket].frames
        ]

    def digests(self) -> dict[str, str]:
        """Return what every batch says, all its frames over all stages, as one text by `<partition>/<bucket>`."""
        found: dict[str, str] = {}
        for (stage, partition), manifest in self.manifests.items():
            for bucket, batch in sorted(manifest.items()):
                frames = " ".join(f"{name}={frame.digest}" for name, frame in sorted(batch.frames.items()))
                name = f"{partition}/{bucket}"
                found[name] = f"{found.get(name, '')} {stage}: {frames}"
        return found

    def portions(self) -> list[Portion]:
        """Return all portions, in the order of partitions and numbers."""
        return [
            portion
            for stage, partition in self.manifests
            if stage is Stage.INGEST
            for portion in divide_buckets(partition, self.manifests[stage, partition])
        ]


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


def divide_buckets(partition: str, buckets: Iterable[str]) -> list[Portion]:
    """Return the portions of a partition.

    >>> [portion.name for portion in divide_buckets("2021", [f"{n:04d}-of-0008" for n in range(8)])]
    ['2021-0000-of-0002', '2021-0001-of-0002']
    >>> [portion.buckets for portion in divide_buckets("2021", ["0000-of-0001"])]
    [('0000-of-0001',)]
    """
    names = sorted(buckets)
    if not names:
        return []
    count = max(1, int(names[0].rpartition("-")[2]) // _BUCKETS)
    members: dict[int, list[str]] = {}
    for name in names:
        members.setdefault(int(name.partition("-")[0]) % count, []).append(name)
    return [Portion(partition, number, count, tuple(found)) for number, found in sorted(members.items())]

"""What lies under the raw folder, told from names, sizes and times alone: cheap enough to ask every minute.

The inventory proper hashes contents. This look only decides which report years deserve a run, so a false alarm costs a
run that finds nothing to do.
"""

from collections.abc import Collection, Mapping
from hashlib import blake2b

import polars as pl

from pipelines.ingest.listing import list_raw_files
from pipelines.settings import Workspace
from pipelines.staging import read_frame
from pipelines.staging.store import UNDATED
from schemas.vocabulary import Stage

_STATE = ("path", "bytes", "modified_ns")


def look_at_raw(workspace: Workspace, partitions: Collection[str]) -> dict[str, str]:
    """Return for every partition that has files a fingerprint of their paths, sizes and modification times.

    Args:
        workspace: Its raw folder is listed; no file is opened.
        partitions: The folders that are partitions; whatever stands elsewhere is `undated`.

    Raises:
        UsageError: The raw folder cannot be opened.
    """
    folder = pl.col("path").str.extract(r"^([^/]+)/")
    partition = pl.when(folder.is_in(list(partitions))).then(folder).otherwise(pl.lit(UNDATED))
    return _fingerprints(list_raw_files(workspace).select(*_STATE, partition.alias("partition")))


def look_at_staged(workspace: Workspace) -> dict[str, str]:
    """Return the same of the inventory that was last staged: where the two are equal, there is nothing new."""
    return _fingerprints(read_frame(workspace, Stage.INGEST, "files").select(*_STATE, "partition").collect())


def changed_partitions(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the partitions whose files were added to, changed or removed, in order.

    >>> changed_partitions({"2019": "a", "2020": "b", "2021": "c"}, {"2020": "b", "2021": "x", "2022": "d"})
    ['2019', '2021', '2022']
    """
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _fingerprints(files: pl.DataFrame) -> dict[str, str]:
    return {
        str(partition): f"{members.height}:{_fingerprint(members)}"
        for (partition,), members in sorted(files.partition_by("partition", as_dict=True).items())
    }


def _fingerprint(files: pl.DataFrame) -> str:
    # Not Polars' hash_rows, which may differ between versions: a cursor outlives an upgrade.
    state = files.select(_STATE).sort("path").write_csv(include_header=False).encode()
    return blake2b(state, digest_size=16).hexdigest()

"""What a build has to do: asked of staging and of the published file, so that nothing has to be remembered elsewhere.

Dagster is not imported here: a build that finds nothing to do is over before it would be loaded.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pipelines import check, normalize, read
from pipelines.errors import UsageError
from pipelines.ingest import update_inventory
from pipelines.load import is_published, remove_leftovers
from pipelines.read.stage import read_columns
from pipelines.settings import LOCAL, Workspace, get_today
from pipelines.staging import StageSpec, build_lock, list_outdated, list_partitions, ready_worker
from pipelines.staging.fingerprint import fingerprint_stage
from pipelines.staging.store import UNDATED, partition_folder, read_manifest
from schemas.vocabulary import FIRST_YEAR, Stage

STAGES: tuple[StageSpec, ...] = (read.STAGE, normalize.STAGE, check.STAGE)
LOCK_SECONDS = 4 * 3600.0  # another build's longest plausible run; a step waits for it


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What there is to do.

    Attributes:
        partitions: Report years that are to be run, in order.
        is_publish_due: Whether the warehouse in place is not what staging, as it is now, would be published as.
        missing: Chosen report years that hold no raw file.
    """

    partitions: tuple[str, ...]
    is_publish_due: bool
    missing: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing has changed since the last build."""
        return not self.partitions and not self.is_publish_due


def plan_build(
    workspace: Workspace, stages: Sequence[StageSpec] = STAGES, years: Collection[str] | None = None
) -> BuildPlan:
    """Take the inventory and return what there is to do.

    Args:
        workspace: The folders.
        stages: The stages between inventory and warehouse.
        years: Partitions to run, changed or not, and no others; None for those that have something to do.

    Raises:
        UsageError: A year that is no partition, none of the years holds a raw file or held one in the warehouse in
            place, or a folder that cannot be used.
        WarehouseError: What a killed build has left cannot be removed.
    """
    chosen = None if years is None else _known_partitions(years)
    with build_lock(workspace, LOCK_SECONDS):
        remove_leftovers(workspace)
        is_read_here = _is_read_here(workspace, stages)
        update_inventory(workspace, chosen, (lambda: ready_worker(read_columns)) if is_read_here else None)
        is_publish_due = not is_published(workspace)
        if chosen is None:
            return BuildPlan(tuple(_outdated_partitions(workspace, stages)), is_publish_due)
        found = set(list_partitions(workspace))
        missing = tuple(name for name in chosen if name not in found)
        if len(missing) == len(chosen) and not (is_publish_due and workspace.database.exists()):
            raise UsageError(f"no file of {', '.join(missing)} stands in {workspace.raw_url or workspace.raw}")
        return BuildPlan(tuple(name for name in chosen if name in found), is_publish_due, missing)


def _is_read_here(workspace: Workspace, stages: Sequence[StageSpec]) -> bool:
    """Tell whether documents are read by workers of this machine: these start while the rest of the plan is made."""
    return workspace.executor == LOCAL and read.STAGE in stages


def partition_names(last_year: int | None = None) -> list[str]:
    """Return every partition: the report years, to `last_year` or the current one, and the files in no year's folder.

    >>> partition_names(2010)
    ['2008', '2009', '2010', 'undated']
    """
    return [*(str(year) for year in range(FIRST_YEAR, (last_year or get_today().year) + 1)), UNDATED]


def _outdated_partitions(workspace: Workspace, stages: Sequence[StageSpec]) -> list[str]:
    """Return the partitions for which a stage has anything to make.

    A partition is up to date when every stage has made every batch from the inputs that are staged now, with the code
    and data files that are installed now, and no file failed for a reason that may have passed.
    """
    codes = {stage.name: fingerprint_stage(stage, workspace.limits) for stage in stages}
    return [name for name in list_partitions(workspace) if _is_outdated(workspace, name, codes)]


def _is_outdated(workspace: Workspace, partition: str, codes: Mapping[Stage, str]) -> bool:
    for stage, code in codes.items():
        if list_outdated(workspace, stage, partition):
            return True
        batches = read_manifest(partition_folder(workspace, stage, partition)).values()
        if any(batch.code != code or batch.due(get_today().year) for batch in batches):
            return True
    return False


def _known_partitions(years: Collection[str]) -> list[str]:
    names = partition_names()
    unknown = sorted(set(years) - set(names))
    if unknown:
        raise UsageError(f"no report year {', '.join(unknown)}; they run from {names[0]} to {names[-2]}, and {UNDATED}")
    return sorted(set(years))

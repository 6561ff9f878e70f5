"""What tests of runs share: raw files put down, stages run over them, and what is staged then."""

from pipelines.ingest import take_inventory
from pipelines.settings import Workspace
from pipelines.staging import StageRun, StageSpec, list_partitions, read_frame, run_stage
from schemas.vocabulary import Stage
from tests.staging.stages import NORMALIZE, READ


def put(workspace: Workspace, path: str, content: str) -> None:
    place = workspace.raw / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content, encoding="utf-8")


def put_many(workspace: Workspace, year: str, numbers: range) -> None:
    for number in numbers:
        put(workspace, f"{year}/{number}.txt", f"报告{number}\n行\n")


def build(workspace: Workspace, *specs: StageSpec) -> list[StageRun]:
    take_inventory(workspace)
    return [
        run_stage(workspace, spec, partition)
        for spec in specs or (READ, NORMALIZE)
        for partition in list_partitions(workspace)
    ]


def made(runs: list[StageRun]) -> list[tuple[str, int, int]]:
    return [(run.stage.value, run.made, run.kept) for run in runs]


def titles(workspace: Workspace) -> list[str]:
    return sorted(read_frame(workspace, Stage.NORMALIZE, "reports").collect()["title"])


def staged_bytes(workspace: Workspace) -> dict[str, bytes]:
    parts = [workspace.staging / stage for stage in ("read", "normalize")]
    return {str(p.relative_to(workspace.staging)): p.read_bytes() for part in parts for p in part.rglob("*.parquet")}

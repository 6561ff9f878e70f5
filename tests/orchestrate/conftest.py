"""A small project in a temporary folder, with stages that need no real documents."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from pipelines.orchestrate.history import held_open
from pipelines.orchestrate.project import Project, prepare_home
from pipelines.settings import Workspace
from pipelines.staging import Batch, StageSpec
from schemas.table import table
from schemas.vocabulary import FileFormat, Stage

ROOT = Path(__file__).parents[2]


def empty_frames(*names: str) -> dict[str, pl.DataFrame]:
    return {name: table(name).empty_frame() for name in names}


@dataclass
class FakeStages:
    """Read and normalize as thin as can be: every file is read, and set aside as none that can be loaded."""

    read_files: list[str] = field(default_factory=list)
    broken_years: set[str] = field(default_factory=set)

    def read(self, batch: Batch) -> dict[str, pl.DataFrame]:
        files = batch.inputs["files"]
        self.read_files += files["path"].to_list()
        if batch.partition in self.broken_years:
            raise ValueError(f"no good: {batch.partition}")
        documents = files.select("file_id", pl.lit(FileFormat.TEXT.value).alias("format"))
        return empty_frames("blocks", "cells", "findings", "rejections") | {
            "documents": table("documents").conform(documents)
        }

    def normalize(self, batch: Batch) -> dict[str, pl.DataFrame]:
        rejections = batch.inputs["documents"].select(
            "file_id",
            pl.lit(Stage.NORMALIZE.value).alias("stage"),
            pl.lit("no_statistic_table").alias("reason_code"),
            pl.lit("nothing in it").alias("reason"),
        )
        return empty_frames("figures", "reports", "resolutions", "sections", "findings") | {"rejections": rejections}

    def check(self, batch: Batch) -> dict[str, pl.DataFrame]:
        return empty_frames("quality", "suspicions", "findings", "rejections", "digest_cells", "digest_tables")

    def specs(self) -> tuple[StageSpec, ...]:
        read, normalize, check = Stage.READ, Stage.NORMALIZE, Stage.CHECK
        return (
            StageSpec(
                read,
                ((Stage.INGEST, "files"),),
                ("documents", "blocks", "cells", "findings", "rejections"),
                ("tests/orchestrate",),
                self.read,
            ),
            StageSpec(
                normalize,
                ((Stage.INGEST, "files"), (read, "documents"), (read, "blocks"), (read, "cells")),
                ("figures", "reports", "resolutions", "sections", "findings", "rejections"),
                ("tests/orchestrate",),
                self.normalize,
            ),
            StageSpec(
                check,
                ((normalize, "figures"), (normalize, "reports"), (normalize, "sections"), (Stage.INGEST, "files")),
                ("quality", "suspicions", "findings", "rejections", "digest_cells", "digest_tables"),
                ("tests/orchestrate",),
                self.check,
            ),
        )


def project_in(folder: Path) -> Project:
    workspace = Workspace(folder / "raw", folder / "warehouse", workers=1)
    workspace.raw.mkdir(exist_ok=True)
    return Project(ROOT, workspace, folder / "home")


def put_file(project: Project, path: str, text: str) -> Path:
    target = project.workspace.raw / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target


@pytest.fixture(scope="module", autouse=True)
def _small_map(small_map):
    return small_map


@pytest.fixture
def stages() -> FakeStages:
    return FakeStages()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_in(tmp_path)


@pytest.fixture
def put(project: Project) -> Callable[[str, str], Path]:
    """Write a raw file by its path below the raw folder."""

    return partial(put_file, project)


@pytest.fixture
def instance(project: Project) -> Iterator[dg.DagsterInstance]:
    """The project's instance with the project's own settings, as the UI opens it."""
    with held_open(), dg.DagsterInstance.from_config(str(prepare_home(project))) as opened:
        yield opened


@pytest.fixture
def _nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rows that break their frames be staged, as nothing of ours does."""
    monkeypatch.setattr("pipelines.staging.isolate.find_broken_files", lambda _: {})

"""Small hand-made staging: reports as a person would describe them, written as the stages would stage them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import polars as pl

from pipelines.normalize.figures import digest_prints
from pipelines.settings import Workspace
from pipelines.staging import store
from schemas.ids import stable_id
from schemas.table import table
from schemas.vocabulary import Stage

BUCKET = "0000-of-0001"
APPLICANTS = ("natural_person", "business", "research_institution", "public_interest_org", "legal_service", "other_org")
FRAMES = {
    Stage.INGEST: ("files", "captures", "findings", "rejections"),
    Stage.READ: ("documents", "findings", "rejections"),
    Stage.NORMALIZE: ("figures", "reports", "resolutions", "sections", "findings", "rejections"),
    Stage.CHECK: ("quality", "suspicions", "findings", "rejections"),
}
Key = tuple[str, str, str]  # table, row, column
Cell = float | str | None | tuple[float, str | None]  # number, printed text, blank, or amount with its unit


@dataclass
class FakeFile:
    """One raw file and what the stages made of it; with `figures` None the file has no report."""

    path: str
    agency: str | None = "甲市人民政府"
    year: int | None = 2021
    figures: Mapping[Key, Cell] | None = field(default_factory=dict)
    form: str = "2021"
    published: date | None = None
    signed: str | None = None
    content: str | None = None
    unknown_rows: tuple[tuple[str, float], ...] = ()
    repeated: tuple[tuple[Key, float], ...] = ()
    sections: tuple[str, ...] = ()
    quality: tuple[tuple[str, str, str], ...] = ()  # rule, scope, status
    suspicions: tuple[tuple[str, str, str, float, float], ...] = ()
    ingest_reason: str | None = None
    rejections: tuple[tuple[Stage, str], ...] = ()
    region: str | None = None
    agency_type: str | None = None
    sector: str | None = None
    admin_level: str | None = None
    agency_key: str | Sequence[str] | None = None  # the name under which it was first known, or its unit and place
    evidence: str = "title"
    findings: tuple[tuple[Stage, str], ...] = ()
    captured: tuple[str, int] | None = None  # address, and the day of January 2024 since which it holds these bytes
    page_url: str | None = None  # for a file attached to a page
    gone_at: datetime | None = None

    @property
    def file_id(self) -> int:
        return stable_id("file", self.path)

    @property
    def sha256(self) -> str:
        return sha256((self.content or self.path).encode()).hexdigest()

    @property
    def partition(self) -> str:
        folder = self.path.split("/")[0]
        return folder if folder.isdecimal() else "undated"


def request(row: str, *values: Cell, total: Cell = None) -> dict[Key, Cell]:
    """Return a row of 表三 by its leaf applicants, then its total."""
    cells: dict[Key, Cell] = {
        ("request", row, column): value for column, value in zip(APPLICANTS, values, strict=False)
    }
    return cells | {("request", row, "total"): total}


def stage_files(workspace: Workspace, fakes: Iterable[FakeFile]) -> None:
    """Write the frames of all stages for `fakes`, one batch a partition, replacing what was staged."""
    by_partition: dict[str, list[FakeFile]] = defaultdict(list)
    for fake in fakes:
        by_partition[fake.partition].append(fake)
    for partition, members in by_partition.items():
        for stage, names in FRAMES.items():
            frames = {name: _frame(stage, name, members) for name in names}
            folder = store.partition_folder(workspace, stage, partition)
            batch = store.StagedBatch(fingerprint="test", code="test", inputs={}, frames={})
            store.write_batch(folder, store.read_manifest(folder), BUCKET, batch, frames)


def workspace_in(folder: Path) -> Workspace:
    raw = folder / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    return Workspace(raw=raw, warehouse=folder / "warehouse")


def _frame(stage: Stage, name: str, fakes: list[FakeFile]) -> pl.DataFrame:
    rows = [row for fake in fakes for row in _ROWS[name](stage, fake)]
    return pl.DataFrame(rows, schema=table(name).polars_schema) if rows else table(name).empty_frame()


def _files(stage: Stage, fake: FakeFile) -> Iterable[dict[str, object]]:
    yield {
        "file_id": fake.file_id, "path": fake.path, "partition": fake.partition,
        "folder_year": int(fake.partition) if fake.partition.isdecimal() else None,
        "bytes": 100, "modified_ns": 1, "sha256": fake.sha256, "reason_code": fake.ingest_reason,
        "reason": f"set aside: {fake.ingest_reason}" if fake.ingest_reason else None,
    }  # fmt: skip


def _captures(stage: Stage, fake: FakeFile) -> Iterable[dict[str, object]]:
    if fake.captured is not None:
        url, day = fake.captured
        yield {
            "file_id": fake.file_id, "url": url, "page_url": fake.page_url or url, "source": "甲", "referrer": None,
            "fetched_at": datetime(2024, 1, day), "current_since": datetime(2024, 1, day), "http_status": 200,  # noqa: DTZ001 - UTC without saying so, as in the warehouse
            "http_headers": "{}", "gone_at": fake.gone_at,
        }  # fmt: skip


def _documents(stage: Stage, fake: FakeFile) -> Iterable[dict[str, object]]:
    if fake.ingest_reason is None:
        yield {"file_id": fake.file_id, "format": "html", "encoding": "utf-8"}


def _reports(stage: Stage, fake: FakeFile) -> Iterable[dict[str, object]]:
    if fake.figures is not None and fake.ingest_reason is None:
        yield {
            "file_id": fake.file_id, "report_id": stable_id("report", fake.path, fake.sha256),
            "title": f"{fake.agency}{fake.year}年政府信息公开工作年度报告",
            "signed_name": fake.signed or fake.agency, "agency_name": fake.agency,
            "agency_id": _agency_id(fake) if fake.agency else None,
            "agency_evidence": fake.evidence, "region_code": fake.region, "agency_type": fake.agency_type,
            "sector": fake.sector, "admin_level": fake.admin_level,
            "year": fake.year, "form_code": fake.form, "published_date": fake.published,
            "url": f"https://example.org/{fake.file_id}", "reported_count": 0, **_prints(fake),
        }  # fmt: skip


def _prints(fake: FakeFile) -> dict[str, object]:
    figures = pl.DataFrame(list(_figures(Stage.NORMALIZE, fake)), schema=table("figures").polars_schema)
    return dict(next(digest_prints(figures).iter_rows(named=True), {}))


def _agency_id(fake: FakeFile) -> int:
    key = fake.agency_key or fake.agency or ""
    return stable_id("agency", *([key] if isinstance(key, str) else key))


def _figures(stage: Stage, fake: FakeFile) -> Iterable[dict[str, object]]:
    cells = [(key, cell, key[1]) for key, cell in (fake.figures or {}).items()]
    cells += [((code, row, column), cell, row) for (code, row, column), cell in fake.repeated]
    cells += [(("proactive", None, None), cell, label) for label, cell in fake.unknown_rows]  # type: ignore[misc]
    for number, ((code, row, column), cell, label) in enumerate(cells, start=1):
        value, unit = cell if isinstance(cell, tuple) else (cell, None)
        is_number = isinstance(value, int | float)
        yield {
            "file_id": fake.file_id, "table_code": code, "form_code": fake.form, "row_code": row, "column_code": column,
            "value": float(value) if is_number else None,  # type: ignore[arg-type]
            "value_status": "reported" if is_number else "blank" if value is None else "not_applicable",
            "unit": unit, "raw_text": "" if value is None else str(value), "raw_label": label,
            "table_number": 1, "row_number": number, "column_number": 2, "match_method": "exact", "match_score": 1.0,
            "note": None,
        }  # fmt: skip


def _sections(stage: Stage, fake: FakeFile) -> Iterable[dict[str, object]]:
    for number, text in enumerate(fake.sections, start=1):
        yield {
            "file_id": fake.file_id,
            "section_number": number,
            "section_code": "other",
            "heading": None,
            "text": text,
        }


def _resolutions(stage: Stage, fake: FakeFile) -> Iterable[dict[str, object]]:
    if fake.agency is not None and fake.ingest_reason is None:
        yield {
            "file_id": fake.file_id, "subject": "agency", "evidence_number": 1, "outcome": "resolved",
            "source": "title", "weight": 9, "raw_text": fake.signed or fake.agency, "reads_as": fake.agency,
            "bearing": "decides",
        }  # fmt: skip


def _quality(stage: Stage, fake: FakeFile) -> Iterable[dict[str, object]]:
    for rule, scope, status in fake.quality:
        yield {
            "file_id": fake.file_id, "rule_id": rule, "scope": scope, "status": status, "left_value": 2.0,
            "right_value": 1.0, "delta": 1.0, "note": None,
        }  # fmt: skip


def _suspicions(stage: Stage, fake: FakeFile) -> Iterable[dict[str, object]]:
    for code, row, column, reported, suggested in fake.suspicions:
        yield {
            "file_id": fake.file_id, "table_code": code, "row_code": row, "column_code": column,
            "reported_value": reported, "suggested_value": suggested, "is_unique": True, "explanation_en": "sum",
            "explanation_zh": "合计",
        }  # fmt: skip


def _findings(stage: Stage, fake: FakeFile) -> Iterable[dict[str, object]]:
    for at, reason in fake.findings:
        if at is stage:
            yield {
                "file_id": fake.file_id, "stage": stage.value, "reason_code": reason, "severity": "warn",
                "table_number": 1, "row_number": None, "column_number": None, "raw_text": "x", "message": reason,
            }  # fmt: skip


def _rejections(stage: Stage, fake: FakeFile) -> Iterable[dict[str, object]]:
    for at, reason in fake.rejections:
        if at is stage:
            yield {"file_id": fake.file_id, "stage": stage.value, "reason_code": reason, "reason": f"because {reason}"}


_ROWS = {
    "files": _files, "captures": _captures, "documents": _documents, "reports": _reports, "figures": _figures,
    "sections": _sections, "quality": _quality, "suspicions": _suspicions, "findings": _findings,
    "rejections": _rejections, "resolutions": _resolutions,
}  # fmt: skip

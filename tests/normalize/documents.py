"""Documents of a few lines, and who reports for which year by them."""

from pathlib import Path

import polars as pl

from pipelines.normalize.identity.agency_review import load_reviews
from pipelines.normalize.identity.reports import Identified, identify_reports
from schemas.table import table

Line = tuple[str, str | None, str]
"""Kind, label and text of a block."""


def identify(
    lines: list[Line], path: str = "2021/a.html", folder_year: int | None = 2021, reviews: Path | None = None
) -> tuple[dict[str, object], dict[str, str]]:
    """Return the row of `reports` of a document with these lines, and its findings: their messages by reason."""
    reports, findings, _ = _identified(lines, path, folder_year, reviews)
    return reports.row(0, named=True), dict(findings.select("reason_code", "message").iter_rows())


def resolutions(lines: list[Line]) -> list[tuple[object, ...]]:
    """Return source, reading and bearing of the evidence on the agency."""
    told = _identified(lines, "2021/a.html", 2021, None).resolutions
    return told.filter(pl.col("subject") == "agency").select("source", "reads_as", "bearing").rows()


def _identified(lines: list[Line], path: str, folder_year: int | None, reviews: Path | None) -> Identified:
    files = table("files").conform(pl.DataFrame({"file_id": [1], "path": [path], "folder_year": [folder_year]}))
    blocks = table("blocks").conform(
        pl.DataFrame(
            [
                {"file_id": 1, "block_number": number, "kind": kind, "label": label, "text": text}
                for number, (kind, label, text) in enumerate(lines, start=1)
            ],
            schema_overrides={"label": pl.String},
            infer_schema_length=None,
        )
    )
    decisions = load_reviews(reviews) if reviews is not None else ()
    return identify_reports(files, blocks, decisions)

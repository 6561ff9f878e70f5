"""Stage check: schemas, accounting identities and rules over figures, and the cells that broken identities blame."""

from pipelines.check.enforce import enforce_schema
from pipelines.check.marks import Breach, Marks, Suggestion, mark_report
from pipelines.check.stage import STAGE, check_batch
from pipelines.check.stage_series import (
    CURRENT_COLUMNS,
    SERIES_FRAMES,
    SeriesRun,
    fingerprint_outcomes,
    list_series_files,
    read_series,
    read_series_digests,
    run_series,
)

__all__ = [
    "CURRENT_COLUMNS",
    "SERIES_FRAMES",
    "STAGE",
    "Breach",
    "Marks",
    "SeriesRun",
    "Suggestion",
    "check_batch",
    "enforce_schema",
    "fingerprint_outcomes",
    "list_series_files",
    "mark_report",
    "read_series",
    "read_series_digests",
    "run_series",
]

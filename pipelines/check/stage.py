"""Stage check for one batch: the schema of its figures, rules and suspicions."""

import polars as pl

from pipelines.check.across import digest_figures
from pipelines.check.agreement import judge_agreement
from pipelines.check.enforce import enforce_schema
from pipelines.check.engine import evaluate_rules, raise_findings
from pipelines.check.narrative import check_narrative
from pipelines.check.suspect import suspect_cells
from pipelines.staging.spec import WAREHOUSE_ONLY, Batch, StageSpec
from schemas.table import table
from schemas.vocabulary import Stage


def check_batch(
    figures: pl.DataFrame,
    reports: pl.DataFrame,
    sections: pl.DataFrame,
    files: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """Return frames `quality`, `suspicions`, `findings`, `rejections`, `digest_cells` and `digest_tables` of a batch.

    Figures that break their frame's schema are errors of ours and reject their file. Figures that do not add up are
    facts about the agency: reported, loaded as printed, never rejected.

    Args:
        figures: Frame `figures`.
        reports: Frame `reports`.
        sections: Frame `sections`.
        files: Frame `files`, which knows the folders; without it no rule is held against them.
    """
    kept, rejections = enforce_schema(figures)
    judged = reports.join(rejections, on="file_id", how="anti", maintain_order="left")
    evaluation = evaluate_rules(kept, judged)
    suspicions, unexplained = suspect_cells(evaluation)
    told, quoted = check_narrative(evaluation.cells, sections, suspicions, judged)
    agreed = judge_agreement(judged, sections, files)
    stated = agreed.select(table("quality").polars_schema.names())
    return {
        "quality": pl.concat([evaluation.quality, told, stated]),
        "suspicions": suspicions,
        "findings": pl.concat([evaluation.findings, unexplained, quoted, raise_findings(stated, agreed, kept.clear())]),
        "rejections": rejections,
        **digest_figures(kept, evaluation.cells),
    }


def _compute(batch: Batch) -> dict[str, pl.DataFrame]:
    return check_batch(*(batch.inputs[name] for name in ("figures", "reports", "sections", "files")))


STAGE = StageSpec(
    name=Stage.CHECK,
    inputs=(
        (Stage.NORMALIZE, "figures"),
        (Stage.NORMALIZE, "reports"),
        (Stage.NORMALIZE, "sections"),
        (Stage.INGEST, "files"),
    ),
    outputs=("quality", "suspicions", "findings", "rejections", "digest_cells", "digest_tables"),
    packages=("pipelines.check", "pipelines.normalize", "schemas"),
    compute=_compute,
    portion=2_048,
    libraries=("pandera",),
    apart=WAREHOUSE_ONLY,
)

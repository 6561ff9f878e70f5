"""Names and lineage of the assets: which frames feed which warehouse table, and what a stage is made with."""

from collections.abc import Collection

import dagster as dg

from schemas.vocabulary import Stage

STAGE_KINDS: dict[Stage, set[str]] = {
    Stage.INGEST: {"file", "parquet"},
    Stage.READ: {"html", "parquet"},
    Stage.NORMALIZE: {"polars", "parquet"},
    Stage.CHECK: {"pandera", "parquet"},
    Stage.LOAD: {"duckdb", "table"},
}

# Frames (with a slash) and other tables that a warehouse table is made from. A table that is not here is knowledge
# carried by schemas alone (vocabularies, rules): it has no data upstream.
TABLE_SOURCES: dict[str, tuple[str, ...]] = {
    "source_file": (
        "ingest/files",
        "ingest/captures",
        "read/documents",
        "read/rejections",
        "normalize/rejections",
        "check/rejections",
    ),
    "dim_agency": ("normalize/reports",),
    "dim_agency_alias": ("normalize/reports", "dim_agency"),
    "dim_report": ("normalize/reports", "source_file", "dim_agency", "dim_year"),
    "reported_cell": ("normalize/figures", "dim_report"),
    "report_section": ("normalize/sections", "dim_report"),
    "finding": ("ingest/findings", "read/findings", "normalize/findings", "check/findings", "dim_report"),
    "quality_result": ("check/quality", "check/digest_cells", "check/digest_tables", "quality_rule", "dim_report"),
    "suspected_cell": ("check/suspicions", "check/digest_cells", "dim_report"),
    "fact_request_flow": ("reported_cell", "dim_applicant"),
    "fact_request_outcome": ("reported_cell", "dim_request_outcome", "dim_applicant"),
    "fact_challenge": ("reported_cell", "dim_challenge_channel", "dim_challenge_result"),
    "fact_proactive": ("reported_cell", "dim_proactive_item"),
    "fact_legacy": ("reported_cell",),
    "agency_resolution": ("normalize/resolutions", "dim_report"),
    "report_summary": (
        "fact_request_flow", "fact_request_outcome", "fact_challenge", "fact_proactive", "quality_result",
        "reported_cell", "report_section", "dim_report", "dim_agency", "dim_deadline",
    ),
    "report_summary_corrected": ("report_summary",),
    "measure_cell": ("dim_measure",),
    "form_bridge": ("dim_measure",),
    "meta_release": ("source_file", "dim_report"),
    "coverage": ("source_file", "dim_report", "dim_agency", "quality_result"),
}  # fmt: skip

# What the quality page shows; it is published in the same step as the tables.
PAGE_SOURCES = ("source_file", "dim_report", "reported_cell", "finding", "quality_result", "suspected_cell", "coverage")

# What the changelog tells of: releases, and the figures of two of them.
CHANGELOG_SOURCES = ("meta_release", "source_file", "dim_report", "reported_cell", "fact_request_outcome")


def frame_key(stage: Stage, frame: str) -> dg.AssetKey:
    """Return the asset key of a staged frame: its stage, then its name."""
    return dg.AssetKey([stage.value, frame])


def table_key(name: str) -> dg.AssetKey:
    """Return the asset key of a warehouse table."""
    return dg.AssetKey(["warehouse", name])


def table_parents(names: Collection[str]) -> dict[str, list[str]]:
    """Return for each table the tables among `names` that it is made from.

    >>> table_parents(["dim_agency_alias", "dim_agency"])
    {'dim_agency_alias': ['dim_agency'], 'dim_agency': []}
    """
    return {name: [source for source in TABLE_SOURCES.get(name, ()) if source in names] for name in names}


def source_key(source: str) -> dg.AssetKey:
    """Return the asset key of a source as `TABLE_SOURCES` writes it.

    >>> source_key("normalize/figures").path, source_key("dim_report").path
    (['normalize', 'figures'], ['warehouse', 'dim_report'])
    """
    stage, _, frame = source.rpartition("/")
    return frame_key(Stage(stage), frame) if stage else table_key(frame)

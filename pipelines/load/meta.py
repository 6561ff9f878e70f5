"""Rows of the tables in which the warehouse describes itself."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

import polars as pl

from pipelines.load.states import SettledFiles
from schemas.ddl import warehouse_tables, warehouse_views
from schemas.package import column_meaning
from schemas.rule import load_rules
from schemas.table import table
from schemas.vocabulary import FileStatus

_DEFINITIONS = (".toml", ".sql", ".csv")


def rule_rows() -> pl.DataFrame:
    """Return quality_rule."""
    rows = [
        (
            rule.id, rule.name, rule.formula, rule.form_code, rule.severity.value, rule.description_zh,
            rule.description_en,
        )
        for rule in load_rules().values()
    ]  # fmt: skip
    return _frame("quality_rule", rows)


def table_rows(row_counts: dict[str, int]) -> pl.DataFrame:
    """Return meta_table for all tables and views."""
    rows = [
        (spec.name, spec.layer, ", ".join(spec.key) or None, spec.zh, spec.en, row_counts.get(spec.name))
        for spec in (*warehouse_tables(), *warehouse_views())
    ]
    return _frame("meta_table", rows)


def column_rows() -> pl.DataFrame:
    """Return meta_column for all tables and views."""
    names = [column.name for column in table("meta_column").columns]
    meanings = [
        column_meaning(spec, column) for spec in (*warehouse_tables(), *warehouse_views()) for column in spec.columns
    ]
    rows = [tuple(meaning[name] for name in names) for meaning in meanings]
    return _frame("meta_column", rows)


def release_row(settled: SettledFiles, storage_version: str) -> pl.DataFrame:
    """Return meta_release: hashes of what went in, and how much of it."""
    inputs = _hash(
        f"{path}\t{digest}\t{status}"
        for path, digest, status in settled.source_file.sort("path").select("path", "sha256", "status").iter_rows()
    )
    definitions = _hash(_definition_texts(files("schemas")))
    years = settled.dim_report["year"].to_list()
    states = settled.source_file["status"].to_list()
    row = (
        _hash((inputs, definitions)), inputs, definitions, storage_version, len(states),
        *(states.count(status.value) for status in
          (FileStatus.LOADED, FileStatus.SUPERSEDED, FileStatus.DUPLICATE, FileStatus.REJECTED)),
        settled.dim_agency.height, min(years, default=None), max(years, default=None),
    )  # fmt: skip
    return _frame("meta_release", [row])


def _definition_texts(folder: Traversable) -> Iterable[str]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _definition_texts(entry)
        elif entry.name.endswith(_DEFINITIONS):
            yield f"{entry.name}\n{entry.read_text(encoding='utf-8')}"


def _hash(texts: Iterable[str]) -> str:
    digest = sha256()
    for text in texts:
        digest.update(text.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _frame(name: str, rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=table(name).polars_schema, orient="row")

"""The releases of the warehouse: what each was made from, kept in `meta_release` from one publish to the next."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib import metadata
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import duckdb
import polars as pl
from polars.exceptions import PolarsError

from pipelines.load.file_states import SettledFiles
from pipelines.settings import Workspace
from schemas.ddl import quote_text
from schemas.table import table
from schemas.vocabulary import FileStatus

_DATA = (".toml", ".sql", ".csv", ".css")
_CODE = (".py", ".sql", ".toml", ".css")
_NAME = "meta_release"


def release_rows(
    workspace: Workspace,
    settled: SettledFiles,
    decisions: Iterable[str],
    counts: dict[str, int],
    storage_version: str,
) -> pl.DataFrame:
    """Return meta_release: the releases before, and this one as the current.

    Args:
        workspace: Whose release in place tells of those before.
        settled: Every raw file with its state, reports and agencies.
        decisions: What people have decided, as texts.
        counts: Rows by table.
        storage_version: Oldest DuckDB that can open the file.
    """
    before = read_history(workspace)
    number = 1 + max(before["release_number"].to_list(), default=0)
    states = settled.source_file["status"].to_list()
    years = settled.dim_report["year"].to_list()
    hashes = {
        "inputs_hash": _hash_inputs(settled.source_file),
        "forms_hash": hash_texts(_texts(files("schemas") / "forms", _DATA)),
        "definitions_hash": hash_texts(_texts(files("schemas"), _DATA)),
        "decisions_hash": hash_texts(decisions),
        "code_hash": _hash_code(),
    }
    now = {
        "release_number": number,
        "release_id": hash_texts(hashes.values()),
        "released_at": datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        "is_current": True,
        "code_version": code_version(),
        **hashes,
        "storage_version": storage_version,
        "file_count": len(states),
        **{f"{status.value}_count": states.count(status.value) for status in FileStatus},
        "agency_count": settled.dim_agency.height,
        "first_year": min(years, default=None),
        "last_year": max(years, default=None),
        "cell_count": counts["reported_cell"],
        "fact_count": sum(count for name, count in counts.items() if name.startswith("fact_")),
        "finding_count": counts["finding"],
    }
    return pl.concat([before.with_columns(is_current=False), table(_NAME).conform(pl.DataFrame([now]))])


def _hash_inputs(files: pl.DataFrame) -> str:
    """Return the hash of path, bytes and state of every file: `hash_texts` of a line a file, joined by the engine."""
    line = pl.concat_str("path", pl.col("sha256").fill_null("None"), "status", separator="\t")
    told = files.select("path", "sha256", "status").sort("path")  # a whole copy in order would be the publish's peak
    lines = told.select(line.str.join("\0")).item()
    return hash_texts([lines] if files.height else [])


def code_version() -> str:
    """Return the version of the project and twelve digits of the hash of its code, as meta_release has them."""
    try:
        version = metadata.version("gongkai")
    except metadata.PackageNotFoundError:  # run from a copy of the source that was never installed
        version = "0"
    return f"{version}+{_hash_code()[:12]}"


def read_history(workspace: Workspace) -> pl.DataFrame:
    """Return meta_release of the release in place, from its twin or, where that cannot be read, from its database.

    Empty where there is no release yet, or one from before releases were numbered.
    """
    spec = table(_NAME)
    for read in (_read_twin, _read_database):
        try:
            found = read(workspace)
        except (OSError, PolarsError, duckdb.Error):  # what is damaged or gone has no history to tell; the other may
            continue
        if "release_number" in found.columns:
            return spec.conform(found.select(name for name in spec.polars_schema if name in found.columns))
    return spec.empty_frame()


def _read_twin(workspace: Workspace) -> pl.DataFrame:
    return pl.read_parquet((workspace.parquet / f"{_NAME}.parquet").read_bytes())


def _read_database(workspace: Workspace) -> pl.DataFrame:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH {quote_text(str(workspace.database))} AS before (READ_ONLY)")
        return pl.DataFrame(connection.sql(f"FROM before.{_NAME}"))


def hash_texts(texts: Iterable[str]) -> str:
    """Return the SHA-256 of texts that no other division of them shares."""
    digest = sha256()
    for text in texts:
        digest.update(text.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _texts(folder: Traversable, endings: tuple[str, ...], prefix: str = "") -> Iterable[str]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _texts(entry, endings, f"{name}/")
        elif Path(entry.name).suffix in endings:
            yield f"{name}\n{entry.read_text(encoding='utf-8')}"


@cache
def _hash_code() -> str:
    """Return the hash of the code, asked once a process: the modules in memory are those of its start."""
    return hash_texts([*_texts(files("schemas"), (".py",)), *_texts(files("pipelines"), _CODE)])

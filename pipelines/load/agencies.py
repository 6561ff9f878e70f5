"""The agencies of the warehouse: described, with their names, and those that the user's own list says should report."""

import csv
from collections.abc import Mapping
from io import BytesIO, StringIO
from pathlib import Path

import polars as pl

from pipelines.errors import UsageError
from pipelines.normalize import STAGE as NORMALIZE
from pipelines.normalize.identity.agency import Resolution, resolve_agency
from pipelines.normalize.identity.agency_review import REVIEWS_FILE, load_reviews, require_reviews_apply
from pipelines.normalize.identity.agency_table import UnitName, describe_agencies, list_aliases, read_unit_name
from pipelines.normalize.identity.clue import Clue
from pipelines.settings import Workspace
from pipelines.staging import read_frame
from pipelines.staging.fingerprint import fingerprint_stage
from pipelines.staging.store import read_review, write_file
from schemas.table import table
from schemas.vocabulary import FIRST_YEAR, EvidenceSource, Stage

_WANTED_COLUMNS = ("agency_name", "from_year", "to_year")
_WANTED_SCHEMA = {"agency_id": pl.Int64(), "agency_name": pl.String(), "from_year": pl.Int32(), "to_year": pl.Int32()}
_NAMES = "agency_names.parquet"  # below staging
_NAMES_SCHEMA = pl.Schema(
    {"code": pl.String(), "agency_name": pl.String(), "unit_key": pl.String(), "is_of_region": pl.Boolean()}
)
_UNCLEAR = ("no_agency", "ambiguous_agency", "unknown_region")


def agency_rows(
    versions: pl.DataFrame, ended: Mapping[int, int], known: Mapping[str, UnitName] | None = None
) -> pl.DataFrame:
    """Return dim_agency: every agency with a loaded version, as the latest of its reports describes it.

    Args:
        versions: Frame `reports`, the loaded versions only.
        ended: Last year of the agencies that a reviewer says have ended (`pipelines.normalize.identity.agency_review`).
        known: What names say, as far as it was read before (`read_known_names`).
    """
    agencies = describe_agencies(versions, known)
    decided = pl.DataFrame(list(ended.items()), schema={"agency_id": pl.Int64, "decided": pl.Int32}, orient="row")
    is_ended = pl.min_horizontal("ended_year", "decided")  # a null is no year
    return table("dim_agency").conform(
        agencies.join(decided, on="agency_id", how="left", maintain_order="left")
        .with_columns(ended_year=is_ended)
        .drop("decided")
    )


def read_known_names(workspace: Workspace) -> dict[str, UnitName]:
    """Return what the agencies' names said when they were last described, by the code that would read them now.

    To read a name takes a tenth of a millisecond, and of fifteen thousand agencies hardly one is new to a publish.
    """
    try:
        noted = pl.read_parquet((workspace.staging / _NAMES).read_bytes())
        if noted.schema != _NAMES_SCHEMA or set(noted["code"]) != {_names_code(workspace)}:
            return {}
    except (OSError, pl.exceptions.PolarsError):  # it saves work and nothing else
        return {}
    return {name: UnitName(key, is_of_region=flag) for name, key, flag in noted.drop("code").iter_rows()}


def note_known_names(workspace: Workspace, agencies: pl.DataFrame, known: Mapping[str, UnitName]) -> None:
    """Note what the names of these agencies say, where any of them is not among those that were known."""
    names = agencies["agency_name"].drop_nulls().unique().sort().to_list()
    if all(name in known for name in names):
        return
    code = _names_code(workspace)
    facts = [(name, known.get(name) or read_unit_name(name)) for name in names]
    rows = [(code, name, fact.unit_key, fact.is_of_region) for name, fact in facts]
    buffer = BytesIO()
    pl.DataFrame(rows, schema=_NAMES_SCHEMA, orient="row").write_parquet(buffer)
    write_file(workspace.staging / _NAMES, buffer.getvalue())


def _names_code(workspace: Workspace) -> str:
    return fingerprint_stage(NORMALIZE, workspace.limits)


def alias_rows(reports: pl.DataFrame) -> pl.DataFrame:
    """Return dim_agency_alias: every name under which the agencies have signed, and their full names.

    Args:
        reports: Frame `reports` with `path`, same bytes counted once; a report that another supersedes or says again
            in another container has signed too.
    """
    known = reports.with_columns(
        pl.coalesce("agency_evidence", pl.format("signed in {}", "path")).alias("agency_evidence")
    )
    signed = (
        known.drop_nulls("signed_name")
        .sort("year", "agency_evidence", "path", nulls_last=True)
        .group_by(alias="signed_name", agency_id="agency_id")
        .agg(pl.col("file_id").first(), report_count=pl.len())
    )
    aliases = list_aliases(known).join(signed, on=["alias", "agency_id"], how="left")
    return table("dim_agency_alias").conform(aliases.with_columns(pl.col("report_count").fill_null(0)))


def require_decisions(workspace: Workspace) -> None:
    """Fail where a reviewer's decision on an agency matches no report of any year.

    Raises:
        UsageError: With the lines in question.
    """
    reviews = load_reviews(workspace.reviews / REVIEWS_FILE)
    if reviews:
        reports = (
            read_frame(workspace, Stage.NORMALIZE, "reports").select("agency_id", "year", "agency_evidence").collect()
        )
        require_reviews_apply(reviews, reports)


def read_wanted(path: Path) -> pl.DataFrame:
    """Return the user's list of agencies that should report; no rows where there is no file.

    Returns:
        agency_id, agency_name, from_year, to_year (null: to this day).

    Raises:
        UsageError: A column is missing, a name is no agency's full name or stands twice, a year is none.
    """
    text = read_review(path)
    reader = csv.DictReader(StringIO(text, newline=""))
    if text and tuple(reader.fieldnames or ()) != _WANTED_COLUMNS:
        raise UsageError(f"{path.name}: the columns must be {', '.join(_WANTED_COLUMNS)}")
    rows: dict[int, tuple[int, str, int, int | None]] = {}
    for line, row in enumerate(reader, start=2):
        where = f"{path.name}, line {line}"
        agency = _resolve(row["agency_name"] or "", where)
        if agency[0] in rows:
            raise UsageError(f"{where}: {agency[1]} stands in the list twice; keep one line")
        rows[agency[0]] = (*agency, *_years(row["from_year"] or "", row["to_year"] or "", where))
    return pl.DataFrame(list(rows.values()), schema=_WANTED_SCHEMA, orient="row")


def _resolve(name: str, where: str) -> tuple[int, str]:
    found: Resolution = resolve_agency([Clue(EvidenceSource.REVIEW, name)], None, str, name)
    if found.agency_id is None or found.agency_name is None or found.reason_code in _UNCLEAR:
        raise UsageError(
            f"{where}: {name!r} is no agency's full name ({found.evidence}): write it with its prefecture and county"
        )
    return found.agency_id, found.agency_name


def _years(first: str, last: str, where: str) -> tuple[int, int | None]:
    try:
        from_year, to_year = int(first), int(last) if last else None
    except ValueError:
        raise UsageError(
            f"{where}: from_year must be a year, to_year a year or empty, not {first!r}, {last!r}"
        ) from None
    if from_year < FIRST_YEAR or (to_year is not None and to_year < from_year):
        raise UsageError(f"{where}: {first} to {last or 'now'} are no years of reports; they run from {FIRST_YEAR}")
    return from_year, to_year

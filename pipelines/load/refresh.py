"""A refresh: the file in place is copied, and only what speaks of changed files is made again in the copy.

Publishing a hundred thousand reports anew takes minutes; that one of them was corrected should be seen in seconds. What
a refresh leaves was proved when it was made, by the same code from the same frames, so only what it makes is proved. It
holds the same rows as a whole build, row for row (`content_hashes`); only their order in the tables differs, so after
 some refreshes, or where much has changed, the warehouse is built whole.
"""

import errno
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import polars as pl

from pipelines.load.build import (
    insert_corrected,
    insert_meta,
    replace_tables,
    settled_tables,
    show_decisions,
)
from pipelines.load.fill import (
    CATALOG,
    Fill,
    count_rows,
    drop_portion,
    enter_rows,
    in_part,
    locate_part,
    make_rows,
    prepare_portions,
    show_files,
    show_part,
    write_part,
    write_parts,
)
from pipelines.load.portions import BY_FILE, BY_REPORT, Staging, gather_batches, name_part
from pipelines.load.record import Record, changed_files, changed_series, digest_files, hash_batches, read_seen
from pipelines.load.renew import Change, change_table, find_change, read_twin, renew_coverage
from pipelines.load.staged_views import show_frame
from schemas.ddl import quote_name, quote_text
from schemas.table import table

_MOST_REFRESHES = 30  # in a row: rows that were deleted leave holes, and new ones stand apart from their neighbours
_MOST_SHARE = 0.2  # of the files; with more, a whole build is hardly slower and leaves a better file
_CHANGED = ("source_file", "dim_agency", "dim_agency_alias", "dim_year", "dim_report", "review_verdict", "coverage")
_REPLACED = ("report_summary_corrected", "meta_table", "meta_release")


def is_refreshable(record: Record | None, base: str, staging: Staging) -> bool:
    """Tell whether the warehouse in place can be refreshed: same code and decisions, and most batches as they were."""
    if record is None or record.base != base or record.refreshes >= _MOST_REFRESHES:
        return False
    now = hash_batches(staging)
    if not now or not record.batches:
        return False  # without a file the big tables' twins are files and not folders
    changed = [name for name in now.keys() | record.batches.keys() if now.get(name) != record.batches.get(name)]
    return len(changed) <= max(1, _MOST_SHARE * len(now))


def copy_database(source: Path, target: Path) -> None:
    """Copy a database file as quickly as the system can: some share the blocks until they are written to."""
    try:
        with source.open("rb") as old, target.open("wb") as new:
            left = os.fstat(old.fileno()).st_size
            while left and (count := os.copy_file_range(old.fileno(), new.fileno(), left)):
                left -= count
    except (AttributeError, OSError) as error:  # not every system and file system can
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise
        shutil.copyfile(source, target)


def refresh_warehouse(fill: Fill, record: Record, old_twins: Path) -> bool:
    """Bring a copy of the warehouse up to date with what is staged; False where too much has changed.

    Raises:
        WarehouseError: Rows do not prove themselves.
        UsageError: A reviewer's decision matches no report.
    """
    connection = fill.connection
    reviews = show_decisions(fill)
    now = {**settled_tables(fill.settled), "review_verdict": reviews.review_verdict}
    before = {name: read_twin(old_twins, name) for name in now}
    changes = {name: find_change(before[name], table(name).conform(frame)) for name, frame in now.items()}
    changes["seen_report"] = find_change(read_seen(fill.workspace), fill.settled.seen_report)
    fill.digests = digest_files(fill.staging, record)
    reviewed = (reviews.reviewed_cell, reviews.reviewed_outcome, reviews.reviewed_suspicion)
    named = (frame.select("file_id") for frame in reviewed)
    affected = pl.concat([_changed_files(fill, record, changes), *named]).unique()
    if affected.height > max(1, _MOST_SHARE * fill.settled.partitions.height):
        return False
    prepare_portions(fill)
    gone = before["dim_report"].join(affected, on="file_id", how="semi").select("report_id")
    for name, frame in {"affected_file": affected, "gone_report": gone}.items():
        show_frame(connection, fill.folder, f"named_{name}", frame)
        connection.execute(f"CREATE TEMP TABLE {name} AS FROM named_{name}")
    for name in now:
        change_table(fill, name, changes[name])
    replace_tables(connection, _REPLACED)
    members = fill.placed.join(affected, on="file_id", how="semi")
    _renew_rows(fill, members, old_twins)
    insert_corrected(fill)
    changes["coverage"] = renew_coverage(fill, old_twins, changes, affected)
    insert_meta(fill)
    _write_others(fill, record, set(members["batch"]), old_twins)
    fill.written = (*(name for name in _CHANGED if changes[name]), *_REPLACED)
    _link_others(fill, old_twins)
    return True


def _renew_rows(fill: Fill, members: pl.DataFrame, old_twins: Path) -> None:
    """Make the big tables' rows of the affected files anew, portion by portion, and the files of their batches' twins.

    Args:
        fill: The filling.
        members: (file_id, batch) of those files.
        old_twins: The release before.
    """
    connection = fill.connection
    for name in BY_REPORT:
        connection.execute(f"DELETE FROM {CATALOG}.{quote_name(name)} WHERE {_is_stale(name)}")  # noqa: S608 - ours
    kept = {name: count_rows(connection, name) for name in BY_REPORT}
    _keep_checked(connection)
    for portion in gather_batches(dict(members.group_by("batch").len().sort("batch").iter_rows())):
        show_files(fill, members.filter(pl.col("batch").is_in(portion.batches)))
        make_rows(fill, portion, is_part=True)
        for name in BY_REPORT:
            enter_rows(fill, name)
        _renew_parts(fill, portion.batches, old_twins, has_rows=True)
    fill.rows = {name: kept[name] + fill.rows.get(name, 0) for name in BY_REPORT}
    drop_portion(connection)


# What is said of two versions that contradict each other is a matter of both; held against what was said of them.
_DIFFERING = """
WITH old_conflict AS MATERIALIZED (
    SELECT file_id, message FROM finding WHERE reason_code = 'conflicting_versions'
)
SELECT file_id FROM (
    (FROM version_finding SELECT file_id, message EXCEPT FROM old_conflict) UNION ALL
    (FROM old_conflict EXCEPT FROM version_finding SELECT file_id, message)
)
"""


def _changed_files(fill: Fill, record: Record, changes: Mapping[str, Change]) -> pl.DataFrame:
    """Return (file_id) of every file that the warehouse may have something else to say of than it says now.

    These are the files that were made from something else, those whose row in source_file or dim_report is another or
    is gone (a version that another one supersedes stands in a batch of its own), the other versions for the agency and
    year of such a report, all reports of an agency that is described otherwise, and those that the rules across years
    judge otherwise.
    """
    made = changed_files(fill.staging, record, fill.digests)
    reports, agencies = changes["dim_report"].rows, changes["dim_agency"].rows
    versions = fill.settled.dim_report.join(reports, on=["agency_id", "year"], how="semi")
    described = fill.settled.dim_report.join(agencies, on="agency_id", how="semi")
    differing = fill.connection.execute(_DIFFERING).fetchall()
    conflicts = pl.DataFrame(differing, schema={"file_id": pl.Int64}, orient="row")
    across = changed_series(fill.workspace)
    known = [frame.select("file_id") for frame in (reports, versions, described, changes["source_file"].rows)]
    return pl.concat([made, conflicts, across, *known]).unique()


def _keep_checked(connection: duckdb.DuckDBPyConnection) -> None:
    """Take over how the reports that stay did: a report passed exactly if some rule was assessed and none failed."""
    connection.execute(
        """
        INSERT INTO checked_report BY NAME
        SELECT r.report_id, (c.is_passed OR c.failed_checks > 0)::INTEGER AS assessed, c.failed_checks
        FROM dim_report AS r JOIN coverage AS c ON c.agency_id = r.agency_id AND c.year = r.year
        ANTI JOIN affected_file AS a ON a.file_id = r.file_id
        WHERE r.is_current
        """
    )


def _is_stale(name: str) -> str:
    """Return the condition under which a published row of a big table is none any more, or is made again."""
    return "file_id IN (FROM affected_file)" if name in BY_FILE else "report_id IN (FROM gone_report)"


def _renew_parts(fill: Fill, batches: Iterable[str], old_twins: Path, *, has_rows: bool) -> list[str]:
    """Write the files of some batches of the big tables' twins from those of the release before; return the others.

    What stays is taken from the old file and not from the table, which would be looked through as a whole. A batch that
    is new (a partition was divided anew) has no old file, and is one of the others.

    Args:
        fill: The filling.
        batches: The batches.
        old_twins: The release before.
        has_rows: Whether the temporary tables hold rows of these batches, and `portion_file` their files.
    """
    others = []
    for batch in batches:
        if not locate_part(old_twins, BY_REPORT[0], batch).exists():
            others.append(batch)
            continue
        if has_rows:
            show_part(fill.connection, batch)
        for name in BY_REPORT:
            old = quote_text(str(locate_part(old_twins, name, batch)))
            rows = f"FROM read_parquet({old}, hive_partitioning = false) WHERE NOT {_is_stale(name)}"
            if has_rows:
                rows = f"({rows}) UNION ALL BY NAME (FROM temp.{quote_name(name)} WHERE {in_part(name)})"
            write_part(fill, batch, name, rows)
    return others


def _write_others(fill: Fill, record: Record, renewed: set[str], old_twins: Path) -> None:
    """Write what the big tables' twins need besides the files of the batches that hold a changed file.

    Batches that have lost a file are written again, new ones from the tables; others are links to the files they are.
    """
    now = hash_batches(fill.staging)
    rest = [name for name in fill.staging.batches() if not locate_part(fill.twins, BY_REPORT[0], name).exists()]
    changed = [name for name in rest if now[name] != record.batches.get(name) or name in renewed]
    new = _renew_parts(fill, changed, old_twins, has_rows=False)
    show_files(fill, fill.placed.filter(pl.col("batch").is_in(new)))
    write_parts(fill, new, CATALOG)
    parts = [f"{name_part(batch)}.parquet" for batch in set(rest).difference(changed)]
    for name in BY_REPORT:
        before, now_in = f"{old_twins}/{name}.parquet", fill.twins / f"{name}.parquet"
        now_in.mkdir(exist_ok=True)
        for part in parts:  # thousands of them: to make a path of each would take longer than to link it
            _link(f"{before}/{part}", f"{now_in}/{part}")


def _link_others(fill: Fill, old_twins: Path) -> None:
    """Link the twins of the small tables that say what they said."""
    for path in old_twins.iterdir():
        if path.is_file() and path.stem not in fill.written:
            _link(f"{path}", f"{fill.twins}/{path.name}")


def _link(source: str, target: str) -> None:
    """Give a file a second name, or copy it where the file system knows no second names."""
    try:
        os.link(source, target)
    except PermissionError:
        shutil.copyfile(source, target)

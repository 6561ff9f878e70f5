"""The small tables of a refresh: only rows that change are changed, and what nobody changes is not written again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.load.fill import CATALOG, Fill, insert_query, read_query
from pipelines.load.staged_views import show_frame
from schemas.ddl import quote_name
from schemas.table import table

_SIBLINGS = ["agency_type", "parent_agency_id"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a frame says otherwise than before: the rows that it had and has no more, and those that it had not."""

    gone: pl.DataFrame
    come: pl.DataFrame

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.gone.height or self.come.height)

    @property
    def rows(self) -> pl.DataFrame:
        """The rows of both sides."""
        return pl.concat([self.gone, self.come])


def read_twin(twins: Path, name: str) -> pl.DataFrame:
    """Return a small table as a release has it."""
    return table(name).conform(pl.read_parquet((twins / f"{name}.parquet").read_bytes()))


def find_change(before: pl.DataFrame, now: pl.DataFrame) -> Change:
    """Return what two frames of the same columns say differently, whatever the order of their rows.

    >>> change = find_change(pl.DataFrame({"a": [1, 2, 3]}), pl.DataFrame({"a": [3, 4, 1]}))
    >>> change.gone["a"].to_list(), change.come["a"].to_list()
    ([2], [4])
    """
    if not now.equals(before):
        hashes = {name: frame.rechunk().hash_rows() for name, frame in (("before", before), ("now", now))}
        gone = before.filter(~hashes["before"].is_in(hashes["now"].implode()))
        come = now.filter(~hashes["now"].is_in(hashes["before"].implode()))
        return Change(gone, come)
    return Change(before.clear(), now.clear())


def change_table(fill: Fill, name: str, change: Change) -> None:
    """Take the rows that are gone out of a table and enter those that have come."""
    key = table(name).key
    if change.gone.height:
        show_frame(fill.connection, fill.folder, "gone_row", change.gone.select(key))
        same = " AND ".join(f"t.{column} IS NOT DISTINCT FROM g.{column}" for column in map(quote_name, key))
        fill.connection.execute(f"DELETE FROM {CATALOG}.{quote_name(name)} AS t USING gone_row AS g WHERE {same}")  # noqa: S608 - quoted
    if change.come.height:
        show_frame(fill.connection, fill.folder, "come_row", change.come)
        insert_query(fill.connection, name, "FROM come_row")


def renew_coverage(fill: Fill, old_twins: Path, changes: Mapping[str, Change], affected: pl.DataFrame) -> Change:
    """Bring `coverage` up to date of the agencies of which it may say something else, and return what it says.

    Args:
        fill: The filling, its dimensions as they are now.
        old_twins: The release before.
        changes: Of `source_file`, `dim_report`, `dim_agency` and `seen_report`.
        affected: (file_id) of every file whose reports were made again.
    """
    agencies = pl.concat([fill.settled.dim_agency, changes["dim_agency"].gone])
    touched = _touched_agencies(fill, changes, affected, agencies)
    # What most of its siblings report an agency owes too, until its successor reports: all these are looked at.
    kin = _siblings(agencies, touched)
    followed = agencies.join(touched, on="agency_id", how="semi").select(agency_id="successor_agency_id").drop_nulls()
    shown = pl.concat([touched, kin, followed]).unique()
    show_frame(fill.connection, fill.folder, "touched_agency", touched)
    show_frame(fill.connection, fill.folder, "shown_agency", shown)
    show_frame(
        fill.connection, fill.folder, "seen_report", fill.settled.seen_report.join(shown, on="agency_id", how="semi")
    )
    hidden = {"dim_agency": ("shown_agency", "agency_id"), "dim_report": ("shown_agency", "agency_id"),
              "source_file": ("seen_report", "file_id")}  # fmt: skip
    for name, (wanted, column) in hidden.items():
        query = f"FROM {CATALOG}.{name} SEMI JOIN {wanted} USING ({column})"
        fill.connection.execute(f"CREATE TEMP VIEW {name} AS {query}")
    answer = fill.connection.execute(f"FROM ({read_query('coverage')}) SEMI JOIN touched_agency USING (agency_id)")
    names = [column[0] for column in answer.description or ()]
    spec = table("coverage")
    now = pl.DataFrame(answer.fetchall(), schema={name: spec.polars_schema[name] for name in names}, orient="row")
    for name in hidden:
        fill.connection.execute(f"DROP VIEW temp.{name}")
    before = read_twin(old_twins, "coverage").join(touched, on="agency_id", how="semi")
    change = find_change(before, spec.conform(now))
    change_table(fill, "coverage", change)
    return change


def _touched_agencies(
    fill: Fill, changes: Mapping[str, Change], affected: pl.DataFrame, agencies: pl.DataFrame
) -> pl.DataFrame:
    """Return (agency_id) of all of which a report, a file or a sibling, or what they are, is not as it was."""
    files = pl.concat([affected, changes["source_file"].rows.select("file_id")])
    seen = pl.concat([fill.settled.seen_report, changes["seen_report"].gone])
    own = [changes[name].rows for name in ("dim_report", "dim_agency", "seen_report")]
    changed = _agencies_of([*own, seen.join(files, on="file_id", how="semi")])
    followers = agencies.filter(pl.col("successor_agency_id").is_in(changed["agency_id"].implode()))
    return _agencies_of([changed, _siblings(agencies, changed), followers])


def _siblings(agencies: pl.DataFrame, some: pl.DataFrame) -> pl.DataFrame:
    """Return (agency_id) of the agencies of the same kind under the same parent."""
    groups = agencies.join(some, on="agency_id", how="semi").select(_SIBLINGS).drop_nulls()
    return agencies.join(groups, on=_SIBLINGS, how="semi").select("agency_id")


def _agencies_of(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([frame.select("agency_id").drop_nulls() for frame in frames]).unique()

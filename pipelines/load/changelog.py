"""The changelog beside the warehouse: what each release brought, as Markdown and as a feed that a reader subscribes to.

Of each release the entry is made once, right after it was published, from its Parquet twins and those of the release
before, which stay on the disk until the next publish. Parts that both releases share are one file and are not read, so
an entry costs what has changed.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import duckdb
import polars as pl

from pipelines.errors import UsageError, WarehouseError, one_line
from pipelines.load.compare import compare_releases
from pipelines.load.release import read_history
from pipelines.settings import Workspace
from pipelines.staging import build_lock
from pipelines.staging.store import write_file

PAGE, FEED = "CHANGELOG.md", "changes.atom"
_LOG = ".changelog.json"
_MOST_LINES = 30  # of agencies and years in one entry; `gongkai diff` tells all
_FEED_ENTRIES = 50
_ATOM = "http://www.w3.org/2005/Atom"

_TABLES = """
SELECT table_name,
    array_to_string(list_sort(list_distinct(flatten(list(string_split(reasons, ', '))))), ', ') AS reasons,
    sum(added)::BIGINT AS added, sum(removed)::BIGINT AS removed, sum(changed)::BIGINT AS changed
FROM change_summary GROUP BY table_name ORDER BY table_name
"""
_FIGURES = """
SELECT agency_name, year, reasons, sum(added)::BIGINT AS added, sum(removed)::BIGINT AS removed,
    sum(changed)::BIGINT AS changed
FROM change_summary WHERE table_name LIKE 'fact_%' GROUP BY ALL ORDER BY year DESC, agency_name
"""


@dataclass(frozen=True, slots=True)
class _Changes:
    """What a release says otherwise than another.

    Attributes:
        tables: (table, reasons, rows added, removed, changed).
        figures: (agency, year, reasons, rows added, removed, changed) of the facts, the first of `figure_count`.
    """

    tables: list[tuple[Any, ...]]
    figures: list[list[object]]
    figure_count: int


# What `compare_ahead` found, by the folders that it compared: for the entry that is made in the same process right
# after the publish.
_compared: dict[tuple[int, int], _Changes] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """What one release brought.

    Attributes:
        compared_with: Number of the release before; None where its twins are gone, so that nothing can be compared.
        tables: Table → rows added, removed, changed.
        figures: Lines (agency, year, reasons, rows added, removed, changed) of the facts, the first of `figure_count`.
        reasons: Table → why its rows changed; entries that were made before it was told have none.
    """

    release_number: int
    release_id: str
    released_at: str
    code_version: str
    loaded_count: int
    compared_with: int | None
    tables: dict[str, list[int]]
    figures: list[list[object]]
    figure_count: int
    reasons: dict[str, str] = field(default_factory=dict)


def update_changelog(workspace: Workspace) -> list[Entry]:
    """Write the changelog and the feed for the release in place, and return all entries, the newest first.

    Nothing but the newest is added: a release whose entry was never made has none, and the next says so by what it was
    compared with.

    Raises:
        WarehouseError: There is no release, or it cannot be compared.
    """
    with build_lock(workspace):
        releases = read_history(workspace).filter("is_current").to_dicts()
        if not releases:
            raise WarehouseError(f"{workspace.warehouse}: no release is recorded there; publish first")
        entries = _read_log(workspace)
        if not entries or entries[0].release_number != releases[0]["release_number"]:
            entries.insert(0, _describe(workspace, releases[0]))
        write_file(workspace.warehouse / _LOG, json.dumps([asdict(entry) for entry in entries]).encode())
        write_file(workspace.warehouse / PAGE, "\n".join(_page_lines(entries)).encode())
        write_file(workspace.warehouse / FEED, _feed(entries[:_FEED_ENTRIES]))
        return entries


def _read_log(workspace: Workspace) -> list[Entry]:
    try:
        return [Entry(**entry) for entry in json.loads((workspace.warehouse / _LOG).read_bytes())]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError) as error:
        raise WarehouseError(f"{workspace.warehouse / _LOG} is damaged; remove it to begin a new changelog") from error


def compare_ahead(before: Path, twins: Path) -> None:
    """Compare a release whose twins are written, while its publish does other things, with the one before.

    Raises:
        UsageError: One of them cannot be opened.
    """
    _compared.clear()  # there is one publish at a time
    _compared[_identify(before, twins)] = _compare(before, twins, threads=1)


def _identify(before: Path, twins: Path) -> tuple[int, int]:
    return before.stat().st_ino, twins.stat().st_ino  # a release is renamed when it is put in place


def _compare(before: Path, twins: Path, threads: int | None = None) -> _Changes:
    with compare_releases(before, twins, threads) as connection:
        tables = connection.execute(_TABLES).fetchall()
        figures = [list(row) for row in connection.execute(f"{_FIGURES} LIMIT {_MOST_LINES}").fetchall()]
        [(count,)] = connection.execute(f"SELECT count(*) FROM ({_FIGURES})").fetchall()  # noqa: S608 - ours
    return _Changes(tables, figures, count)


def _describe(workspace: Workspace, release: dict[str, object]) -> Entry:
    before, twins = _release_before(workspace), workspace.parquet.resolve()
    changes, number = _Changes([], [], 0), None
    if before is not None:
        number = _number_of(before)
        try:
            known = _compared.get(_identify(before, twins))
            changes = _compare(before, twins) if known is None else known
        except (UsageError, duckdb.Error) as error:
            message = one_line(error)
            raise WarehouseError(f"{workspace.parquet} cannot be compared with {before}: {message}") from error
    return Entry(
        int(str(release["release_number"])), str(release["release_id"]), f"{release['released_at']:%Y-%m-%dT%H:%M:%SZ}",
        str(release["code_version"]), int(str(release["loaded_count"])), number,
        {name: counts for name, _, *counts in changes.tables}, changes.figures, changes.figure_count,
        {name: reasons for name, reasons, *_ in changes.tables},
    )  # fmt: skip


def _release_before(workspace: Workspace) -> Path | None:
    """Return the twins of the release before, if they are still there."""
    current = workspace.parquet.resolve()
    others = [path for path in workspace.warehouse.glob(".parquet-*") if path.is_dir() and path.resolve() != current]
    return others[0] if len(others) == 1 and (others[0] / "meta_release.parquet").is_file() else None


def _number_of(twins: Path) -> int | None:
    frame = pl.read_parquet((twins / "meta_release.parquet").read_bytes())
    if "release_number" not in frame.columns:
        return None
    return int(frame.filter("is_current")["release_number"].item())


def _page_lines(entries: Iterable[Entry]) -> Iterator[str]:
    yield "# 更新记录 · Changelog"
    yield ""
    yield f"由发布过程自动生成，可订阅 {FEED}。Written by each publish; {FEED} is the same as a feed to subscribe to."
    for entry in entries:
        yield ""
        yield f"## {_title(entry)}"
        yield ""
        yield from _entry_lines(entry)
    yield ""


def _title(entry: Entry) -> str:
    return f"Release {entry.release_number} · {entry.released_at[:10]} · {entry.loaded_count:,} reports"


def _entry_lines(entry: Entry) -> Iterator[str]:
    yield f"`{entry.release_id[:12]}`, published {entry.released_at}, code {entry.code_version}"
    yield ""
    if entry.compared_with is None:
        yield "首次发布或上一版本已不存在，无可比较。There is no release before to compare with."
        return
    if not entry.tables:
        yield f"与第 {entry.compared_with} 版内容相同。Says the same as release {entry.compared_with}."
        return
    yield f"与第 {entry.compared_with} 版相比 · compared with release {entry.compared_with}:"
    yield ""
    yield "| table | why | rows added | removed | changed |"
    yield "|---|---|---:|---:|---:|"
    for name, counts in entry.tables.items():
        yield f"| `{name}` | {entry.reasons.get(name, '')} | " + " | ".join(f"{count:,}" for count in counts) + " |"
    if entry.figures:
        yield ""
        yield "| agency | year | why | figures added | removed | changed |"
        yield "|---|---:|---|---:|---:|---:|"
        for agency, year, reasons, *rows in entry.figures:
            yield f"| {agency} | {year} | {reasons} | " + " | ".join(f"{count:,}" for count in rows) + " |"
    if entry.figure_count > len(entry.figures):
        yield ""
        yield f"{len(entry.figures)} of {entry.figure_count:,} agencies and years; `gongkai diff` tells all."


def _feed(entries: list[Entry]) -> bytes:
    """Return the entries as an Atom feed (RFC 4287)."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed")
    _add(feed, "id", "urn:gongkai:releases")
    _add(feed, "title", "公开 · Gongkai: releases of the warehouse")
    _add(feed, "updated", entries[0].released_at)
    author = ET.SubElement(feed, f"{{{_ATOM}}}author")
    _add(author, "name", "Gongkai")
    for entry in entries:
        item = ET.SubElement(feed, f"{{{_ATOM}}}entry")
        _add(item, "id", f"urn:gongkai:release:{entry.release_number}:{entry.release_id}")
        _add(item, "title", _title(entry))
        _add(item, "updated", entry.released_at)
        content = _add(item, "content", "\n".join(_entry_lines(entry)))
        content.set("type", "text")
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{_ATOM}}}{name}")
    child.text = text
    return child

"""Where fetched files came from: the sidecars of the raw folder as frame `captures`, each read once while it stays."""

import json
import logging
from collections.abc import Iterator
from itertools import groupby

import polars as pl

from pipelines.errors import DocumentError
from pipelines.ingest.kept import read_kept, write_kept
from pipelines.ingest.listing import SIDECAR_SCHEMA
from pipelines.ingest.names import raw_bytes
from pipelines.ingest.objects import read_object
from pipelines.ingest.raw import RawFolder, read_beside
from pipelines.ingest.sidecar import MOST_SIDECAR_BYTES, SIDECAR_SUFFIX, Sidecar
from pipelines.settings import Workspace
from schemas.table import RAW_TEXT_LENGTH, load_reasons, table
from schemas.vocabulary import Stage

_log = logging.getLogger(__name__)

_STATE = SIDECAR_SCHEMA.names()
_ORIGIN = {name: dtype for name, dtype in table("captures").polars_schema.items() if name != "file_id"}
# What was read of a sidecar: the hash that it states, its problem where it has one, and the columns of the frame.
_KEPT = "sidecars"
_READ_SCHEMA = pl.Schema({**SIDECAR_SCHEMA, "stated_sha256": pl.String(), "problem": pl.String(), **_ORIGIN})


def read_captures(
    workspace: Workspace, files: pl.DataFrame, members: pl.DataFrame, listed: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return frame `captures` of all files with a sidecar, and frame `findings` of sidecars that do not hold.

    What an archive's sidecar says holds for its members. A sidecar is replaced as a whole, so an equal state (path,
    inode, size, times) means an equal sidecar, and only new ones are opened. One whose hash is not the file's says
    nothing of these bytes: the file was altered after it was fetched, which is a finding.

    Args:
        workspace: Whose raw folder is read.
        files: Frame `files` of all partitions.
        members: (path, archive): files that are members of an archive of reports, and its path.
        listed: The sidecars, in the schema `SIDECAR_SCHEMA`.
    """
    if listed.is_empty():
        return table("captures").empty_frame(), table("findings").empty_frame()
    before = read_kept(workspace, _KEPT, _READ_SCHEMA, "all sidecars are read again")
    known = listed.join(before, on=_STATE, how="inner")
    fresh = listed.join(before, on=_STATE, how="anti")
    read = pl.concat([known.select(_READ_SCHEMA.names()), _read_sidecars(workspace, fresh)]).sort("path")
    if not read.equals(before):
        write_kept(workspace, _KEPT, read)
    beside = files.select("file_id", "path", "sha256").join(read, on="path", how="inner")
    is_other = pl.col("sha256").is_not_null() & (pl.col("sha256") != pl.col("stated_sha256"))
    told = beside.filter(pl.col("problem").is_null() & ~is_other)
    within = members.join(files.select("file_id", "path"), on="path").join(
        told.select(*_ORIGIN, archive="path"), on="archive"
    )
    captures = pl.concat([one.select("file_id", *_ORIGIN) for one in (told, within)])
    findings = pl.concat(
        [
            _findings(
                beside.filter(pl.col("problem").is_not_null()),
                "unreadable_sidecar",
                pl.format("The sidecar beside it cannot be understood ({}), so its origin is not known.", "problem"),
            ),
            _findings(
                beside.filter(pl.col("problem").is_null() & is_other),
                "altered_raw_file",
                pl.lit("It holds other bytes than when it was fetched: fetch it again, or remove its sidecar."),
            ),
        ]
    )
    return table("captures").conform(captures), findings


def _read_sidecars(workspace: Workspace, listed: pl.DataFrame) -> pl.DataFrame:
    """Return what the sidecars say, in `_READ_SCHEMA`; folder by folder, so that each is opened once."""
    rows: list[tuple[object, ...]] = []
    if workspace.raw_url:
        rows = [(*state, *_read_sidecar(workspace, state[0])) for state in listed.iter_rows()]
        return pl.DataFrame(rows, schema=_READ_SCHEMA, orient="row")
    with RawFolder(workspace.raw) as raw:
        for folder, group in groupby(listed.iter_rows(), key=lambda row: row[0].rpartition("/")[0]):
            try:
                descriptor = raw.open(tuple(raw_bytes(folder).split(b"/")) if folder else ())
            except OSError as error:
                _log.info("%s: its sidecars are not read (%s); the inventory says so of its files", folder, error)
                continue
            rows += [(*state, *_read_sidecar(descriptor, state[0])) for state in group]
    return pl.DataFrame(rows, schema=_READ_SCHEMA, orient="row")


def _read_sidecar(place: int | Workspace, path: str) -> Iterator[object]:
    """Return what one sidecar says.

    Args:
        place: Descriptor of the open folder that holds it, or the workspace of a store.
        path: Of the file that it stands beside.
    """
    name = raw_bytes(path.rpartition("/")[2]) + SIDECAR_SUFFIX.encode()
    try:
        content = (
            read_beside(place, name, MOST_SIDECAR_BYTES)
            if isinstance(place, int)
            else read_object(place, path, MOST_SIDECAR_BYTES, SIDECAR_SUFFIX)
        )
        sidecar = Sidecar.read(content)
    except (DocumentError, ValueError) as error:
        return iter((None, str(error), *(None for _ in _ORIGIN)))
    origin = {
        "url": sidecar.url,
        "page_url": sidecar.page_url,
        "source": sidecar.source,
        "fetched_at": sidecar.fetched_at.replace(tzinfo=None),
        "current_since": sidecar.current_since.replace(tzinfo=None),
        "http_status": sidecar.status,
        "http_headers": json.dumps(sidecar.headers, ensure_ascii=False, sort_keys=True),
        "referrer": sidecar.referrer,
        "gone_at": sidecar.gone_at.replace(tzinfo=None) if sidecar.gone_at else None,
    }
    return iter((sidecar.sha256, None, *(origin[name] for name in _ORIGIN)))


def _findings(files: pl.DataFrame, code: str, message: pl.Expr) -> pl.DataFrame:
    return table("findings").conform(
        files.select(
            "file_id",
            pl.lit(Stage.INGEST.value).alias("stage"),
            pl.lit(code).alias("reason_code"),
            pl.lit(load_reasons()[code]["severity"]).alias("severity"),
            pl.col("path").str.head(RAW_TEXT_LENGTH).alias("raw_text"),
            message.alias("message"),
        )
    )

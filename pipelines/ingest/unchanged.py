"""Whether the raw folder and what is staged of it are as the last inventory left them: then there is none to take."""

import json
from collections.abc import Collection
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.ingest.hashing import hash_listed
from pipelines.ingest.ledger import STATE, trust_ledger
from pipelines.ingest.listing import LISTING_SCHEMA, RawListing
from pipelines.settings import Workspace
from pipelines.staging import store
from pipelines.staging.fingerprint import fingerprint_project, hash_parts
from schemas.vocabulary import Stage

_LISTED = "listed.parquet"
_NOTE = "listed.json"
_KIND = {"is_sidecar": pl.Boolean()}
# The hash stands with those files alone of which a later change might not show in their state.
_SCHEMA = pl.Schema({**LISTING_SCHEMA, **_KIND, "sha256": pl.String()})


def note_inventory(workspace: Workspace, listed: RawListing, hashed: pl.DataFrame, this_year: int) -> None:
    """Note what a whole inventory has found and staged; nothing where it could not open a file, which may pass.

    Args:
        workspace: Where it was staged.
        listed: What stood under the raw folder.
        hashed: The same files with `sha256` and `hashed_ns`.
        this_year: Decides which report year is in the future.
    """
    folder = _folder(workspace)
    note_path, listed_path = folder / _NOTE, folder / _LISTED
    if workspace.raw_url or _are_refused(workspace, listed.files, hashed) or not folder.is_dir():
        note_path.unlink(missing_ok=True)
        return
    known = hashed.filter(pl.col("sha256").is_not_null())
    uncertain = known.join(trust_ledger(known), on="path", how="anti").select("path", "sha256")
    content = _pack(_merge(listed).join(uncertain, on="path", how="left", maintain_order="left"))
    note = {
        "base": _hash_base(workspace, this_year),
        "listed": hash_parts(content),
        "manifests": {name: store.hash_manifest(folder / name) for name in _partitions(folder)},
    }
    for path, packed in ((listed_path, content), (note_path, json.dumps(note, sort_keys=True).encode())):
        if not path.exists() or path.read_bytes() != packed:
            store.write_file(path, packed)


def is_unchanged(
    workspace: Workspace, listed: RawListing, this_year: int, partitions: Collection[str] | None = None
) -> bool:
    """Tell whether an inventory would find what the last one noted, and stage what is staged.

    Every file is still looked at: a file that was written to in place changes no folder.

    Args:
        workspace: Whose staging is looked at.
        listed: What stands under the raw folder now, of `partitions` at least.
        this_year: Decides which report year is in the future.
        partitions: The only partitions that are asked about.
    """
    noted = None if workspace.raw_url else _read_noted(workspace)
    if noted is None:
        return False
    note, before = noted
    folder = _folder(workspace)
    names = note["manifests"].keys() if partitions is None else partitions
    is_staged = (
        note["base"] == _hash_base(workspace, this_year)
        and (partitions is not None or note["manifests"].keys() == set(_partitions(folder)))
        and all(note["manifests"].get(name) == store.hash_manifest(folder / name) for name in names)
        and all(_is_whole(folder / name) for name in names)
        and store.is_inventory_whole(workspace)
    )
    if not is_staged:
        return False
    years, now = list_years(partitions), _merge(listed)
    if years is not None:
        before = before.filter(pl.col("path").str.extract("^([^/]+)/").is_in(years))
    if not now.equals(before.drop("sha256")):
        return False
    uncertain = before.filter(pl.col("sha256").is_not_null() & ~pl.col("is_sidecar"))
    if partitions is None and uncertain.height:
        return False  # hashed anew by a whole inventory, and certain from then on
    state = [*STATE, "sha256"]
    return hash_listed(workspace, uncertain).select(state).equals(uncertain.select(state))


def list_years(partitions: Collection[str] | None) -> list[str] | None:
    """Return the folders of the raw folder in which all files of some partitions stand; None where that is all of it.

    >>> list_years(["2021"]), list_years(["2021", "undated"]), list_years(None)
    (['2021'], None, None)
    """
    return None if partitions is None or store.UNDATED in partitions else sorted(partitions)


def _are_refused(workspace: Workspace, listed: pl.DataFrame, hashed: pl.DataFrame) -> bool:
    """Tell whether a file could not be opened, for a reason that may pass without a change to the file."""
    opened = hashed.join(listed.filter(pl.col("reason_code").is_null()), on="path", how="semi")
    has_failed = pl.col("sha256").is_null() & (pl.col("bytes") <= workspace.limits.file_bytes)
    return not opened.filter(has_failed).is_empty()


def _merge(listed: RawListing) -> pl.DataFrame:
    """Return files and sidecars as one frame, by path."""
    names = [*LISTING_SCHEMA, *_KIND]
    files, sidecars = (
        frame.with_columns(is_sidecar=pl.lit(is_sidecar))
        for frame, is_sidecar in ((listed.files, False), (listed.sidecars, True))
    )
    return pl.concat([files, sidecars], how="diagonal").select(names)


def _read_noted(workspace: Workspace) -> tuple[dict[str, Any], pl.DataFrame] | None:
    """Return the note and the listing that belongs to it; None where there is none or it cannot be understood."""
    try:
        note = json.loads((_folder(workspace) / _NOTE).read_bytes())
        content = (_folder(workspace) / _LISTED).read_bytes()
        if note["listed"] != hash_parts(content) or not note.keys() >= {"base", "manifests"}:
            return None
        listed = pl.read_parquet(content)
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return None
    return (note, listed) if listed.schema == _SCHEMA else None


def _pack(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.select(_SCHEMA.names()).write_parquet(buffer, compression="zstd", compression_level=1)
    return buffer.getvalue()


def _hash_base(workspace: Workspace, this_year: int) -> str:
    return hash_parts(fingerprint_project(), repr(workspace.limits), str(workspace.raw.absolute()), str(this_year))


def _is_whole(folder: Path) -> bool:
    """Tell whether all batches of a partition's manifest are there as they were written."""
    manifest = store.read_manifest(folder)
    return store.list_whole_batches(folder, manifest).keys() == manifest.keys()


def _partitions(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir() if entry.is_dir()]


def _folder(workspace: Workspace) -> Path:
    return workspace.staging / Stage.INGEST

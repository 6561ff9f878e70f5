"""Whether all is as it was when a plan last found nothing to do, told from names, sizes and times alone.

A plan asks Polars and reads what is staged; most builds find what the last one left, and are over before any of that
is imported. Nothing here decides what there is to do: where anything at all looks otherwise, the plan is made.
"""

import json
import marshal
import os
import sys
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pipelines.settings import Workspace, get_today

_NOTE = "idle.json"  # below staging
_IGNORED = (_NOTE, f"{_NOTE}.tmp", ".build.lock", "__pycache__")  # what a look leaves traces in itself
_INVENTORY = ("ingest", "listed.json")  # below staging; missing where a file could not be opened, which may pass
_FLAT = 2  # of marshal's formats the last that writes equal values as equal bytes
# A file written to again within the clock's tick would keep its time: see `pipelines.ingest.ledger`.
_UNCERTAIN_NS = 2_000_000_000

_State = tuple[str, int, int, int, int]  # name, inode, bytes, times of writing and of change


def hash_state(workspace: Workspace) -> str | None:
    """Return a hash of the state of every file that decides what there is to do.

    These are the raw files, what is staged and published of them, what people have decided, our code and its libraries;
    beside them the month counts, because reports become overdue.

    Returns:
        None where it cannot be told: raw files at an address, a folder that cannot be listed, a file that the last
        inventory could not open, or one that was changed just now and could be again without a trace.
    """
    if workspace.raw_url or not workspace.staging.joinpath(*_INVENTORY).is_file():
        return None
    today, newest = get_today(), 0
    told = (workspace, today.year, today.month, sys.version, _list_libraries())
    digest = blake2b(repr(told).encode(), digest_size=16)
    try:
        for folder, states in _look(workspace):
            digest.update(marshal.dumps((folder, states), _FLAT))
            newest = max(newest, max((state[4] for state in states), default=0))
    except (OSError, ValueError):
        return None
    return digest.hexdigest() if newest < time.time_ns() - _UNCERTAIN_NS else None


def read_note(workspace: Workspace, state: str | None) -> Any:  # noqa: ANN401 - whatever was noted
    """Return what was noted when all was in this state; None where it was not."""
    try:
        note = json.loads((workspace.staging / _NOTE).read_bytes())
        return note["told"] if state is not None and note["state"] == state else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_note(workspace: Workspace, state: str, told: object) -> None:
    """Note that nothing is to be done in this state, with what there is to tell of it.

    Args:
        workspace: The folders.
        state: As `hash_state` returned it before the plan was made: what has changed since is seen by the next look.
        told: Anything that JSON holds, but null.
    """
    place = workspace.staging / _NOTE
    beside = place.with_name(f"{_NOTE}.tmp")
    beside.write_text(json.dumps({"state": state, "told": told}), encoding="utf-8")
    beside.replace(place)


def _look(workspace: Workspace) -> Iterator[tuple[str, list[_State]]]:
    """Yield every folder with the states of its files, in the system's order: another order is another state."""
    ours = Path(__file__).parents[1]
    for root in (workspace.raw, workspace.reviews, workspace.staging, workspace.parquet, ours, ours.parent / "schemas"):
        waiting = [str(root)]
        while waiting and os.path.isdir(waiting[0]):  # noqa: PTH112 - nobody need have decided anything
            folder = waiting.pop()
            states, below = _list_folder(folder)
            yield folder, states
            waiting += below
    yield "", _list_folder(str(workspace.warehouse))[0]
    yield (
        "",
        [state for state in _list_folder(str(workspace.raw.parent))[0] if state[0] == workspace.wanted_agencies.name],
    )


def _list_folder(folder: str) -> tuple[list[_State], list[str]]:
    """Return the states of a folder's files, and the folders below it."""
    states, below = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in _IGNORED:
                continue
            if entry.is_dir(follow_symlinks=False):
                below.append(entry.path)
            else:
                status = entry.stat(follow_symlinks=False)
                states.append((entry.name, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
    return states, below


def _list_libraries() -> list[str]:
    """Return the names, with their versions, of what is installed."""
    folders = [folder for folder in sys.path if os.path.isdir(folder)]  # noqa: PTH112 - some paths are archives
    return sorted(name for folder in folders for name in os.listdir(folder) if name.endswith(".dist-info"))  # noqa: PTH208 - see above

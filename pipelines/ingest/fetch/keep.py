"""Raw files as they were fetched: named after their content, written once, never overwritten; sidecars beside them."""

import os
import re
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from pipelines.errors import FetchError
from pipelines.ingest.names import printable_name, raw_bytes
from pipelines.ingest.sidecar import SIDECAR_SUFFIX, Sidecar, read_sidecar
from pipelines.settings import Workspace
from pipelines.staging.store import UNDATED
from schemas.vocabulary import FetchReason, FileFormat

_PARTIAL = ".partial"  # hidden, so that no inventory sees a file before it is whole
_HASH_LENGTH = 16
_TITLE_LENGTH = 60  # with hash and suffixes well below the 255 bytes of a name
_EXTENSIONS = {FileFormat.TEXT: "txt", FileFormat.IMAGE: "img", FileFormat.UNKNOWN: "bin"}
_READ_ONLY = 0o444


class RawStore:
    """The raw folder as fetching writes to it. Only the holder of the fetch lock may have one."""

    def __init__(self, workspace: Workspace) -> None:
        """Make the folder for what is under way, and empty it of what a killed run has left."""
        self._raw = workspace.raw
        self._partial = self._raw / _PARTIAL
        shutil.rmtree(self._partial, ignore_errors=True)
        self._partial.mkdir(parents=True, exist_ok=True)

    def has(self, path: str) -> bool:
        """Tell whether a raw file is still where it was put."""
        return self._place(path).is_file()

    def keep(self, sidecar: Sidecar, body: bytes, kind: FileFormat) -> str:
        """Write a body and its sidecar; return the path below the raw folder.

        The sidecar comes first, so that whenever the power fails no fetched file stands without its origin. Bytes that
        are there already stay as they are, with the sidecar of the first address that brought them; only that they are
        what the address holds (again) is noted.

        Raises:
            FetchError: damaged_raw_file, where a file of that name holds other bytes than its name says.
        """
        path = name_file(sidecar, kind)
        place = self._place(path)
        if place.exists():
            if sha256(place.read_bytes()).hexdigest() != sidecar.sha256:
                raise FetchError(
                    FetchReason.DAMAGED_RAW_FILE, f"{path} was altered since it was fetched: restore or remove it"
                )
            before = self.read_sidecar(path)
            if before is None or before.url == sidecar.url:
                sidecar = sidecar if before is None else before.returned(sidecar.current_since)
                self._put(_beside(place), sidecar.write())
            return path
        place.parent.mkdir(parents=True, exist_ok=True)
        self._put(_beside(place), sidecar.write())
        self._put(place, body, mode=_READ_ONLY)
        return path

    def mark(self, path: str, sidecar: Sidecar) -> None:
        """Replace the sidecar of a raw file."""
        self._put(_beside(self._place(path)), sidecar.write())

    def read_sidecar(self, path: str) -> Sidecar | None:
        """Return the sidecar of a raw file; None where there is none that can be understood."""
        return read_sidecar(_beside(self._place(path)))

    def _place(self, path: str) -> Path:
        return self._raw / Path(os.fsdecode(raw_bytes(path)))

    def _put(self, place: Path, content: bytes, mode: int = 0o644) -> None:
        partial = self._partial / uuid4().hex
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(mode)
        partial.replace(place)


def list_sidecars(raw: Path) -> Iterator[tuple[str, Sidecar]]:
    """Yield path and sidecar of every fetched file below a raw folder, by path."""
    for place in sorted(raw.rglob(f"*{SIDECAR_SUFFIX}")):
        sidecar = read_sidecar(place)
        if sidecar is not None and place.with_name(place.name.removesuffix(SIDECAR_SUFFIX)).is_file():
            parts = place.relative_to(raw).parts
            yield "/".join(printable_name(part) for part in parts).removesuffix(SIDECAR_SUFFIX), sidecar


def name_file(sidecar: Sidecar, kind: FileFormat) -> str:
    """Return the path of a fetched file: year, source, title, and the beginning of its hash.

    The title is there for people, and because a file's name is evidence of the agency where a document names none.
    """
    year = str(sidecar.year) if sidecar.year else UNDATED
    title = re.sub(r"[^\w()（）《》〔〕-]+", "_", sidecar.title).strip("_")[:_TITLE_LENGTH] or "report"
    return f"{year}/{sidecar.source}/{title}.{sidecar.sha256[:_HASH_LENGTH]}.{_EXTENSIONS.get(kind, kind.value)}"


def _beside(place: Path) -> Path:
    return place.with_name(place.name + SIDECAR_SUFFIX)

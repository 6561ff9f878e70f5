"""`gongkai check`: one document through read, normalize and check, without a warehouse and without Dagster."""

import hashlib
import resource
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines.check import check_batch
from pipelines.cli.report import render_report
from pipelines.cli.terminal import make_console
from pipelines.errors import DocumentError, GongkaiError, UsageError
from pipelines.ingest.sidecar import SIDECAR_SUFFIX, read_sidecar
from pipelines.normalize import normalize_batch
from pipelines.read import document_frames, read_document
from pipelines.settings import ReadLimits
from schemas.table import table
from schemas.vocabulary import RuleStatus, Severity, Stage

_FILE_ID = 1  # there is one file, and no other to tell it from
_MEMORY = 4 * 2**30  # bytes that one document may take: a thousand times what the largest honest one does


@dataclass(frozen=True, slots=True)
class Examination:
    """What the stages made of one document.

    Attributes:
        format: Its container; None where it could not be read.
        frames: figures, reports, sections, quality, suspicions, and the findings and rejections of all stages.
    """

    name: str
    format: str | None
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)

    @property
    def has_errors(self) -> bool:
        """Whether the document would be rejected, or any of its figures is doubtful."""
        findings, quality = self.frames["findings"], self.frames["quality"]
        return bool(
            self.frames["rejections"].height
            or (findings["severity"] == Severity.ERROR).any()
            or quality.filter(pl.col("rule_id").is_in(_error_rules()), pl.col("status") == RuleStatus.FAIL).height
        )


def run(options: Namespace) -> int:
    """Show the document; 1 where it has errors.

    Raises:
        GongkaiError: The document takes more memory than one may.
    """
    data = _read_bytes(options.file)
    try:
        with _bounded_memory():
            examination = examine(options.file.name, data, _folder_year(options.file), _fetched_at(options.file, data))
    except MemoryError:
        # What was taken is given back by now: the frames that held it are gone with the exception's traceback.
        message = f"{options.file} takes more than {_MEMORY // 2**30} GiB of memory; it is no honest report"
        raise GongkaiError(message) from None
    console = make_console()
    for part in render_report(examination.name, examination.format, examination.frames, explain=options.explain):
        console.print(part)
    return 1 if examination.has_errors else 0


def examine(name: str, data: bytes, folder_year: int | None = None, address: str | None = None) -> Examination:
    """Return what the stages make of a document, as if it stood in the folder of `folder_year`.

    Args:
        name: Name of the file; readers take hints from it, never the decision.
        data: Its bytes.
        folder_year: Report year that its folder states, None where it states none.
        address: Where its page was fetched.
    """
    files = table("files").conform(
        pl.DataFrame(
            {
                "file_id": [_FILE_ID],
                "path": [f"{folder_year}/{name}" if folder_year else name],
                "partition": [str(folder_year or "undated")],
                "folder_year": [folder_year],
                "bytes": [len(data)],
                "modified_ns": [0],
            }
        )
    )
    if not data:
        from pipelines.ingest.raw import EMPTY_FILE  # the inventory finds these, and a document hardly ever is one

        return Examination(name, None, _rejected(Stage.INGEST, DocumentError("empty_file", EMPTY_FILE)))
    try:
        document = read_document(name, data)
    except DocumentError as error:
        return Examination(name, None, _rejected(Stage.READ, error))
    read = document_frames([(_FILE_ID, document)])
    captures = pl.DataFrame({"file_id": [_FILE_ID], "url": [address], "page_url": [address]}) if address else None
    normal = normalize_batch(files, read["documents"], read["blocks"], read["cells"], captures=captures)
    checked = check_batch(normal["figures"], normal["reports"], normal["sections"])
    frames = {frame: normal[frame] for frame in ("figures", "reports", "sections")}
    frames |= {frame: checked[frame] for frame in ("quality", "suspicions")}
    for frame in ("findings", "rejections"):
        frames[frame] = pl.concat(stage.get(frame, table(frame).empty_frame()) for stage in (read, normal, checked))
    return Examination(name, document.format.value, frames)


def _fetched_at(path: Path, data: bytes) -> str | None:
    """Return the address of a fetched document's page, None where no sidecar beside it speaks of these bytes."""
    beside = path.with_name(path.name + SIDECAR_SUFFIX)
    told = read_sidecar(beside)
    return told.page_url if told is not None and told.sha256 == hashlib.sha256(data).hexdigest() else None


@contextmanager
def _bounded_memory() -> Iterator[None]:
    """Let the process grow by so much and no more, as a document's workers in a build do: it may be built to kill.

    The limit is on the address space above what is mapped already, as threads and libraries map far more than they use.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = _mapped_bytes() + _MEMORY
    bounds = [bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([limit, *bounds]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _mapped_bytes() -> int:
    """Return the size of the address space; where the system does not tell, the most that was ever resident."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * resource.getpagesize()


def _rejected(stage: Stage, error: DocumentError) -> dict[str, pl.DataFrame]:
    names = ("figures", "reports", "sections", "quality", "suspicions", "findings", "rejections")
    frames = {name: table(name).empty_frame() for name in names}
    reason = {"file_id": _FILE_ID, "stage": stage, "reason_code": error.reason_code, "reason": str(error)}
    frames["rejections"] = table("rejections").conform(pl.DataFrame([reason]))
    return frames


def _error_rules() -> list[str]:
    from schemas.rule import load_rules

    return [rule.id for rule in load_rules().values() if rule.severity == Severity.ERROR]


def _read_bytes(path: Path) -> bytes:
    most = ReadLimits().file_bytes
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder; `gongkai build --raw {path}` builds whole folders")
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no regular file")  # reading a pipe would wait for ever
        size = path.stat().st_size
        if size > most:
            raise UsageError(f"{path} has {size:,} bytes; the limit is {most:,}")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def _folder_year(path: Path) -> int | None:
    name = path.absolute().parent.name
    return int(name) if len(name) == 4 and name.isascii() and name.isdigit() else None

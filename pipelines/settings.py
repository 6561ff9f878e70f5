"""Where a build reads and writes, and the limits that every stage keeps."""

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipelines.errors import DocumentError, UsageError

TODAY_VARIABLE = "GONGKAI_TODAY"
LOCAL = "local"  # the executor that is this machine's own processes


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bounds within which one document is read; a file beyond them is rejected and named.

    Attributes:
        file_bytes: Largest raw file.
        expanded_bytes: Largest content of an archive once unpacked.
        cells: Most cells of one document.
        columns: The HTML standard's cap on colspan, and the widest grid.
        rows: The HTML standard's cap on rowspan.
        depth: Deepest nesting of elements.
        seconds: Longest time for one document, where workers read it.
    """

    file_bytes: int = 64 * 2**20
    expanded_bytes: int = 256 * 2**20
    cells: int = 200_000
    columns: int = 1_000
    rows: int = 65_534
    depth: int = 2_000
    seconds: float = 120.0

    def refuse_large(self, data: bytes, name: str = "the file") -> None:
        """Refuse a file that is larger than one may be.

        Raises:
            DocumentError: limit_exceeded.
        """
        if len(data) > self.file_bytes:
            raise DocumentError("limit_exceeded", f"{name} has {len(data)} bytes, more than {self.file_bytes}")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of one build, the limits it keeps and the processes it may use.

    Attributes:
        raw: Raw files, never changed.
        warehouse: What is published; staging stands below it and may be deleted at any time.
        limits: Bounds of one document; they are part of every staged batch's fingerprint.
        workers: Processes that read documents side by side; 1 reads in the build's own process. How many there are
            changes no result, so it is no part of a fingerprint.
        raw_url: Address of the raw files where they stand on an object store and not in `raw` (`s3://bucket/raw`; any
            that fsspec knows). What people keep beside the raw folder stays there.
        executor: What makes the batches: `local`, or an engine's address (`pipelines.staging.executor`). It changes no
            result either.
        reviews: What people have decided, one CSV file a kind of decision; `reviews` beside the raw folder unless
            another is named. What a stage takes from it is part of its batches' fingerprints.
    """

    raw: Path
    warehouse: Path
    limits: ReadLimits = field(default_factory=ReadLimits)
    workers: int = field(default_factory=lambda: count_cores())  # noqa: PLW0108 - defined below
    reviews: Path = Path()
    executor: str = LOCAL
    raw_url: str = ""

    def __post_init__(self) -> None:
        if self.reviews == Path():
            object.__setattr__(self, "reviews", self.raw.parent / "reviews")

    @property
    def wanted_agencies(self) -> Path:
        """The user's own list of agencies that should report, beside the raw folder; it need not exist."""
        return self.raw.parent / "agencies.csv"

    @property
    def sources(self) -> Path:
        """The sites that are collected from, beside the raw folder; it need not exist."""
        return self.raw.parent / "sources.csv"

    @property
    def fetch_settings(self) -> Path:
        """How sites are asked, beside the raw folder; it need not exist."""
        return self.raw.parent / "fetch.toml"

    @property
    def fetched(self) -> Path:
        """What fetching remembers: the journal and its lock. Made again from the raw files where it is lost."""
        return self.raw.parent / "fetched"

    @property
    def staging(self) -> Path:
        """Parquet between the stages; a cache that the next build makes again."""
        return self.warehouse / "staging"

    @property
    def database(self) -> Path:
        """The published DuckDB file."""
        return self.warehouse / "gongkai.duckdb"

    @property
    def quality_page(self) -> Path:
        """The published quality page: one HTML file that shows how far the warehouse can be trusted."""
        return self.warehouse / "quality.html"

    @property
    def parquet(self) -> Path:
        """The published tables as Parquet."""
        return self.warehouse / "parquet"


def count_cores() -> int:
    """Return the cores that this process may run on, at least 1.

    A container's share is asked for where the system can tell it: the machine's cores would start too many processes.
    """
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def get_today() -> date:
    """Return the day that decides which report years are in the future and whose season is over.

    It is the clock's, unless `GONGKAI_TODAY` names another: a form for a year to come is tried on documents of that
    year, and nobody should have to wait for it.

    Raises:
        UsageError: The variable holds no day.
    """
    stated = os.environ.get(TODAY_VARIABLE)
    if not stated:
        return date.today()
    try:
        return date.fromisoformat(stated)
    except ValueError as error:
        raise UsageError(f"{TODAY_VARIABLE} is {stated!r}: write a day as 2028-02-01") from error


def is_url(text: str) -> bool:
    """Tell an address from the path of a folder.

    >>> is_url("s3://bucket/raw"), is_url("data/raw")
    (True, False)
    """
    return "://" in text


def require_database(path: Path) -> None:
    """Accept a file that DuckDB wrote; of one that SQLite wrote it would fetch an extension to read it.

    Raises:
        UsageError: The file is no DuckDB database, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            is_database = file.read(12)[8:] == b"DUCK"  # behind a checksum
    except OSError as error:
        raise UsageError(f"{path} cannot be opened: {error.strerror}") from error
    if not is_database:
        raise UsageError(f"{path} is no warehouse: DuckDB did not write it")

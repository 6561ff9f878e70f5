"""What the last inventory knew of each file's state and hash, so that unchanged files are not read again."""

import polars as pl

from pipelines.ingest.kept import read_kept, write_kept
from pipelines.settings import Workspace

_NAME = "ledger"
STATE = ["path", "inode", "bytes", "modified_ns", "changed_ns"]  # equal in all of these: the same bytes
LEDGER_SCHEMA = pl.Schema(
    {
        "path": pl.String(),
        "inode": pl.UInt64(),
        "bytes": pl.Int64(),
        "modified_ns": pl.Int64(),
        "changed_ns": pl.Int64(),
        "sha256": pl.String(),
        "hashed_ns": pl.Int64(),
        "file_id": pl.Int64(),
    }
)

# A file written to within the clock's tick after its hash was taken would keep its time. So a hash is believed only
# when it was taken well after the last change; two seconds is the coarsest tick in use (FAT).
_UNCERTAIN_NS = 2_000_000_000


def read_ledger(workspace: Workspace) -> pl.DataFrame:
    """Return the ledger in `LEDGER_SCHEMA`; empty, so that all files are hashed, where it is absent or damaged."""
    return read_kept(workspace, _NAME, LEDGER_SCHEMA, "all files are hashed again")


def trust_ledger(ledger: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose hash was taken so long after the file's last change that a later one would show."""
    return ledger.filter(pl.col("changed_ns") < pl.col("hashed_ns") - _UNCERTAIN_NS)


def write_ledger(workspace: Workspace, hashed: pl.DataFrame, old: pl.DataFrame) -> None:
    """Keep the state of all files that have a hash, where it differs from `old`."""
    ledger = hashed.filter(pl.col("sha256").is_not_null()).select(LEDGER_SCHEMA.names())
    if not ledger.equals(old):
        write_kept(workspace, _NAME, ledger)

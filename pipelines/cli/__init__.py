"""The `gongkai` command.

Each subcommand is a module that is imported only when it is called for, so that `gongkai check` never pays for Dagster,
Pandera or DuckDB.
"""

from pipelines.cli.main import main

__all__ = ["main"]

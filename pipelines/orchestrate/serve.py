"""Dagster's own command without two warnings that are false here: `python -m pipelines.orchestrate.serve dev …`."""

import logging
import os
import runpy
import warnings
from pathlib import Path

_SUPERSEDED = r".*Use 'dg dev' instead"  # by a command of another package, which this project does not need
_UNUSED = "will not be used to configure Dagster"  # dagster.yaml in the current folder, as DAGSTER_HOME has its own


def main() -> None:
    """Run Dagster's command in this process, with its arguments."""
    warnings.filterwarnings("ignore", message=_SUPERSEDED, category=FutureWarning)
    logging.getLogger("dagster").addFilter(_is_true)
    runpy.run_module("dagster", run_name="__main__", alter_sys=True)


def _is_true(record: logging.LogRecord) -> bool:
    """Tell whether a warning holds: what DAGSTER_HOME has is a copy of the file that is said not to be used."""
    if _UNUSED not in record.getMessage():
        return True
    try:
        used = Path(os.environ["DAGSTER_HOME"], "dagster.yaml").read_bytes()
        return used != Path("dagster.yaml").read_bytes()
    except (KeyError, OSError):
        return True


if __name__ == "__main__":
    main()

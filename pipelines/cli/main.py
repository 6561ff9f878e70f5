"""The entry point: reads the command line, hands over to a subcommand, and turns what goes wrong into one line."""

import gc
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType

from pipelines.cli.arguments import build_parser
from pipelines.errors import GongkaiError, UsageError, make_harmless
from schemas.entry import SchemaDataError

_LAST_STANDARD_FILE = 2
_DONE, _FAILED, _MISTAKEN, _INTERRUPTED, _PIPE_CLOSED = 0, 1, 2, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    0: done. 1: the documents, the checks or the build have errors. 2: the command was used wrongly. 130 and 141 as the
    shell has them for an interrupt and a closed pipe.
    """
    _occupy_standard_files()
    if sys.stdout is None:  # `>&-`; Python has no file where there is none at the start
        return _complain("standard output is closed; send it to /dev/null if nobody is to read it", _MISTAKEN)
    try:
        code = _run(build_parser().parse_args(arguments))
        sys.stdout.flush()  # a closed pipe shows here and not while the interpreter shuts down
    except UsageError as error:
        return _complain(str(error), _MISTAKEN)
    except (GongkaiError, SchemaDataError) as error:
        where = "a data file below schemas/ has to be mended: " if isinstance(error, SchemaDataError) else ""
        return _complain(f"{where}{error}", _FAILED)
    except KeyboardInterrupt:
        return _complain("interrupted", _INTERRUPTED)
    except UnicodeEncodeError as error:
        # Only data ends here, in CSV or JSON: a `?` in their place would be taken for what was reported.
        lacking = error.object[error.start : error.start + 1]
        remedy = "set PYTHONIOENCODING=utf-8, or write to a file with -o"
        return _complain(f"standard output is {error.encoding}, which has no {lacking!a}; {remedy}", _MISTAKEN)
    except BrokenPipeError:
        # The reader has seen enough (`| head`).
        _abandon_output()
        return _PIPE_CLOSED
    except OSError as error:
        if error.filename is not None or not _is_output_broken():
            raise
        _abandon_output()
        return _complain(f"standard output cannot be written: {error.strerror or error}", _MISTAKEN)
    return code


def _occupy_standard_files() -> None:
    """Let no file that is opened later stand where a closed standard one stood: complaints would be written into it."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= _LAST_STANDARD_FILE:
        pass
    os.close(number)


def _is_output_broken() -> bool:
    """Tell whether it was standard output that failed, by trying it again."""
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except OSError:
        return True
    return False


def _abandon_output() -> None:
    """Let what is still buffered vanish; it would be written at exit else."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(options: Namespace) -> int:
    try:
        Path.cwd()  # what is named relative to it, and the project, are looked for from there
    except OSError as error:
        raise UsageError(f"the current folder is gone ({error.strerror}); change to one that is there") from error
    if options.command == "check" and "polars" not in sys.modules:
        # The frames of one document are too small to be worth a pool of threads; Polars asks when it is imported.
        os.environ.setdefault("POLARS_MAX_THREADS", "1")
    code: int = _load_command(options.command).run(options)
    return code


def _load_command(name: str) -> ModuleType:
    """Return the module of a subcommand.

    Importing makes objects that stay: looking through them for garbage, then and later, costs a tenth of the start.
    """
    gc.disable()
    try:
        return import_module(f"pipelines.cli.{name}")
    finally:
        gc.freeze()
        gc.set_threshold(100_000, 50, 50)
        gc.enable()


def _complain(message: str, code: int) -> int:
    with suppress(OSError):  # the exit code still tells
        print(f"gongkai: {make_harmless(' '.join(message.split()))}", file=sys.stderr)  # noqa: T201 - the command's own voice
    return code


if __name__ == "__main__":
    sys.exit(main())

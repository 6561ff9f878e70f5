"""The entry point: reads the command line, hands over to a subcommand, and turns what goes wrong into one line."""

import gc
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from pipelines.cli.arguments import build_parser
from pipelines.errors import GongkaiError, UsageError

_DONE, _FAILED, _MISTAKEN, _INTERRUPTED, _PIPE_CLOSED = 0, 1, 2, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    0: done. 1: the documents, the checks or the build have errors. 2: the command was used wrongly. 130 and 141 as the
    shell has them for an interrupt and a closed pipe.
    """
    try:
        code = _run(build_parser().parse_args(arguments))
        sys.stdout.flush()  # a closed pipe shows here and not while the interpreter shuts down
    except UsageError as error:
        return _complain(str(error), _MISTAKEN)
    except GongkaiError as error:
        return _complain(str(error), _FAILED)
    except KeyboardInterrupt:
        return _complain("interrupted", _INTERRUPTED)
    except BrokenPipeError:
        # The reader has seen enough (`| head`). What is still buffered must not be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    return code


def _run(options: Namespace) -> int:
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
    print(f"gongkai: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201 - the command's own voice
    return code


if __name__ == "__main__":
    sys.exit(main())

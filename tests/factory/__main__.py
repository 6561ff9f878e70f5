"""`python -m tests.factory OUT --count N --seed S`: a stream of documents for scale work, beside their truth.

OUT/documents/<year>/… is laid out as a raw folder; the truth stands outside it, in OUT/expected/<file name>.csv, and
OUT/manifest.csv says what each document is. `python -m tests.fidelity OUT` scores a reading of it.
"""

import argparse
import csv
import sys
import time
from pathlib import Path

from tests.factory.choice import stream_documents
from tests.factory.document import expected_csv
from tests.factory.writers import CONTAINERS

MANIFEST_COLUMNS = ("file_name", "year", "agency_name", "form_code", "container", "quirks", "refused", "must_find")


def write_stream(
    out: Path, count: int, seed: int, *, containers: tuple[str, ...], with_quirks: bool, with_expected: bool
) -> int:
    """Write `count` documents and return their bytes."""
    total = 0
    (out / "expected").mkdir(parents=True, exist_ok=True)
    with (out / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        manifest = csv.writer(file, lineterminator="\n")
        manifest.writerow(MANIFEST_COLUMNS)
        for made in stream_documents(count, seed, containers=containers, with_quirks=with_quirks):
            folder = out / "documents" / str(made.truth.year)
            folder.mkdir(parents=True, exist_ok=True)
            total += (folder / made.file_name).write_bytes(made.content)
            if with_expected:
                text = expected_csv(made.figures)
                (out / "expected" / f"{made.file_name}.csv").write_text(text, encoding="utf-8", newline="")
            lists = (" ".join(made.quirks), made.refused or "", " ".join(made.must_find))
            who = (made.truth.year, made.truth.agency_name, made.form_code, made.container.name)
            manifest.writerow((made.file_name, *who, *lists))
    return total


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.factory", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("out", type=Path, help="folder to fill, outside data/raw")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--container", action="append", choices=sorted(CONTAINERS), default=[], help="only this one")
    parser.add_argument("--plain", action="store_true", help="official layouts throughout")
    parser.add_argument("--no-expected", action="store_true", help="documents and manifest only")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    size = write_stream(
        options.out,
        options.count,
        options.seed,
        containers=tuple(options.container),
        with_quirks=not options.plain,
        with_expected=not options.no_expected,
    )
    seconds = time.perf_counter() - started
    rate = 60 * options.count / max(seconds, 1e-9)
    sys.stdout.write(f"{options.count} documents, {size / 2**20:.1f} MiB, {seconds:.1f} s, {rate:,.0f} a minute\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

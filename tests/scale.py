"""A corpus of any size with its truth, and the score of a warehouse that was built from it.

`python -m tests.scale write OUT --count N --seed S` writes OUT/raw/<year>/…, laid out as data/raw, and outside of it
the truth: OUT/manifest/*.parquet has a row a file, OUT/truth/*.parquet a row a printed figure.
`python -m tests.scale score OUT` compares OUT/warehouse, or the one that is named, with it: every file's state, every
cell. What it holds in memory does not grow with N.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import duckdb
import polars as pl

from schemas.ddl import quote_text
from tests.factory.season import SeasonFile, stream_season

ROOT = Path(__file__).resolve().parents[1]
_PART = 2_000  # files whose truth is written at a time

_MANIFEST = pl.Schema(
    {
        "path": pl.String(), "status": pl.String(), "year": pl.Int32(), "agency_name": pl.String(),
        "container": pl.String(), "quirks": pl.String(), "note": pl.String(), "is_torn": pl.Boolean(),
        "breach": pl.String(), "true_value": pl.Float64(), "bytes": pl.Int64(),
    }
)  # fmt: skip
_TRUTH = pl.Schema(
    {
        "path": pl.String(), "table_code": pl.String(), "row_code": pl.String(), "column_code": pl.String(),
        "value": pl.Float64(), "value_status": pl.String(), "unit": pl.String(),
    }
)  # fmt: skip


def write_corpus(out: Path, count: int, seed: int) -> tuple[int, int]:
    """Write the corpus and return its files and bytes.

    Raises:
        ValueError: The folder lies where real reports are kept, or holds something already.
    """
    if out.resolve().is_relative_to(ROOT / "data"):
        raise ValueError(f"{out}: invented reports must not lie among the real ones; name a folder outside data")
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out} is not empty; name another folder or remove it")
    for name in ("raw", "manifest", "truth"):
        (out / name).mkdir(parents=True, exist_ok=True)
    files = size = 0
    stream = stream_season(count, seed)
    # itertools.batched came with Python 3.12
    for number, part in enumerate(iter(lambda: list(islice(stream, _PART)), [])):
        for file in part:
            path = out / "raw" / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            size += path.write_bytes(file.content)
        files += len(part)
        name = f"{number:05d}.parquet"
        pl.DataFrame(map(_manifest_row, part), _MANIFEST, orient="row").write_parquet(out / "manifest" / name)
        rows = (row for file in part for row in _truth_rows(file))
        pl.DataFrame(rows, _TRUTH, orient="row").write_parquet(out / "truth" / name)
    return files, size


def _manifest_row(file: SeasonFile) -> tuple[object, ...]:
    made, breach = file.made, file.breach
    return (
        file.path, file.status, file.year, file.agency_name, made.container.name if made else None,
        " ".join(made.quirks) if made else "", file.note, file.is_torn, "/".join(breach[0]) if breach else None,
        float(breach[1]) if breach else None, len(file.content),
    )  # fmt: skip


def _truth_rows(file: SeasonFile) -> Iterator[tuple[object, ...]]:
    if file.made is None or file.status not in ("loaded", "superseded"):
        return
    for key, figure in file.made.figures.items():
        if not figure.is_unclear:
            value = None if figure.value is None else float(figure.value)
            yield (file.path, *key, value, figure.status.value, figure.unit)


# -------------------------------------------------------------------------------------------------------------- scoring

_SCORES = {
    "files whose state is not the expected one": """
        SELECT count(*) FROM manifest AS m FULL JOIN source_file AS f USING (path)
        WHERE m.status IS DISTINCT FROM f.status""",
    "files": "SELECT count(*) FROM manifest",
    "cells right": "SELECT count(*) FROM compared WHERE is_same",
    "cells wrong": "SELECT count(*) FROM compared WHERE NOT is_same AND NOT is_refused",
    "cells refused": "SELECT count(*) FROM compared WHERE NOT is_same AND is_refused",
    "cells missing": """
        SELECT count(*) FROM truth WHERE path IN (FROM here) AND NOT EXISTS (FROM read WHERE read.key = truth.key)""",
    "misprints": "SELECT count(*) FROM misprint",
    "misprints that a rule reports": """
        SELECT count(*) FROM misprint SEMI JOIN (FROM quality_result WHERE status = 'fail') USING (report_id)""",
    "misprints whose cell is suspected": """
        SELECT count(DISTINCT m.report_id) FROM misprint AS m JOIN suspected_cell AS s ON s.report_id = m.report_id
            AND m.breach = concat_ws('/', s.table_code, s.row_code, s.column_code)
            AND s.suggested_value = m.true_value""",
}

_PREPARE = """
CREATE TEMP VIEW manifest AS FROM read_parquet({manifest});
CREATE TEMP VIEW here AS
    SELECT path FROM manifest JOIN source_file AS f USING (path) WHERE f.status IN ('loaded', 'superseded');
CREATE TEMP VIEW misprint AS
    SELECT r.report_id, m.breach, m.true_value
    FROM manifest AS m JOIN source_file AS f USING (path) JOIN dim_report AS r USING (file_id)
    WHERE m.breach IS NOT NULL AND m.status = 'loaded' AND m.note <> 'correction';
CREATE TEMP VIEW truth AS SELECT *, hash(path, table_code, row_code, column_code) AS key FROM read_parquet({truth});
CREATE TEMP TABLE read AS
    SELECT hash(f.path, c.table_code, c.row_code, c.column_code) AS key, c.value, c.value_status, c.unit
    FROM reported_cell AS c JOIN source_file AS f USING (file_id)
    WHERE c.row_code IS NOT NULL AND c.column_code IS NOT NULL;
CREATE TEMP VIEW compared AS
    SELECT t.path, t.value IS NOT DISTINCT FROM r.value AND t.value_status = r.value_status
        AND (t.unit IS NULL OR t.unit = 'unknown' OR t.unit IS NOT DISTINCT FROM r.unit) AS is_same,
        r.value_status = 'illegible' AS is_refused
    FROM truth AS t JOIN read AS r USING (key);
"""


def score_warehouse(out: Path, database: Path) -> dict[str, int]:
    """Return how the warehouse compares with the corpus's truth, by what is counted."""
    parts = {name: quote_text(str(out / name / "*.parquet")) for name in ("manifest", "truth")}
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute(f"SET temp_directory = {quote_text(str(out / 'spill'))}")
        connection.execute(_PREPARE.format(**parts))
        scores = {}
        for name, query in _SCORES.items():
            row = connection.execute(query).fetchone()
            scores[name] = int(row[0]) if row else 0
        return scores


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("write", help="write a corpus with its truth")
    write.add_argument("out", type=Path, help="folder to fill, outside data")
    write.add_argument("--count", type=int, default=10_000, help="files (%(default)s)")
    write.add_argument("--seed", type=int, default=1)
    score = commands.add_parser("score", help="compare a warehouse with the truth")
    score.add_argument("out", type=Path, help="the corpus")
    score.add_argument("--database", type=Path, help="OUT/warehouse/gongkai.duckdb where none is named")
    options = parser.parse_args(arguments)
    if options.command == "write":
        started = time.perf_counter()
        files, size = write_corpus(options.out, options.count, options.seed)
        seconds = time.perf_counter() - started
        sys.stdout.write(f"{files} files, {size / 1e6:,.0f} MB, {seconds:.0f} s\n")
        return 0
    scores = score_warehouse(options.out, options.database or options.out / "warehouse" / "gongkai.duckdb")
    for name, count in scores.items():
        sys.stdout.write(f"{count:>12,}  {name}\n")
    return 1 if scores["cells wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())

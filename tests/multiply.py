"""A staged corpus many times over, so that what grows with the number of reports can be measured without reading them.

`python -m tests.multiply SOURCE TARGET --times 10` takes what is staged of SOURCE (a folder with `raw` and `warehouse`,
built before) for as many reports of other agencies under other paths. The first of the copies keeps its raw files, so
that one of them can be changed and built; the raw files of the others hold their own path and nothing else. The
inventory is taken as it always is, and each stage is run with a function that looks up what was made of the original:
so manifests, fingerprints and digests are those of a corpus that was really read, and the next build makes only what
has changed.
"""

import argparse
import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

import polars as pl

from pipelines.ingest import take_inventory
from pipelines.orchestrate.plan import STAGES
from pipelines.settings import Workspace
from pipelines.staging import Batch, StageSpec, list_partitions, read_frame, run_stage
from pipelines.staging.fingerprint import fingerprint_stage
from schemas.vocabulary import Stage

_AGENCY = 2**53 - 1  # identifiers have 53 bits
_MANY = 0x9E3779B97F4A7C15  # an odd number whose multiples lie far apart


@dataclass(frozen=True)
class Multiplied:
    """A stage that says of each copy what the original's staged rows say of the original.

    Attributes:
        source: Whose stages have run.
        copies: (file_id, original, copy) of every file of the multiplied corpus.
    """

    source: Workspace
    spec: StageSpec
    copies: pl.DataFrame
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)

    def compute(self, batch: Batch) -> dict[str, pl.DataFrame]:
        """Return the rows of a batch's files; the originals' rows of a partition are read once."""
        files = [
            read_frame(batch.workspace, Stage.INGEST, "files", batch.partition)
            .select("file_id", "path", "partition")
            .collect()
        ]
        members = pl.concat(files).join(self.copies, on="file_id")
        wanted = pl.concat(
            [frame.select("file_id") for frame in batch.inputs.values() if "file_id" in frame.columns]
        ).unique()
        members = members.join(wanted, on="file_id", how="semi").select("file_id", "original", "copy")
        return {name: self._copy(name, batch.partition, members) for name in self.spec.outputs}

    def _copy(self, name: str, partition: str, members: pl.DataFrame) -> pl.DataFrame:
        if name not in self.frames:
            self.frames[name] = read_frame(self.source, self.spec.name, name, partition).collect()
        rows = self.frames[name]
        found = rows.rename({"file_id": "original"}).join(members, on="original")
        return found.with_columns(_named_apart(rows.columns)).select(rows.columns)


def _named_apart(columns: list[str]) -> list[pl.Expr]:
    """Return what makes another agency of each copy's, and another table of each table that other agencies print."""
    copy = pl.col("copy").cast(pl.UInt64)
    is_copy = pl.col("copy") > 0
    suffix = pl.format("第{}分局", pl.col("copy"))
    changed = {
        "agency_id": pl.when(is_copy)
        .then((pl.col("agency_id").cast(pl.UInt64) ^ (copy * _MANY)) & _AGENCY)
        .otherwise(pl.col("agency_id").cast(pl.UInt64))
        .cast(pl.Int64),
        "fingerprint": pl.col("fingerprint") + pl.col("copy"),
        **{
            name: pl.when(is_copy).then(pl.concat_str(pl.col(name), suffix)).otherwise(pl.col(name))
            for name in ("agency_name", "signed_name")
        },
    }
    return [expression.alias(name) for name, expression in changed.items() if name in columns]


def multiply(source: Workspace, target: Workspace, times: int) -> int:
    """Stage `times` copies of what is staged of `source`, and return how many files they have."""
    files = read_frame(source, Stage.INGEST, "files").collect()
    # What the inventory itself set aside or took apart has a raw file to show for it, and its copy has none.
    aside = set(files.filter(pl.col("reason_code").is_not_null())["path"])
    is_shown = pl.col("path").map_elements(lambda path: aside.isdisjoint(_lead_to(path)), return_dtype=pl.Boolean)
    whole = files.filter(is_shown)
    placed = [
        (path, original, copy)
        for copy in range(times)
        for path, original in (files if copy == 0 else whole).select("path", "file_id").iter_rows()
    ]
    _write_raw(source, target, placed)
    taken = take_inventory(target)
    names = pl.DataFrame(
        [(_place(path, copy), original, copy) for path, original, copy in placed],
        schema={"path": pl.String, "original": pl.Int64, "copy": pl.Int64},
        orient="row",
    )
    copies = taken.select("file_id", "path").join(names, on="path").drop("path")
    for spec in STAGES:
        code = fingerprint_stage(spec, target.limits)
        for partition in list_partitions(target):
            made = Multiplied(source, spec, copies)
            with patch("pipelines.staging.run.fingerprint_stage", lambda _spec, _limits, code=code: code):
                run_stage(target, replace(spec, compute=made.compute), partition)
    return taken.height


def _lead_to(path: str) -> list[str]:
    """Return a path and all folders or archives on the way to it.

    >>> _lead_to("2021/a.zip/b.docx")
    ['2021', '2021/a.zip', '2021/a.zip/b.docx']
    """
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _place(path: str, copy: int) -> str:
    """Return where a copy stands: in the same year's folder.

    >>> _place("2021/a.html", 0), _place("2021/a.html", 3), _place("a.html", 3)
    ('2021/a.html', '2021/copy 3/a.html', 'copy 3/a.html')
    """
    if not copy:
        return path
    folder, slash, rest = path.partition("/")
    return f"{folder}/copy {copy}/{rest}" if slash and folder.isdigit() else f"copy {copy}/{path}"


def _write_raw(source: Workspace, target: Workspace, placed: list[tuple[str, int, int]]) -> None:
    for path, _, copy in placed:
        place = target.raw / _place(path, copy)
        if copy:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(str(place.relative_to(target.raw)), encoding="utf-8")
        elif (source.raw / path).is_file():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes((source.raw / path).read_bytes())


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.multiply", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("source", type=Path, help="folder with `raw` and `warehouse`, built before")
    parser.add_argument("target", type=Path, help="folder for the same of the multiplied corpus")
    parser.add_argument("--times", type=int, default=10, help="how many times over (%(default)s)")
    options = parser.parse_args(arguments)
    source, target = (
        Workspace(folder / "raw", folder / "warehouse", workers=1) for folder in (options.source, options.target)
    )
    os.nice(5)
    sys.stdout.write(f"{multiply(source, target, options.times)} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

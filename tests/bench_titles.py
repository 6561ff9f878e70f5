"""What it costs to tell who reports for when: titles of many agencies over the years, resolved as a build does it.

`python -m tests.bench_titles [--titles N] [--batch N] [--processes N]`, or `make titles`. The titles are made of every
county of the map and the commonest units, in a dozen wordings, six years each; no two are alike, and no batch is seen
twice. Nothing here fails; docs/performance.md keeps the figures.
"""

import argparse
import multiprocessing
import sys
from collections.abc import Iterator
from itertools import islice
from random import Random

import polars as pl

from pipelines.normalize.identity.reports import identify_reports
from schemas.region import RegionLevel, full_region_name, load_regions
from schemas.table import table
from tests.meter import measured

BATCH = 2_048
_UNITS = (
    "人民政府", "人民政府办公室", "教育局", "财政局", "公安局", "民政局", "司法局", "审计局", "卫健局", "发改委",
    "人社局", "住建局", "交通运输局", "水利局", "农业农村局", "市场监管局", "应急管理局", "统计局", "信访局", "医保局",
)  # fmt: skip
_WORDINGS = (
    "{place}{unit}{year}年政府信息公开工作年度报告",
    "{year}年度{place}{unit}政府信息公开年报",
    "{place}{unit}关于{year}年度政府信息公开工作的报告",
    "X{year}年{place}{unit}政府信息公开工作年度报告（图解）",
)


def list_titles(seed: int = 1) -> Iterator[tuple[str, int]]:
    """Yield titles with the year of their folder, in an order that depends on the seed alone."""
    rng = Random(f"titles/{seed}")
    counties = [r for r in load_regions() if r.level == RegionLevel.COUNTY and r.valid_to is None]
    made = [
        (_WORDINGS[(number + year) % len(_WORDINGS)].format(place=place, unit=unit, year=year), year)
        for number, place in enumerate(full_region_name(region) for region in counties)
        for unit in _UNITS
        for year in (2019, 2021, 2023)
    ]
    rng.shuffle(made)
    yield from made


def resolve(titles: list[tuple[str, int]]) -> int:
    """Resolve a batch of titles and return the number of agencies."""
    numbers = range(1, len(titles) + 1)
    files = pl.DataFrame(
        {
            "file_id": numbers,
            "path": [f"{year}/{number}.html" for number, (_, year) in enumerate(titles)],
            "partition": [str(year) for _, year in titles],
            "folder_year": [year for _, year in titles],
        }
    )
    blocks = pl.DataFrame({"file_id": numbers, "text": [title for title, _ in titles]}).with_columns(
        block_number=pl.lit(1, dtype=pl.Int32), kind=pl.lit("title"), label=pl.lit("h1")
    )
    reports = identify_reports(table("files").conform(files), table("blocks").conform(blocks), ()).reports
    return reports["agency_id"].n_unique()


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_titles", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--titles", type=int, default=100_000, help="how many in all (%(default)s)")
    parser.add_argument("--batch", type=int, default=BATCH, help="titles of a batch (%(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="side by side (%(default)s)")
    options = parser.parse_args(arguments)
    titles = list_titles()
    batches = list(iter(lambda: list(islice(titles, options.batch)), []))[: -(-options.titles // options.batch)]
    done = sum(map(len, batches))
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        pool.map(resolve, [batches[0][:1]] * options.processes, chunksize=1)  # reads the map and the units
        with measured() as cost:
            agencies = sum(pool.imap_unordered(resolve, batches))
    scale = 100_000 / done
    sys.stdout.write(
        f"{done:,} titles in batches of {options.batch:,}, {options.processes} processes, {agencies:,} agencies; "
        f"per 100,000 titles {cost.wall * scale:.1f} s of wall time, {cost.cpu * scale:.1f} s of CPU; "
        f"at most {cost.peak / 2**20:,.0f} MiB in all processes\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What the whole way from raw pages to the published warehouse costs, stage by stage, beside floors of the same pages.

`python -m tests.bench_pipeline [--count N]`; `make bench` runs it last. Every figure is processor time over all
processes, because two workers on a busy machine say little by the clock; ratios are what is worth keeping. The floors
are taken of pages at equal distances, a thousand at most, since BeautifulSoup alone takes as long as all the rest:
the bytes read and nothing done with them; the quickest parse and walk of the tables; two libraries that people reach
for first; and Polars writing the warehouse's facts to Parquet, as the least that storing the result can cost. Those two
are imported where they are measured: a worker imports this module again, and would pay for them in our stages.
"""

import argparse
import codecs
import gc
import io
import sys
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import polars as pl

from pipelines.ingest import take_inventory
from pipelines.load import publish_warehouse
from pipelines.load.portions import FACTS
from pipelines.load.series import check_series
from pipelines.orchestrate.plan import STAGES
from pipelines.settings import Workspace
from pipelines.staging import StageSpec, list_partitions, run_stage
from tests.bench import floor_of_html
from tests.factory.season import FIRST_YEAR, YEARS, stream_season
from tests.meter import Cost, measured

_FLOOR_PAGES = 1_000


def write_pages(count: int, raw: Path) -> list[Path]:
    """Write the HTML reports of a corpus, as many as asked for, with the sizes and habits that it gives them."""
    pages = (file for file in stream_season(count * 10, 1) if file.made and file.made.container.name == "html")
    paths = []
    for file in islice(pages, count):
        paths.append(raw / file.path)
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        paths[-1].write_bytes(file.content)
    return paths


def parse_with_soup(data: bytes) -> int:
    """Parse with BeautifulSoup over lxml, and take every cell's text."""
    from bs4 import BeautifulSoup

    return sum(len(cell.get_text()) for cell in BeautifulSoup(data, "lxml").find_all("td"))


def parse_with_pandas(data: bytes) -> int:
    """Let pandas find the tables; it is told the encoding, which it does not look for."""
    from pandas import read_html

    if b"\0" in data[:4]:  # UTF-16, some of it without a mark
        encoding = "utf-16-be" if data[0] == 0 or data.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    else:
        encoding = "gb18030" if b"charset=gb" in data[:4_096].lower() else "utf-8"
    return sum(len(frame) for frame in read_html(io.StringIO(data.decode(encoding, "replace"))))


def measure_floors(paths: list[Path]) -> dict[str, Cost]:
    """Return the cost of each floor over all pages."""
    over_pages: dict[str, Callable[[bytes], int]] = {
        "floor: reading the bytes": len,
        "floor: Lexbor parse and grid": floor_of_html,
        "floor: BeautifulSoup over lxml": parse_with_soup,
        "floor: pandas.read_html": parse_with_pandas,
    }
    costs = {}
    for name, way in over_pages.items():
        way(paths[0].read_bytes())  # what it imports is no page's cost
        with measured() as cost:
            for path in paths:
                way(path.read_bytes())
        costs[name] = cost
    return costs


def measure_stages(house: Workspace) -> dict[str, Cost]:
    """Return the cost of each stage over all partitions, and of the publish."""
    steps: dict[str, Callable[[], object]] = {"inventory": lambda: take_inventory(house)}
    steps |= {stage.name: lambda stage=stage: _run(house, stage) for stage in STAGES}  # type: ignore[misc]
    steps |= {"rules across years": lambda: check_series(house), "publish": lambda: publish_warehouse(house)}
    costs = {}
    for name, step in steps.items():
        with measured() as cost:
            step()
        costs[name] = cost
    return costs


def _run(house: Workspace, stage: StageSpec) -> None:
    for partition in list_partitions(house):
        run_stage(house, stage, partition)


def measure_writing(house: Workspace, target: Path) -> Cost:
    """Return the cost of Polars writing the facts, read before, to Parquet."""
    frames = {name: pl.read_parquet(house.parquet / f"{name}.parquet") for name in FACTS}
    with measured() as cost:
        for name, frame in frames.items():
            frame.write_parquet(target / f"{name}.parquet")
    return cost


def print_costs(costs: dict[str, tuple[Cost, int]], count: int, size: float) -> None:
    """Print one line a measurement as a Markdown table.

    Args:
        costs: What each cost, and of how many reports.
        count: Reports in all.
        size: Bytes of a report, on average.
    """
    say = sys.stdout.write
    floor, pages = costs["floor: Lexbor parse and grid"]
    say(f"\n{count} HTML reports of {FIRST_YEAR} to {FIRST_YEAR + YEARS - 1}, {size / 1000:.0f} KB each\n\n")
    say("| | CPU ms a report | reports a CPU second | MB a CPU second | times Lexbor's floor | peak MB |\n")
    say("| --- | ---: | ---: | ---: | ---: | ---: |\n")
    for name, (cost, reports) in costs.items():
        cpu = max(cost.cpu, 0.01) / reports
        say(
            f"| {name} | {cpu * 1000:.2f} | {1 / cpu:,.0f} | {size / cpu / 1e6:,.1f} | {cpu / (floor.cpu / pages):.2f} "
            f"| {cost.peak / 1e6:.0f} |\n"
        )
        sys.stdout.flush()


def _spare_what_stays() -> None:
    """Take what was imported out of garbage collection, as the command does: here that is pandas as well."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_pipeline", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="HTML reports (%(default)s)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        house = Workspace(Path(folder) / "raw", Path(folder) / "warehouse")
        paths = write_pages(options.count, house.raw)
        some = paths[:: -(-len(paths) // _FLOOR_PAGES)]
        _spare_what_stays()
        costs = {name: (cost, len(some)) for name, cost in measure_floors(some).items()}
        stages = measure_stages(house)
        stages["whole pipeline"] = Cost(
            sum(cost.wall for cost in stages.values()),
            sum(cost.cpu for cost in stages.values()),
            max(cost.peak for cost in stages.values()),
        )
        costs["floor: Polars writing the facts"] = (measure_writing(house, Path(folder)), len(paths))
        costs |= {name: (cost, len(paths)) for name, cost in stages.items()}
        print_costs(costs, len(paths), sum(path.stat().st_size for path in paths) / len(paths))
    return 0


if __name__ == "__main__":
    sys.exit(main())

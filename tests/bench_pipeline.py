"""What the whole way from raw pages to the published warehouse costs, stage by stage, beside floors of the same pages.

`python -m tests.bench_pipeline [--count N]`; `make bench` runs it last. Every figure is processor time over all
processes, because two workers on a busy machine say little by the clock; ratios are what is worth keeping. The floors:
the bytes read and nothing done with them; the quickest parse and walk of the tables; two libraries that people reach
for first; and Polars writing the warehouse's facts to Parquet, as the least that storing the result can cost.
"""

import argparse
import codecs
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
from bs4 import BeautifulSoup

from pipelines.ingest import take_inventory
from pipelines.load import publish_warehouse
from pipelines.load.portions import FACTS
from pipelines.load.series import check_series
from pipelines.orchestrate.plan import STAGES
from pipelines.settings import Workspace
from pipelines.staging import StageSpec, list_partitions, run_stage
from tests.bench import floor_of_html
from tests.factory.season import FIRST_YEAR, YEARS, SeasonFile, stream_season
from tests.meter import Cost, measured


def list_pages(count: int) -> list[SeasonFile]:
    """Return the HTML reports of a corpus, as many as asked for, with the sizes and habits that it gives them."""
    pages = (file for file in stream_season(count * 10, 1) if file.made and file.made.container.name == "html")
    return [file for file, _ in zip(pages, range(count), strict=False)]


def parse_with_soup(data: bytes) -> int:
    """Parse with BeautifulSoup over lxml, and take every cell's text."""
    return sum(len(cell.get_text()) for cell in BeautifulSoup(data, "lxml").find_all("td"))


def parse_with_pandas(data: bytes) -> int:
    """Let pandas find the tables; it is told the encoding, which it does not look for."""
    if b"\0" in data[:4]:  # UTF-16, some of it without a mark
        encoding = "utf-16-be" if data[0] == 0 or data.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    else:
        encoding = "gb18030" if b"charset=gb" in data[:4_096].lower() else "utf-8"
    return sum(len(frame) for frame in pd.read_html(io.StringIO(data.decode(encoding, "replace"))))


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


def print_costs(costs: dict[str, Cost], count: int, size: int, floor: float) -> None:
    """Print one line a measurement as a Markdown table."""
    say = sys.stdout.write
    say(f"\n{count} HTML reports of {FIRST_YEAR} to {FIRST_YEAR + YEARS - 1}, {size / count / 1000:.0f} KB each\n\n")
    say("| | CPU ms a report | reports a CPU second | MB a CPU second | times Lexbor's floor | peak MB |\n")
    say("| --- | ---: | ---: | ---: | ---: | ---: |\n")
    for name, cost in costs.items():
        cpu = max(cost.cpu, 0.01)
        say(
            f"| {name} | {cpu / count * 1000:.2f} | {count / cpu:,.0f} | {size / cpu / 1e6:,.1f} | {cpu / floor:.2f} "
            f"| {cost.peak / 1e6:.0f} |\n"
        )
        sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_pipeline", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=1_000, help="HTML reports (%(default)s)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        house = Workspace(Path(folder) / "raw", Path(folder) / "warehouse")
        pages = list_pages(options.count)
        for file in pages:
            path = house.raw / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        size = sum(len(file.content) for file in pages)
        costs = measure_floors([house.raw / file.path for file in pages])
        stages = measure_stages(house)
        total = Cost(
            sum(cost.wall for cost in stages.values()),
            sum(cost.cpu for cost in stages.values()),
            max(cost.peak for cost in stages.values()),
        )
        costs["floor: Polars writing the facts"] = measure_writing(house, Path(folder))
        print_costs(
            {**costs, **stages, "whole pipeline": total}, len(pages), size, costs["floor: Lexbor parse and grid"].cpu
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())

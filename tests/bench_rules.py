"""What the rules cost: every rule that a report answers by itself, over as many reports as a country has in some years.

`python -m tests.bench_rules [--reports N] [--portion N] [--workers N]`, or `make rules`. 2,048 different reports are
made up and staged as normalized before the clock starts: one in twelve with a misprint, one in ten with blanks, each
with a narrative that restates its figures; and those again under other identifiers until there are enough. Measured is
the stage as a build runs it, with its processes, Parquet and fingerprints. Nothing here fails;
docs/performance.md keeps the figures.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import polars as pl

from pipelines.check import STAGE
from pipelines.settings import Workspace, count_cores
from pipelines.staging import count_buckets, run_stage, store
from schemas.table import table
from schemas.vocabulary import Stage, ValueStatus
from tests.factory import Truth, make_truth
from tests.factory.model import Key
from tests.meter import measured

_DIFFERENT = 2_048
_FILLER = "本机关依法公开政府信息，及时回应社会关切，并接受群众监督，不断提高公开质量和实效。\n" * 11
_TABLE_NUMBERS = {"proactive": 1, "request": 2, "challenge": 3}

Printed = dict[Key, float | None]


def make_batch(count: int, seed: int = 1) -> dict[str, pl.DataFrame]:
    """Return frames `figures`, `reports`, `sections` and `files` of so many different reports."""
    rng = Random(f"rules/{seed}")
    figures: list[tuple[object, ...]] = []
    sections: list[tuple[object, ...]] = []
    reports: list[tuple[object, ...]] = []
    for file_id in range(1, count + 1):
        truth = make_truth(rng.randrange(10**9), rng.choice(("2019", "2021", "2021")))
        sections += _tell(file_id, truth)
        reports.append((file_id, truth.year, file_id, truth.agency_name, f"{truth.agency_name}{truth.year}年报告"))
        printed = _misprint({key: _number(truth, key) for key in truth.figures}, rng)
        figures += list(_list_figures(file_id, truth, printed))
    return {
        "figures": table("figures").conform(pl.DataFrame(figures, schema=_FIGURES, orient="row")),
        "reports": table("reports").conform(pl.DataFrame(reports, schema=_REPORTS, orient="row")),
        "sections": table("sections").conform(pl.DataFrame(sections, schema=_SECTIONS, orient="row")),
        "files": table("files").conform(
            pl.DataFrame([(row[0], row[1]) for row in reports], schema=["file_id", "folder_year"], orient="row")
        ),
    }


_FIGURES = {
    "file_id": pl.Int64, "table_code": pl.String, "form_code": pl.String, "row_code": pl.String,
    "column_code": pl.String, "value": pl.Float64, "value_status": pl.String, "unit": pl.String, "raw_text": pl.String,
    "table_number": pl.Int32, "row_number": pl.Int32, "column_number": pl.Int32,
}  # fmt: skip
_REPORTS = {
    "file_id": pl.Int64, "year": pl.Int32, "agency_id": pl.Int64, "agency_name": pl.String, "title": pl.String,
}  # fmt: skip
_SECTIONS = {
    "file_id": pl.Int64, "section_number": pl.Int32, "section_code": pl.String, "heading": pl.String, "text": pl.String,
}  # fmt: skip


def _number(truth: Truth, key: Key) -> float | None:
    figure = truth.figures[key]
    return None if figure.value is None else float(figure.value)


def _misprint(printed: Printed, rng: Random) -> Printed:
    """Return the figures as printed: one in twelve reports with a wrong cell, one in ten with blanks."""
    chance = rng.random()
    if chance < 1 / 12:
        key = rng.choice([key for key in printed if key[0] == "request"])
        printed[key] = (printed[key] or 0.0) + rng.choice((1.0, 2.0, 9.0, 90.0))
    elif chance < 1 / 12 + 1 / 20:  # zeros left blank, as many agencies do
        printed = {key: None if value == 0 and rng.random() < 0.8 else value for key, value in printed.items()}
    elif chance < 1 / 12 + 1 / 10:  # 总计 left blank
        printed = {key: None if key[0] == "request" and key[2] == "total" else v for key, v in printed.items()}
    return printed


def _list_figures(file_id: int, truth: Truth, printed: Printed) -> Iterator[tuple[object, ...]]:
    for number, ((code, row, column), value) in enumerate(printed.items()):
        status = ValueStatus.BLANK if value is None else ValueStatus.REPORTED
        text = "" if value is None else f"{value:.15g}"
        yield (file_id, code, truth.form_code, row, column, value, status.value, truth.figures[code, row, column].unit,
               text, _TABLE_NUMBERS[code], number // 7 + 1, number % 7 + 1)  # fmt: skip


def _tell(file_id: int, truth: Truth) -> Iterator[tuple[object, ...]]:
    """Yield the sections of a narrative of some 3,000 characters that restates what the tables say."""
    total = {row: int(truth.value("request", row, "total")) for row in _rows_of(truth.form_code)}
    denied, unavailable, unprocessed, other = (
        sum(value for row, value in total.items() if row.startswith(head))
        for head in ("denied_", "unavailable_", "unprocessed_", "other")
    )
    case = {row: int(truth.value("challenge", row, "total")) for row in _CHANNELS}
    told = (
        f"{truth.year}年，我单位新收政府信息公开申请{total['new_received']}件，上年结转{total['carried_in']}件，"
        f"共收到政府信息公开申请{total['new_received'] + total['carried_in']}件。全年办结{total['handled_total']}件："
        f"予以公开{total['granted']}件，部分公开{total['partly_granted']}件，不予公开{denied}件，无法提供{unavailable}件，"
        f"不予处理{unprocessed}件，其他处理{other}件；结转下年度继续办理{total['carried_forward']}件。\n"
    )
    fought = (
        f"因政府信息公开被申请行政复议{case['reconsideration']}件，"
        f"行政诉讼{case['litigation_direct'] + case['litigation_after_reconsideration']}件。\n"
    )
    period = f"本报告统计期限自{truth.year}年1月1日至{truth.year}年12月31日止。\n"
    texts = (period + _FILLER, told + _FILLER * 2, _FILLER, fought + _FILLER, _FILLER, f"{truth.agency_name}")
    for number, text in enumerate(texts, start=1):
        yield (file_id, number, None, None, text)


_CHANNELS = ("reconsideration", "litigation_direct", "litigation_after_reconsideration")


@cache
def _rows_of(form_code: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row for code, row, _ in make_truth(1, form_code).figures if code == "request"))


def stage_reports(house: Workspace, made: Mapping[str, pl.DataFrame], count: int) -> None:
    """Stage `count` reports of one year as the stages before would, bucket by bucket: those of `made` again and again.

    Args:
        house: Where staging stands.
        made: What `make_batch` returns; each bucket is some of its reports under identifiers of its own.
        count: How many in all.
    """
    buckets = count_buckets(count)
    size, rest = divmod(count, buckets)
    known = made["files"].height
    for number in range(buckets):
        wanted = pl.int_range(number * size, number * size + size + (number < rest), eager=True) % known + 1
        keys = pl.DataFrame({"file_id": wanted})
        frames = {
            name: frame.join(keys, on="file_id", how="semi").with_columns(pl.col("file_id") * 10_007 + number)
            for name, frame in made.items()
        }
        for stage, names in ((Stage.INGEST, ("files",)), (Stage.NORMALIZE, ("figures", "reports", "sections"))):
            folder = store.partition_folder(house, stage, _YEAR)
            batch = store.StagedBatch("made up", "made up", {}, {})
            rows = {name: frames[name] for name in names}
            store.write_batch(folder, store.read_manifest(folder), f"{number:04d}-of-{buckets:04d}", batch, rows)


_YEAR = "2021"  # one partition, as a country's year is


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_rules", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--reports", type=int, default=100_000, help="how many in all (%(default)s)")
    parser.add_argument("--portion", type=int, default=STAGE.portion, help="checked at once (%(default)s); 0: a bucket")
    parser.add_argument("--workers", type=int, default=count_cores(), help="processes (%(default)s)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        house = Workspace(Path(folder) / "raw", Path(folder) / "warehouse", workers=options.workers)
        stage_reports(house, make_batch(_DIFFERENT), options.reports)
        with measured() as cost:
            run = run_stage(house, replace(STAGE, portion=options.portion), _YEAR)
    scale = 100_000 / options.reports
    sys.stdout.write(
        f"{options.reports:,} reports in {run.made} batches, {options.portion:,} at once, {options.workers} processes, "
        f"{run.rows['quality']:,} outcomes; per 100,000 reports {cost.wall * scale:.1f} s of wall time, "
        f"{cost.cpu * scale:.1f} s of CPU; at most {cost.peak / 2**20:,.0f} MiB in all processes\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The command line: subcommands, their options and help."""

import sys
from argparse import SUPPRESS, Action, ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NoReturn

_EPILOG = """\
examples:
  gongkai build                                  build what has changed and publish the warehouse
  gongkai fetch --dry-run                        show what would be collected from the sites in data/sources.csv
  gongkai check report.html --explain            read one document and show how each cell was understood
  gongkai query "FROM agency_year LIMIT 5"       ask the warehouse
  gongkai query "FROM fact_request_flow" -f parquet -o flow.parquet
  gongkai export --xlsx henan.xlsx --region 河南省 --years 2021-2023
"""

_Add = Callable[[str, str], ArgumentParser]  # the name of a command and what it is for


class OneLineParser(ArgumentParser):
    """A parser whose complaint is one line; the usage is what --help is for."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2 and the message alone."""
        self.exit(2, f"gongkai: {message} ({self.prog} --help)\n")


class _ShowVersion(Action):
    """Print what `code_version` of meta_release would say, and leave; the other commands need not import it."""

    def __call__(self, parser: ArgumentParser, *_: object) -> NoReturn:
        sys.stdout.write(f"gongkai {import_module('pipelines.load').code_version()}\n")
        parser.exit()


def build_parser() -> ArgumentParser:
    """Return the parser of the whole command; `command` in its result names the module that runs."""
    parser = OneLineParser(
        "gongkai",
        description="Annual disclosure reports (政府信息公开工作年度报告), from documents to one DuckDB warehouse.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version that meta_release names")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, summary: str) -> ArgumentParser:
        return commands.add_parser(name, help=summary, description=summary)

    for add_command in (
        _add_build,
        _add_fetch,
        _add_check,
        _add_query,
        _add_shell,
        _add_diff,
        _add_export,
        _add_explore,
        _add_status,
        _add_review,
        _add_share,
        _add_forms,
        _add_ui,
    ):
        add_command(add)
    return parser


def _add_build(add: _Add) -> None:
    build = add("build", "Build what has changed under the raw folder and publish the warehouse.")
    _add_folders(build, with_raw=True)
    build.add_argument(
        "--years",
        type=parse_years,
        metavar="YEARS",
        help="build what is new or changed in these report years and no others: 2021, 2019-2021, 2019,2021, undated",
    )
    build.add_argument(
        "--executor",
        metavar="WHERE",
        help="what makes the batches: local, or a Dask scheduler as dask+tcp://HOST:PORT (GONGKAI_EXECUTOR)",
    )
    build.add_argument(
        "--keep-at",
        metavar="URL",
        help="an address (s3://bucket/gongkai) from which the warehouse is taken before, and to which it is put after; "
        "for machines without a disk that lasts (GONGKAI_KEEP_AT)",
    )
    build.add_argument("--quiet", action="store_true", help="print nothing but errors")


def _add_fetch(add: _Add) -> None:
    fetch = add("fetch", "Collect reports from the sites in data/sources.csv, politely; a stopped run goes on.")
    _add_folders(fetch, with_raw=True)
    fetch.add_argument(
        "--source", action="append", default=[], metavar="NAME", help="only this source; may be given several times"
    )
    fetch.add_argument("--years", type=parse_years, metavar="YEARS", help="only these report years: 2021, 2019-2021")
    fetch.add_argument("--dry-run", action="store_true", help="read the lists and show what would be fetched")
    fetch.add_argument("--warc", type=Path, metavar="FILE", help="fetch nothing; write what is kept as a WARC archive")
    fetch.add_argument("--quiet", action="store_true", help="print nothing but errors")


def _add_check(add: _Add) -> None:
    check = add("check", "Read one document and show its tables, what was not understood, and which identities hold.")
    check.add_argument("file", type=Path, help="the document; its format is told from its content")
    check.add_argument(
        "--explain", action="store_true", help="show for every cell where it stood and how it was understood"
    )


def _add_query(add: _Add) -> None:
    query = add("query", "Ask the warehouse in SQL; nothing can be changed.")
    query.add_argument("sql", help="the question; - reads it from standard input")
    query.add_argument("-f", "--format", choices=("table", "csv", "json", "parquet"), default="table")
    query.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there and not to the terminal")
    _add_folders(query)


def _add_shell(add: _Add) -> None:
    shell = add("shell", "Ask one question after the other, with completion and history; nothing can be changed.")
    _add_folders(shell)


def _add_diff(add: _Add) -> None:
    diff = add("diff", "Compare two releases of the warehouse row by row: what was added, removed, changed, and why.")
    diff.add_argument("old", type=Path, help="a database file, a folder of Parquet twins, or a warehouse folder")
    diff.add_argument("new", type=Path, help="the same")
    diff.add_argument("--rows", action="store_true", help="every cell of every row that differs, and not the counts")
    diff.add_argument("-f", "--format", choices=("table", "csv", "json"), default="table")
    diff.add_argument("-o", "--output", type=Path, metavar="FILE", help="write csv or json there")


def _add_export(add: _Add) -> None:
    export = add(
        "export", "Write the warehouse, or a part of it, as an Excel workbook for people who do not write SQL."
    )
    export.add_argument("--xlsx", type=Path, required=True, metavar="FILE", help="the workbook to write")
    export.add_argument("--region", metavar="NAME", help="only this province, prefecture or county, by name or code")
    export.add_argument("--agency", metavar="NAME", help="only agencies whose name holds this")
    export.add_argument("--sector", metavar="NAME", help="only this sector, as agency_year names it")
    export.add_argument("--years", type=parse_years, metavar="YEARS", help="only these report years: 2021, 2019-2021")
    export.add_argument("--summary", action="store_true", help="leave out the sheets with many rows a report")
    _add_folders(export)


def _add_explore(add: _Add) -> None:
    explore = add("explore", "Open the explorer: agencies, series, peers, forms and sources in the browser.")
    _add_folders(explore)
    explore.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    explore.add_argument("--port", type=_whole_number(1, 65535), default=3100, help="port to listen on (%(default)s)")


def _add_status(add: _Add) -> None:
    status = add("status", "Show what the warehouse covers, year by year, and which files were rejected and why.")
    _add_folders(status)


def _add_forms(add: _Add) -> None:
    forms = add("forms", "List the editions of the form and prove the data files; compare editions; propose a form.")
    actions = forms.add_subparsers(dest="action", metavar="compare|suggest")
    compare = actions.add_parser("compare", help="what an edition changes, label by label")
    compare.add_argument("edition", help="the newer one: 2021")
    compare.add_argument("against", nargs="?", help="the older one (that which it follows, else the one before it)")
    suggest = actions.add_parser("suggest", help="propose a data file for schemas/forms/legacy from its reports")
    suggest.add_argument("--province", metavar="NAME", help="only reports of this province")
    suggest.add_argument("--agency", metavar="NAME", help="only agencies whose name holds this")
    suggest.add_argument("--years", type=parse_years, metavar="YEARS", help="only these report years: 2014, 2014-2018")
    suggest.add_argument("-o", "--output", type=Path, metavar="FILE", help="write there and not to the terminal")
    _add_folders(suggest)


def _add_ui(add: _Add) -> None:
    ui = add("ui", "Open Dagster's interface: lineage, runs, schedules, checks.")
    _add_folders(ui, with_raw=True)
    ui.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    ui.add_argument("--port", type=_whole_number(1, 65535), default=3000, help="port to listen on (%(default)s)")


def _add_share(add: _Add) -> None:
    share = add("share", "Put the published release where others reach it: on an object store, or in a DuckLake.")
    actions = share.add_subparsers(dest="action", required=True, metavar="copy|ducklake")
    copy = actions.add_parser("copy", help="put the files at an address, whole")
    copy.add_argument("url", help="s3://bucket/gongkai, file:///srv/gongkai, or whatever fsspec knows")
    lake = actions.add_parser("ducklake", help="bring a DuckLake up to the release, in one transaction")
    lake.add_argument("catalog", help="a file, or sqlite:FILE, or postgres:dbname=… host=…")
    lake.add_argument("data", help="folder or address of the lake's Parquet files")
    lake.add_argument(
        "--years",
        type=parse_years,
        metavar="YEARS",
        help="report years that this warehouse answers for, where several share the lake (all)",
    )
    for action in (copy, lake):
        _add_folders(action)


def _add_review(add: _Add) -> None:
    review = add("review", "List what waits for a person's judgement, most consequential first; record a verdict.")
    _add_folders(review, with_raw=True)
    review.add_argument("--limit", type=_whole_number(1, 1_000_000), default=20, help="cases to show (%(default)s)")
    review.add_argument("--agency", metavar="NAME", help="only agencies whose name holds this")
    review.add_argument("--year", type=_whole_number(2008, 9999), help="only this report year")
    review.add_argument("--json", action="store_true", help="print the cases as JSON, with all that is known of them")
    record = review.add_subparsers(dest="action", metavar="record").add_parser("record", help="record a verdict")
    _add_folders(record, with_raw=True, default=SUPPRESS)  # what is not given here keeps what stood before `record`
    record.add_argument("file", help="path below the raw folder, its end, or the beginning of the SHA-256")
    record.add_argument("subject", help="a cell (request.granted.business) or a rule and its scope (T3-sum:total)")
    record.add_argument("verdict", choices=("source_error", "our_error", "accepted", "corrected"))
    record.add_argument("--value", type=float, help="for corrected: the right value")
    record.add_argument("--unit", help="unit of the value, where it is not the printed one")
    record.add_argument("--read-where", metavar="TEXT", help="for corrected: where the right value was read")
    record.add_argument("--comment", metavar="TEXT", help="why")
    record.add_argument("--reviewer", metavar="NAME", help="who decides (the user)")


def parse_years(text: str) -> tuple[str, ...]:
    """Return the partitions that `--years` names: years, ranges of years and `undated`, separated by commas.

    Raises:
        ArgumentTypeError: A part is none of these.

    >>> parse_years("2019-2021,undated")
    ('2019', '2020', '2021', 'undated')
    """
    years: set[str] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if part.strip() == "undated":
            years.add("undated")
        elif _is_year(first) and (not dash or _is_year(last)) and (not dash or first <= last):
            years.update(str(year) for year in range(int(first), int(last or first) + 1))
        else:
            raise ArgumentTypeError(f"{part.strip()!r} is no report year; write 2021, 2019-2021, 2019,2021 or undated")
    return tuple(sorted(years))


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdigit()


def _whole_number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return parse


def _add_folders(parser: ArgumentParser, *, with_raw: bool = False, default: str | None = None) -> None:
    if with_raw:
        raw = "raw files (the project's data/raw); an address such as s3://bucket/raw too"
        parser.add_argument("--raw", metavar="FOLDER", default=default, help=raw)
    warehouse = "where the warehouse is (the project's data/warehouse)"
    parser.add_argument("--warehouse", type=Path, metavar="FOLDER", default=default, help=warehouse)

"""`gongkai forms suggest`: a data file for a provincial form, proposed from the reports that no form describes."""

import sys
from argparse import Namespace

import polars as pl

from pipelines.cli.warehouse import ask, open_warehouse
from pipelines.errors import UsageError
from pipelines.load.suggest import SEEN_QUERY, suggest_form
from pipelines.orchestrate.project import open_project


def run(options: Namespace) -> int:
    """Print the proposal, or write it where it was asked for."""
    with open_warehouse(open_project(warehouse=options.warehouse).workspace.database) as connection:
        seen = ask(connection, SEEN_QUERY)
    text = suggest_form(choose_reports(seen, options))
    if options.output is None:
        sys.stdout.write(text)
    else:
        options.output.write_text(text, encoding="utf-8")
    return 0


def choose_reports(seen: pl.DataFrame, options: Namespace) -> pl.DataFrame:
    """Return the indicators of the reports that the options name.

    Raises:
        UsageError: No report is left, or reports of several provinces are.
    """
    if options.province:
        seen = seen.filter(pl.col("province_name").str.contains(options.province, literal=True))
    if options.agency:
        seen = seen.filter(pl.col("agency_name").str.contains(options.agency, literal=True))
    if options.years:
        seen = seen.filter(pl.col("year").cast(pl.String).is_in(options.years))
    if seen.is_empty():
        raise UsageError("no report before 2019 is left whose 统计表 is of no known form; see fact_legacy")
    provinces = seen.group_by("province_name").agg(pl.col("report_id").n_unique()).sort("province_name").rows()
    if len(provinces) > 1:
        listed = ", ".join(f"{name} ({count})" for name, count in provinces)
        raise UsageError(f"the reports are of several provinces, name one with --province: {listed}")
    return seen

"""`gongkai forms`: the editions and whether the data files agree; what one changes; a provincial form proposed."""

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from itertools import pairwise

import polars as pl

from pipelines.cli.terminal import make_console, make_table
from pipelines.cli.warehouse import ask, open_warehouse
from pipelines.errors import UsageError
from pipelines.load.suggest import SEEN_QUERY, suggest_form
from pipelines.orchestrate.project import open_project
from schemas.agency import load_name_rules, load_site_words, load_wordings
from schemas.bridge import bridge_rows
from schemas.dimension import code_dimensions
from schemas.document import load_document_words
from schemas.entry import SchemaDataError
from schemas.form import Form, load_forms
from schemas.form_change import list_changes, prove_marks
from schemas.identity import table_identities
from schemas.kind import load_kind_words
from schemas.legacy import all_forms, load_header_words
from schemas.macro import load_macros
from schemas.measure import measure_cells
from schemas.portal import load_portals
from schemas.printed import load_printed_words
from schemas.restatement import load_restatement
from schemas.rule import load_rules


def run(options: Namespace) -> int:
    """Do what was asked for; by itself the command lists the editions and proves the data files."""
    if options.action == "suggest":
        return _suggest(options)
    if options.action == "compare":
        return _compare(options)
    return _list()


def _list() -> int:
    """List the national editions, then say what in the data files contradicts itself: 1 where anything does."""
    console = make_console()
    table = make_table("Editions of the national form")
    for heading in ("edition", "report years", "follows", "rows", "columns", "rules of its tables"):
        table.add_column(heading)
    for form in load_forms().values():
        clauses = [clause for item in form.tables for clause in item.clauses]
        rules = [r for r in load_rules().values() if any(r.applies_to(form.code, item.code) for item in form.tables)]
        table.add_row(
            form.code, f"{form.first_year}-{form.last_year or ''}", form.follows or "",
            str(sum(len(clause.rows) for clause in clauses)), str(sum(len(clause.columns) for clause in clauses)),
            str(len(rules)),
        )  # fmt: skip
    console.print(table)
    amiss = list(_find_contradictions())
    for complaint in amiss:
        console.print(complaint, markup=False, soft_wrap=True)
    if not amiss:
        provincial = len(all_forms()) - len(load_forms())
        console.print(f"These, {provincial} provincial forms, rules, measures and the bridge agree with one another.")
    return 1 if amiss else 0


def _find_contradictions() -> Iterator[str]:
    """Yield what is amiss, of each kind of data file the first complaint."""
    proofs: list[Callable[[], object]] = [
        *(
            lambda code=form.code, table=item.code: table_identities(code, table)
            for form in all_forms().values()
            for item in form.tables
        ),
        lambda: prove_marks(load_forms().values()),
        code_dimensions, measure_cells, bridge_rows, load_macros, load_document_words, load_printed_words,
        load_header_words, load_wordings, load_site_words, load_name_rules, load_kind_words, load_restatement,
        load_portals,
    ]  # fmt: skip
    for prove in proofs:
        try:
            prove()
        except SchemaDataError as error:
            yield str(error)


def _compare(options: Namespace) -> int:
    """Print what an edition changes against the one that it follows, or that came before it, or that was named."""
    older, newer = _choose_editions(options.edition, options.against)
    changes = list(list_changes(older, newer))
    if not changes:
        make_console().print(f"{newer.code} has the tables, rows and columns of {older.code}, worded alike.")
        return 0
    table = make_table(f"{newer.name} ({newer.code}) against {older.name} ({older.code})")
    for heading in ("where", "what", "code", older.code, newer.code):
        table.add_column(heading, overflow="fold")
    for change in changes:
        table.add_row(change.where, change.what, change.code, change.before or "", change.after or "")
    make_console().print(table)
    return 0


def _choose_editions(code: str, against: str | None) -> tuple[Form, Form]:
    forms = load_forms()
    before = {newer: older for older, newer in pairwise(forms)}
    newer = _edition(code)
    other = against or newer.follows or before.get(code)
    if other is None:
        raise UsageError(f"{code} is the first edition; name the one to compare it with")
    return _edition(other), newer


def _edition(code: str) -> Form:
    forms = load_forms()
    if code not in forms:
        raise UsageError(f"{code!r} is no edition of the national form: {', '.join(forms)}")
    return forms[code]


def _suggest(options: Namespace) -> int:
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

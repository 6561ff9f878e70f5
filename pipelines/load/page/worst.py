"""The reports most in need of a look, each with its breaches, explanations and tables as printed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from pipelines.check import mark_report
from pipelines.load.page.ask import ask
from pipelines.load.page.form import draw_tables
from pipelines.load.page.markup import both, label, number, say, text
from pipelines.load.page.tally import Tallies
from schemas.form import load_forms
from schemas.rule import load_rules


@dataclass(frozen=True, slots=True)
class WorstLimits:
    """How much is shown of the worst reports, however many there are.

    Attributes:
        reports: Reports.
        opened: Of these the first that are shown unfolded.
        breaches: Breaches listed of one report; its tables mark all of them.
        explanations: Explanations listed of one report.
        characters: Of a cell's text.
        sentence: Characters of a sentence that differs from a table.
    """

    reports: int = 20
    opened: int = 3
    breaches: int = 12
    explanations: int = 6
    characters: int = 60
    sentence: int = 160


def draw_worst(connection: duckdb.DuckDBPyConnection, limits: WorstLimits, tallies: Tallies) -> str:
    """Return the section's content as HTML."""
    ranked = tallies.frames["worst"]
    if ranked.is_empty():
        return f"<p>{say('nothing')}</p>"
    total = sum(ranked.group_by("batch").agg(pl.col("total").first())["total"].to_list())
    first = ranked.sort("consequence", "path", descending=[True, False]).head(limits.reports)
    chosen = first["report_id"].to_list()
    named = ask(connection, "worst", reports=chosen)
    worst = first.join(named, on="report_id", maintain_order="left").to_dicts()
    with tallies.shown(connection, first["batch"].unique().to_list()):
        breaches = _by_report(ask(connection, "worst_breaches", reports=chosen, width=limits.sentence))
        suspicions = _by_report(ask(connection, "worst_suspicions", reports=chosen))
        cells = _by_report(ask(connection, "worst_cells", reports=chosen, width=limits.characters))
    note = say("worst_note", shown=len(worst), total=number(total))
    drawn = [
        _draw_report(
            report,
            breaches.get(report["report_id"], []),
            suspicions.get(report["report_id"], []),
            cells.get(report["report_id"], []),
            limits,
            is_open=place < limits.opened,
        )
        for place, report in enumerate(worst)
    ]
    return "".join([f'<p class="soft">{note}</p>', draw_form_legend(), *drawn])


Row = dict[str, Any]


def _by_report(rows: pl.DataFrame) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = {}
    for row in rows.iter_rows(named=True):
        grouped.setdefault(row["report_id"], []).append(row)
    return grouped


def _draw_report(
    report: Row,
    breaches: Sequence[Row],
    suspicions: Sequence[Row],
    cells: Sequence[Row],
    limits: WorstLimits,
    *,
    is_open: bool,
) -> str:
    marks = mark_report(breaches, suspicions)
    consequence = say("consequence", value=number(report["consequence"]))
    listed = [_draw_breach(breach) for breach in breaches]
    explained = [
        both(text(row["explanation_zh"], 400), text(row["explanation"], 400))
        for row in suspicions
        if row["reported_value"] is not None
    ]
    parts = [
        f'<details class="report"{" open" if is_open else ""}>',
        f"<summary><b>{text(report['agency_name'])}</b> {report['year']} · {consequence}</summary>",
        f'<p class="soft">{text(report["title"] or "")} · {text(report["path"])}</p>',
        _list(listed, limits.breaches, "more_breaches"),
        _list(explained, limits.explanations, "more_explanations"),
        *draw_tables(cells, marks),
        "</details>",
    ]
    return "".join(parts)


def _draw_breach(breach: Row) -> str:
    """Return one breach in a line: the rule, where, both sides, and what it says; of the narrative the sentence."""
    rule = load_rules()[breach["rule_id"]]
    sides = ""
    if breach["left_value"] is not None and breach["right_value"] is not None:
        sides = f": {number(breach['left_value'])} ≠ {number(breach['right_value'])} ({breach['delta']:+,.15g})"
    elif breach["note"]:
        sides = f": {text(breach['note'])}"
    meaning = both(text(rule.description_zh), text(rule.description_en))
    where = f"{text(rule.id)}</b> {name_scope(rule.table_code, breach['scope'])}".rstrip()
    quote = f"<br>“{text(breach['sentence'])}”" if breach["sentence"] else ""
    return f'<b class="{rule.severity}">{where}{sides}<br><span class="soft">{meaning}</span>{quote}'


def name_scope(table_code: str | None, scope: str) -> str:
    """Return what an outcome is about as HTML: the label of the row or column in the latest edition that has it.

    >>> name_scope("request", "business")
    '<span class="zh" lang="zh">商业企业</span><span class="en" lang="en">Businesses</span>'
    """
    if scope in ("table", "report"):
        return say("whole_table") if scope == "table" else ""
    code, _, column = scope.partition("/")
    for form in reversed(load_forms().values()):
        for table in form.tables:
            if table.code == scope:
                return both(text(table.title), text(table.en))
            found = [
                each
                for clause in table.clauses
                for each in (*clause.rows, *clause.columns)
                if table.code == table_code and each.code == code
            ]
            if found:
                return label(found[0]) + (f" / {text(column)}" if column else "")
    return text(scope)


def _list(items: Sequence[str], most: int, more: str) -> str:
    if not items:
        return ""
    left = [say(more, count=len(items) - most)] if len(items) > most else []
    return f"<ul>{''.join(f'<li>{item}</li>' for item in (*items[:most], *left))}</ul>"


def draw_form_legend() -> str:
    """Return what the marks of a form mean."""
    kinds: Iterable[str] = ("unique", "candidate", "filled", "blank", "missing", "illegible", "reviewed")
    return draw_legend({kind: f'<i class="{kind}"></i>{say(f"legend_{kind}")}' for kind in kinds}.values())


def draw_legend(entries: Iterable[str]) -> str:
    """Return what colours mean, one entry beside the other."""
    return f'<ul class="legend">{"".join(f"<li>{entry}</li>" for entry in entries)}</ul>'

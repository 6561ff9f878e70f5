"""One document on the terminal: its tables as printed with their breaches marked, and what was not understood."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.check import Breach, Marks, Suggestion, mark_report
from pipelines.cli.terminal import make_table
from schemas.form import Form, FormTable, Label
from schemas.legacy import all_forms
from schemas.rule import load_rules
from schemas.vocabulary import RuleStatus, Severity, ValueStatus

_STYLES = {Severity.ERROR: "red", Severity.WARN: "yellow", Severity.INFO: "dim"}
_STATUS_STYLES = {ValueStatus.BLANK: "dim", ValueStatus.NOT_APPLICABLE: "dim", ValueStatus.ILLEGIBLE: "bold red"}
_UNBROKEN = ((RuleStatus.PASS, "hold", "green"), (RuleStatus.NOT_ASSESSABLE, "cannot be told here", "dim"))
_BLANK = "·"  # so that an empty cell is seen to be one
_BROKEN = "✗"
_SUGGESTIONS_SHOWN = 3

Row = Mapping[str, Any]


def render_report(
    name: str, container: str | None, frames: Mapping[str, pl.DataFrame], *, explain: bool = False
) -> Iterator[RenderableType]:
    """Yield what there is to show, in the order in which a person asks.

    Args:
        name: Name of the file.
        container: Its format; None where it could not be read.
        frames: figures, reports, quality, suspicions, findings, rejections.
        explain: Whether to show each cell's place and how it was understood.
    """
    yield _render_heading(name, container, frames["reports"])
    for rejection in frames["rejections"].iter_rows(named=True):
        yield Text(f"rejected: {rejection['reason_code']}: {rejection['reason']}", style="bold red")
    figures = frames["figures"].sort("table_number", "row_number", "column_number").to_dicts()
    failures = frames["quality"].filter(pl.col("status") == RuleStatus.FAIL).sort("rule_id", "scope")
    marks = mark_report(failures.to_dicts(), frames["suspicions"].to_dicts())
    for code in dict.fromkeys(figure["table_code"] for figure in figures):
        yield from _render_statistics(code, [figure for figure in figures if figure["table_code"] == code], marks)
    if explain and figures:
        yield _render_mapping(figures)
    if container is None:  # what was never read has no praise to earn: neither "nothing unmapped" nor "0 fail"
        return
    yield from _render_findings(frames["findings"])
    yield from _render_identities(frames["quality"])
    if explain and frames["quality"].height:
        yield _render_rules(frames["quality"])
    if frames["suspicions"].height:
        yield _render_suspicions(frames["suspicions"])


def _render_heading(name: str, container: str | None, reports: pl.DataFrame) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_row("file", Text(f"{name} ({container or 'not read'})"))
    for report in reports.iter_rows(named=True):
        agency = report["agency_name"] or "?"
        signed = report["signed_name"]
        grid.add_row("title", Text(report["title"] or "?"))
        grid.add_row("agency", Text(agency if signed in (None, agency) else f"{agency} (signed {signed})"))
        grid.add_row("year", Text(f"{report['year'] or '?'}, form {report['form_code'] or '?'}"))
        if report["published_date"]:
            grid.add_row("published", Text(str(report["published_date"])))
    return grid


def _render_statistics(table_code: str, figures: Sequence[Row], marks: Marks) -> Iterator[RenderableType]:
    """Yield the figures of one statistic table, a block for each run of rows that have the same columns."""
    form_table = _form_table(figures, table_code)
    title = "、".join(filter(None, (form_table.number, form_table.title))) if form_table else table_code
    labels = _labels(form_table)
    rows = _rows(figures)
    for columns, block in groupby(rows, key=lambda row: tuple(figure["column_code"] for figure in row)):
        table = make_table(title)
        title = ""
        table.add_column("", overflow="fold")
        for number, column in enumerate(columns, start=1):
            table.add_column(labels.get(f"column {column}", column or f"({number})"), justify="right")
        for row in block:
            breaches = marks.lines.get((table_code, row[0]["row_code"] or ""), ())
            table.add_row(_row_label(row[0], labels, breaches), *(_printed(figure, marks) for figure in row))
        broken = [marks.lines.get((table_code, column or ""), ()) for column in columns]
        if any(broken):
            table.add_row(Text("does not add up", style="red"), *(_listed(breaches, "\n") for breaches in broken))
        yield table
    if table_code in marks.tables:
        yield _listed(marks.tables[table_code], ", ")


def _rows(figures: Sequence[Row]) -> Sequence[Sequence[Row]]:
    """Return the figures row by row of the form: the place alone will not do, as 表四 prints three side by side.

    Nor will it where each cell has a line of its own: there a row of the form is many of the text's.
    """
    rows: list[list[Row]] = []
    by_place: dict[tuple[object, ...], list[Row]] = {}
    for figure in figures:
        place = (figure["table_number"], figure["row_number"], figure["row_code"])
        if place not in by_place:
            if not rows or not _goes_on(rows[-1], figure):
                rows.append([])
            by_place[place] = rows[-1]
        by_place[place].append(figure)
    return rows


def _goes_on(row: Sequence[Row], figure: Row) -> bool:
    last = row[-1]
    return (
        figure["row_code"] is not None
        and all(figure[part] == last[part] for part in ("table_number", "row_code", "raw_label"))
        and all(figure["column_code"] != known["column_code"] for known in row)
    )


def _row_label(figure: Row, labels: Mapping[str, str], breaches: Sequence[Breach]) -> Text:
    if figure["row_code"] is None:
        return Text(f"? {_one_line(figure['raw_label']) or '(no label)'}", style="yellow")
    official = labels.get(f"row {figure['row_code']}", figure["row_code"])
    printed = _one_line(figure["raw_label"])
    label = Text(printed) if printed else Text(official, style="dim")
    return Text.assemble(label, " ", _listed(breaches, " ")) if breaches else label


def _listed(breaches: Sequence[Breach], separator: str) -> Text:
    """Return breaches as a cross and rule each, in the colour of the severity: legible without colours as well."""
    return Text(separator).join(Text(f"{_BROKEN} {breach}", style=_STYLES[breach.severity]) for breach in breaches)


def _printed(figure: Row, marks: Marks) -> Text:
    """Return a cell as printed, and behind an arrow what would make the identities hold (with ? where others would)."""
    status = ValueStatus(figure["value_status"])
    style = _STATUS_STYLES.get(status, "")
    if figure["column_code"] is None:
        style = "yellow"
    text = _one_line(figure["raw_text"]) or _BLANK
    place = (figure["table_code"], figure["row_code"], figure["column_code"])
    suggestions: Sequence[Suggestion] = marks.cells.get(place, ())
    if not suggestions:
        return Text(text, style=style)
    values = "/".join(f"{each.value:.15g}" for each in suggestions[:_SUGGESTIONS_SHOWN])
    if all(each.is_unique for each in suggestions):
        return Text(f"{text} → {values}", style="bold red" if figure["value"] is not None else "cyan")
    return Text(f"{text} → {values}?", style="magenta")


def _render_mapping(figures: Sequence[Row]) -> RenderableType:
    table = make_table("How each cell was understood")
    for heading in ("place", "label as printed", "row", "how", "column", "as printed", "value", "unit"):
        table.add_column(heading, justify="right" if heading == "value" else "left", overflow="fold")
    for figure in figures:
        value = figure["value_status"] if figure["value"] is None else f"{figure['value']:.15g}"
        table.add_row(
            f"{figure['table_number']}:{figure['row_number']}:{figure['column_number']}",
            Text(_one_line(figure["raw_label"])),
            Text(f"{figure['table_code']}.{figure['row_code'] or '?'}"),
            _method(figure),
            Text(figure["column_code"] or "?"),
            Text(_one_line(figure["raw_text"])),
            value,
            figure["unit"] or "",
        )
    return table


def _method(figure: Row) -> str:
    score = figure["match_score"]
    likeness = f" {score:.2f}" if score is not None and score < 1 else ""
    return f"{figure['match_method'] or 'unmapped'}{likeness}"


def _render_findings(findings: pl.DataFrame) -> Iterator[RenderableType]:
    if findings.is_empty():
        yield Text("Nothing was left unread or unmapped.", style="green")
        return
    order = [severity.value for severity in (Severity.ERROR, Severity.WARN, Severity.INFO)]
    table = make_table(f"Findings: {findings.height}")
    for heading in ("severity", "reason", "place", "text", "message"):
        table.add_column(heading, overflow="fold")
    for finding in sorted(findings.to_dicts(), key=lambda row: order.index(row["severity"])):
        place = ":".join(
            str(finding[part]) for part in ("table_number", "row_number", "column_number") if finding[part]
        )
        severity = Text(finding["severity"], style=_STYLES[Severity(finding["severity"])])
        table.add_row(
            severity, finding["reason_code"], place, Text(_one_line(finding["raw_text"])), Text(finding["message"])
        )
    yield table


def _render_identities(quality: pl.DataFrame) -> Iterator[RenderableType]:
    counts = dict(quality.group_by("status").len().iter_rows())
    summary = ", ".join(f"{counts.get(status.value, 0)} {status.value.replace('_', ' ')}" for status in RuleStatus)
    failures = quality.filter(pl.col("status") == RuleStatus.FAIL).sort("rule_id", "scope").to_dicts()
    yield Text(f"Rules: {summary}", style="yellow" if failures else "green")
    for status, name, style in _UNBROKEN:
        rules = quality.filter(pl.col("status") == status).group_by("rule_id").len().sort("rule_id")
        if rules.height:
            listed = ", ".join(rule if count == 1 else f"{rule} ({count})" for rule, count in rules.iter_rows())
            yield Text(f"{name}: {listed}", style=style)
    if not failures:
        return
    table = make_table()
    for heading in ("rule", "scope", "left", "right", "off by"):
        table.add_column(heading, justify="left" if heading in ("rule", "scope") else "right", overflow="fold")
    for rule, rows in groupby(failures, key=itemgetter("rule_id")):
        for row in rows:
            table.add_row(rule, row["scope"], *(_number(row[name]) for name in ("left_value", "right_value", "delta")))
    yield table


def _render_rules(quality: pl.DataFrame) -> RenderableType:
    table = make_table("What each rule says, and how often it holds, fails or cannot be told")
    for heading in ("rule", "says", *(status.value.replace("_", " ") for status in RuleStatus)):
        table.add_column(heading, justify="left" if heading in ("rule", "says") else "right", overflow="fold")
    counts = {(rule, status): count for rule, status, count in quality.group_by("rule_id", "status").len().iter_rows()}
    for rule in sorted({rule for rule, _ in counts}):
        told = (str(counts.get((rule, status.value), "")) for status in RuleStatus)
        table.add_row(rule, Text(load_rules()[rule].description_en), *told)
    return table


def _render_suspicions(suspicions: pl.DataFrame) -> RenderableType:
    table = make_table("Cells that would mend them")
    for heading in ("cell", "printed", "would be", "why"):
        table.add_column(heading, overflow="fold")
    for row in suspicions.iter_rows(named=True):
        cell = f"{row['table_code']}.{row['row_code']}.{row['column_code']}"
        table.add_row(
            cell, _number(row["reported_value"]), _number(row["suggested_value"]), Text(row["explanation_en"])
        )
    return table


def _form_table(figures: Sequence[Row], table_code: str) -> FormTable | None:
    """Return the table of the edition that the figures fit, or None for one that is in no national form."""
    for figure in figures:
        form: Form | None = all_forms().get(figure["provincial_form"] or figure["form_code"] or "")
        for candidate in form.tables if form else ():
            if candidate.code == table_code:
                return candidate
    return None


def _labels(form_table: FormTable | None) -> dict[str, str]:
    """Return the official labels by `row <code>` and `column <code>`."""
    labels: dict[str, str] = {}
    for clause in form_table.clauses if form_table else ():
        kinds: tuple[tuple[str, tuple[Label, ...]], ...] = (("row", clause.rows), ("column", clause.columns))
        labels |= {f"{kind} {label.code}": label.label for kind, members in kinds for label in members}
    return labels


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"

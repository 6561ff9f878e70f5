"""The page as a whole: asked of the warehouse in a dozen questions that aggregate there, so its size has a bound."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

import duckdb
import polars as pl

from pipelines.load.page.ask import ask
from pipelines.load.page.drawn import Drawn
from pipelines.load.page.filled import fill_matrix, fill_table
from pipelines.load.page.markup import both, load_words, number, say, text
from pipelines.load.page.pixels import PER_CENT, round_rates, round_shares
from pipelines.load.page.tally import Tallies, tally_tables
from pipelines.load.page.worst import WorstLimits, draw_legend, draw_worst
from schemas.rule import Rule, load_rules
from schemas.vocabulary import Severity

_FATE = {"passed": "#2f6f4f", "breached": "#e2a23b", "unloaded": "#b3261e", "missing": "#c9ced4"}
_WORST = {"worst_none": "#2f6f4f", "worst_warn": "#e2a23b", "worst_error": "#b3261e"}
_IDENTITIES = {"T3-balance": "#b3261e", "T3-sum": "#2b6cb0", "T3-row": "#2f6f4f", "T4-sum": "#8a4bb0"}
_SHADES = (0.01, 0.05, 0.2, 0.5)  # shares of failures at which the shade changes
# Nothing may be fetched and nothing run, whatever a report smuggles in.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class PageLimits:
    """Bounds of the page.

    Attributes:
        regions: Most regions shown, those with the most reports expected.
        reasons: Most kinds of rejection and of finding.
        characters: Of an example.
    """

    regions: int = 40
    reasons: int = 20
    characters: int = 160
    worst: WorstLimits = field(default_factory=WorstLimits)


def compose_page(
    connection: duckdb.DuckDBPyConnection,
    limits: PageLimits | None = None,
    drawn: Drawn | None = None,
    tallies: Tallies | None = None,
) -> str:
    """Return the quality page of a warehouse as one HTML document in Chinese and English.

    It holds its styles and pictures, no script, and no address of anything outside. The same warehouse gives the same
    page, byte for byte.

    Args:
        connection: The warehouse, its catalogue the default.
        limits: Bounds of the page.
        drawn: What was drawn for the page before; what is drawn for this one is added to it.
        tallies: What the big tables say; they are asked where it is not given.

    Raises:
        WarehouseError: A picture cannot be drawn.
    """
    limits = limits or PageLimits()
    tallies = tallies or tally_tables(connection, limits.worst.reports)
    counts = tallies.frames["totals"].select(_add("assessed", "open", "located")).to_dicts()[0]
    totals = ask(connection, "totals", **counts).to_dicts()[0]
    parts = [_head(), f"<h1>{say('title')}</h1><p>{say('intro', release=totals.pop('release'))}</p>", _tiles(totals)]
    if not totals["files"]:
        parts.append(f"<p>{say('empty')}</p>")
    parts += _sections(connection, limits, drawn or Drawn(), tallies)
    parts.append(f'</main><footer class="soft">{_plain("footer")}</footer></body></html>\n')
    return "".join(parts)


def _sections(
    connection: duckdb.DuckDBPyConnection, limits: PageLimits, drawn: Drawn, tallies: Tallies
) -> Iterable[str]:
    rules, trend, cells = (_by_year(tallies.frames[name]) for name in ("rules", "trend", "cells"))
    printed = {f"{name}s" if name == "year" else name: cells[name].to_list() for name in cells.columns}
    yield _section("coverage_year", _years(ask(connection, "years", **printed), drawn), note=say("coverage_year_note"))
    yield _section("coverage_region", _regions(ask(connection, "regions"), limits, drawn))
    yield _section("rules", _rules(rules, drawn), note=say("rules_note"))
    yield _section("trends", _trends(trend, rules, drawn))
    yield _section("worst", draw_worst(connection, limits.worst, tallies))
    yield _section("unread", _unread(connection, limits, drawn, tallies.frames["findings"]))


def _by_year(counts: pl.DataFrame) -> pl.DataFrame:
    """Return the counts of all batches added up, by year and what else tells them apart, in the order of these."""
    named = [name for name in ("rule_id", "year") if name in counts.columns]
    return counts.group_by(named).agg(_add(*counts.drop("batch", *named).columns)).sort(named)


def _add(*names: str) -> pl.Expr:
    return pl.col(names).cast(pl.Int64).sum()  # without a row DuckDB's answer has no type


def _head() -> str:
    style = (files("pipelines.load.page") / "page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_plain('title')}</title><style>{style}</style></head><body>"
        '<input class="choice" type="radio" name="language" id="zh" checked>'
        '<input class="choice" type="radio" name="language" id="en">'
        f'<nav class="choices"><label for="zh">中文</label> <label for="en">English</label></nav><main>'
    )


def _plain(key: str) -> str:
    """Return a text in both languages, where no choice of one can be made."""
    words = load_words()[key]
    return f"{text(words['zh'], 500)} / {text(words['en'], 500)}"


def _section(key: str, content: str, note: str = "") -> str:
    explained = f'<p class="soft">{note}</p>' if note else ""
    return f'<section id="{key}"><h2>{say(key)}</h2>{explained}{content or _nothing()}</section>'


def _nothing() -> str:
    return f"<p>{say('nothing')}</p>"


def _tiles(totals: Mapping[str, int]) -> str:
    tiles = (f"<li>{say(name)}<b>{number(count)}</b></li>" for name, count in totals.items())
    return f'<ul class="tiles">{"".join(tiles)}</ul>'


def _years(years: pl.DataFrame, drawn: Drawn) -> str:
    if years.is_empty():
        return ""
    dated = years.drop_nulls("year")
    picture = _draw_shares(dated, _FATE, "fate", drawn) if dated.height else ""
    named = years.with_columns(year=_name_years(years["year"]))
    shown = (
        "year",
        "expected",
        "found",
        "loaded",
        "passed",
        "missing",
        "file_count",
        "rejected",
        "printed",
        "blank",
        "illegible",
    )
    total = named.drop("year").sum().with_columns(year=pl.lit(say("all_years")))
    table = pl.concat([named, total.select(named.columns)]).rename({"files": "file_count"}).select(shown)
    return _figure(picture, _FATE) + fill_table(drawn, table, "table-years", html_columns=["year"], bold_last=True)


def _draw_shares(counts: pl.DataFrame, colours: Mapping[str, str], name: str, drawn: Drawn) -> str:
    shares = round_shares(counts.select("year", *colours), colours)
    long = shares.unpivot(index="year", variable_name="kind", value_name="count")
    return drawn.draw_picture("shares", colours, long, name)


def _name_years(years: pl.Series) -> pl.Series:
    return pl.Series([say("unknown") if year is None else str(year) for year in years], dtype=pl.String)


def _figure(picture: str, colours: Mapping[str, str], *, are_codes: bool = False) -> str:
    entries = (
        f'<i style="background:{colour}"></i>{text(name) if are_codes else say(name)}'
        for name, colour in colours.items()
    )
    return f"<figure>{draw_legend(entries)}{picture}</figure>" if picture else ""


def _regions(regions: pl.DataFrame, limits: PageLimits, drawn: Drawn) -> str:
    if regions.is_empty():
        return ""
    known = regions.filter(pl.col("expected") > 0).with_columns(pl.col("region").fill_null("—"))
    order = known.group_by("region").agg(pl.col("expected").sum()).sort("expected", "region", descending=[True, False])
    names = order["region"].head(limits.regions).to_list()
    rates = known.filter(pl.col("region").is_in(names)).select(
        "region", "year", rate=(pl.col("loaded") / pl.col("expected") / PER_CENT).round() * PER_CENT
    )
    left = order.height - len(names)
    others = say("regions_left", count=left) if left else ""
    note = f'<p class="soft">{say("coverage_region_note")} {others}</p>'
    return f"{note}<figure>{drawn.draw_picture('map', names, rates, 'regions')}</figure>" if names else ""


def _rules(counts: pl.DataFrame, drawn: Drawn) -> str:
    """Return a line for each rule that had anything to look at; those that had nothing are named below the table."""
    if counts.is_empty():
        return ""
    years = [str(year) for year in sorted(counts["year"].unique())]
    cells = {(row[0], str(row[1])): row[2:] for row in counts.iter_rows()}
    rules = sorted(load_rules().values(), key=lambda rule: list(Severity).index(rule.severity))
    used = {rule_id for rule_id, _ in cells}
    rows = [_rule_row(rule, years, cells) for rule in rules if rule.id in used]
    named = ("rule", "severity", "all_years")
    headings = {key: say(key) for key in named} | {year: year for year in years}
    idle = ", ".join(rule.id for rule in rules if rule.id not in used)
    below = f'<p class="soft">{say("rules_idle")} {text(idle, 2_000)}</p>' if idle else ""
    return fill_matrix(drawn, rows, "table-rules", headings) + below


def _rule_row(rule: Rule, years: list[str], cells: Mapping[tuple[str, str], tuple[int, ...]]) -> dict[str, str]:
    by_year = {year: cells.get((rule.id, year), (0, 0, 0)) for year in years}
    total = tuple(sum(counts) for counts in zip(*by_year.values(), strict=True))
    return {
        "rule": f"<b>{text(rule.id)}</b><small>{both(text(rule.description_zh), text(rule.name))}</small>",
        "severity": f'<span class="{rule.severity}">{say(rule.severity)}</span>',
        "all_years": _rate(*total),
    } | {year: _rate(*counts) for year, counts in by_year.items()}


def _rate(passed: int, failed: int, not_assessable: int) -> str:
    """Return failures over what was assessed, shaded by their share, and in brackets what was not."""
    assessed = passed + failed
    if not assessed and not not_assessable:
        return ""
    share = failed / assessed if assessed else 0.0
    shade = f"share{sum(share > bound for bound in _SHADES)}" if assessed else ""
    left = f" <small>({number(not_assessable)})</small>" if not_assessable else ""
    return f'<span class="rate {shade}"><b>{number(failed)}</b> / {number(assessed)}{left}</span>'


def _trends(trend: pl.DataFrame, counts: pl.DataFrame, drawn: Drawn) -> str:
    if trend.is_empty():
        return ""
    total = pl.sum_horizontal(*_WORST)
    shares = trend.select("year", *(pl.col(name) / total * 100 for name in _WORST))
    clean = _figure(_draw_shares(shares, _WORST, "clean", drawn), _WORST)
    rates = (
        counts.filter(pl.col("rule_id").is_in(list(_IDENTITIES)), pl.col("passed") + pl.col("failed") > 0)
        .select(series="rule_id", year="year", rate=pl.col("failed") / (pl.col("passed") + pl.col("failed")))
    )  # fmt: skip
    picture = ""
    if rates.height:
        picture = drawn.draw_picture("lines", _IDENTITIES, round_rates(rates.sort("series", "year")), "identities")
    lines = _figure(picture, _IDENTITIES, are_codes=True)
    return f"<h3>{say('trend_clean')}</h3>{clean}<h3>{say('trend_identities')}</h3>{lines or _nothing()}"


def _unread(connection: duckdb.DuckDBPyConnection, limits: PageLimits, drawn: Drawn, found: pl.DataFrame) -> str:
    bounds = {"limit": limits.reasons, "width": limits.characters}
    rejections = ask(connection, "rejections", **bounds).rename({"reason_code": "reason"})
    findings = _findings(found, limits) if found.height else found
    parts = []
    for key, frame, worded in (("unread_files", rejections, ()), ("unread_findings", findings, ("severity",))):
        table = fill_table(drawn, frame, f"table-{key}", html_columns=worded) if frame.height else _nothing()
        parts.append(f"<h3>{say(key)}</h3>{table}")
    return "".join(parts)


def _findings(found: pl.DataFrame, limits: PageLimits) -> pl.DataFrame:
    severities = {severity.value: say(severity) for severity in Severity}
    place = pl.col("severity").replace_strict(list(severities), range(len(severities)), default=None)
    kinds = found.group_by("stage", "reason_code", "severity").agg(_add("count"), pl.col("example").min())
    return (
        kinds.sort(place, -pl.col("count"), "stage", "reason_code", nulls_last=True)
        .head(limits.reasons)
        .with_columns(pl.col("severity").replace(severities), pl.col("example").str.head(limits.characters))
        .rename({"reason_code": "reason"})
    )

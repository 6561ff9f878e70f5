"""A proposal for a provincial form's data file, made from the 统计表 in the warehouse that no form describes."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from statistics import median

import polars as pl

from pipelines.normalize.folding import fold_characters, fold_label
from pipelines.normalize.indicators.rows import strip_mark
from schemas.legacy import load_legacy_forms

SEEN_QUERY = """SELECT f.report_id, f.year, f.indicator_number, f.parent_number, f.indicator_label, f.indicator_code,
    f.unit, f.value, f.cumulative, coalesce(r.province_name, '?') AS province_name, r.province_code, a.agency_name
FROM fact_legacy AS f JOIN dim_report AS r USING (report_id) JOIN dim_agency AS a ON a.agency_id = f.agency_id
WHERE f.provincial_form IS NULL AND f.indicator_label IS NOT NULL
ORDER BY f.report_id, f.indicator_number"""

Key = tuple[str, str]
"""Folded label of an indicator, and of the one that it is a part of (empty for none)."""


@dataclass(slots=True)
class _Seen:
    """One indicator over all reports."""

    labels: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    places: list[int] = field(default_factory=list)
    reports: set[int] = field(default_factory=set)


def suggest_form(seen: pl.DataFrame) -> str:
    """Return the text of a data file for `schemas/forms/legacy` that describes the tables seen.

    Codes and English names that a known form gives to a label are kept. The others are numbered, and nameless until a
    person has written a name.
    How parts stand to their indicator is the strictest relation that holds in every report.

    Args:
        seen: What `SEEN_QUERY` returns of one province, or of some of its reports.
    """
    indicators, values = _gather(seen)
    order = sorted(indicators, key=lambda key: (median(indicators[key].places), key))
    codes = _choose_codes(order, indicators)
    by_label = {key[0]: key for key in reversed(order)}
    relations = _judge_parts(order, values)
    reports = seen["report_id"].n_unique()
    years = seen["year"].to_list()
    lines = [*_head_lines(seen, reports, min(years), max(years))]
    for key in order:
        item = indicators[key]
        parent = codes[by_label[key[1]]] if key[1] in by_label else None
        lines += ["", f"# printed in {len(item.reports)} of {reports} reports", "[[indicators]]"]
        lines += _entry_lines(item, codes[key], parent, relations.get(key[0]))
    return "\n".join(lines) + "\n"


def _gather(seen: pl.DataFrame) -> tuple[dict[Key, _Seen], dict[tuple[int, str], dict[Key, float]]]:
    """Return the indicators by key, and of each report and column the figures by key."""
    folded = {
        (row["report_id"], row["indicator_number"]): fold_label(_plain_label(row["indicator_label"])).text
        for row in seen.iter_rows(named=True)
    }
    indicators: dict[Key, _Seen] = defaultdict(_Seen)
    values: dict[tuple[int, str], dict[Key, float]] = defaultdict(dict)
    for row in seen.iter_rows(named=True):
        report = row["report_id"]
        key = (folded[report, row["indicator_number"]], folded.get((report, row["parent_number"]), ""))
        item = indicators[key]
        item.labels[_plain_label(row["indicator_label"])] += 1
        item.places.append(row["indicator_number"])
        item.reports.add(report)
        if row["unit"]:
            item.units[row["unit"]] += 1
        if row["indicator_code"]:
            item.codes[row["indicator_code"]] += 1
        for column in ("value", "cumulative"):
            if row[column] is not None:
                values[report, column][key] = row[column]
    return dict(indicators), dict(values)


def _plain_label(label: str) -> str:
    return strip_mark(fold_characters(label))


def _choose_codes(order: Iterable[Key], indicators: dict[Key, _Seen]) -> dict[Key, str]:
    codes: dict[Key, str] = {}
    for number, key in enumerate(order, start=1):
        known = [code for code, _ in indicators[key].codes.most_common() if code not in codes.values()]
        codes[key] = known[0] if known else f"indicator_{number:02d}"
    return codes


def _judge_parts(order: Iterable[Key], values: dict[tuple[int, str], dict[Key, float]]) -> dict[str, str]:
    """Return for each label that has parts how they stand to it in all reports, the strictest that holds; else each."""
    parts: dict[str, list[Key]] = defaultdict(list)
    for key in order:
        if key[1]:
            parts[key[1]].append(key)
    judged = {}
    for label, members in parts.items():
        sums = [
            (sum(figures[part] for part in members if part in figures), whole)
            for figures in values.values()
            for key, whole in figures.items()
            if key[0] == label and any(part in figures for part in members)
        ]
        is_exact = bool(sums) and all(total == whole for total, whole in sums)
        is_within = bool(sums) and all(total <= whole for total, whole in sums)
        judged[label] = "sum" if is_exact else "at_most" if is_within else "each"
    return judged


def _head_lines(seen: pl.DataFrame, reports: int, first: int, last: int) -> Iterator[str]:
    province = seen["province_name"][0]
    code = seen["province_code"][0] or "000000"
    yield f"# A proposal from {reports} reports; check it against them, write the English names and clear codes, then"
    yield "# put it into schemas/forms/legacy (docs/forms.md)."
    yield f'code = "province_{code[:2]}_{first}"'
    yield f"name = {_quote(f'{province}政府信息公开情况统计表（{first}—{last}年）')}"
    yield f'en = "Statistical form of {code}, {first} to {last}"'
    yield f"source = {_quote(f'{reports} 份年度报告所附统计表')}"
    yield f"first_year = {first}"
    yield f"last_year = {last}"


def _entry_lines(item: _Seen, code: str, parent: str | None, parts: str | None) -> Iterator[str]:
    label, *variants = [label for label, _ in item.labels.most_common()]
    yield f'code = "{code}"'
    yield f"label = {_quote(label)}"
    yield f"en = {_quote(_known_names().get(code, ''))}"  # empty: refused until a person has written it
    if variants:
        yield f"variants = [{', '.join(map(_quote, variants))}]"
    unit = item.units.most_common(1)[0][0] if item.units else "?"
    yield f"unit = {_quote(unit)}"
    if unit.endswith("元"):
        yield 'value_kind = "amount"'
    if parent is not None:
        yield f'parent = "{parent}"'
    if parts is not None:
        yield f'parts = "{parts}"'


@cache
def _known_names() -> dict[str, str]:
    """Return what the indicators of the forms that are known are called in English, by code."""
    return {row.code: row.en for form in load_legacy_forms().values() for row in form.tables[0].clauses[0].rows}


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # JSON's strings are TOML's

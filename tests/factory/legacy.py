"""Reports before 2019: a 统计表 of known or unknown indicators in the layouts that provinces print, for any container.

The rows of a known form come from its data file; the form of the unknown province is made up here. Figures obey the
form's own rules. `python -m tests.factory.legacy` writes tests/corpus/pre2019 anew.
"""

import csv
import io
import json
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from schemas.form import Label
from schemas.legacy import load_legacy_forms
from tests.factory.model import Cell, Report, Role, Table, Text
from tests.factory.style import Style
from tests.factory.writers import CONTAINERS

CORPUS = Path(__file__).parent.parent / "corpus" / "pre2019"
_LARGEST = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator as printed; `year` is None for a heading without figures."""

    label: str
    unit: str
    year: int | None
    cumulative: int | None
    code: str | None = None
    parent: str | None = None


# A province whose form nobody has written down: headings, three levels, units that no other form has, one label that
# other forms have as well (行政复议数).
_UNKNOWN: tuple[tuple[str, str, str | None], ...] = (
    ("一、信息发布情况", "", None),
    ("（一）主动发布公开信息条数", "条", None),
    ("其中：1.门户网站公开信息", "条", "（一）主动发布公开信息条数"),
    ("2.政务微博公开信息", "条", "（一）主动发布公开信息条数"),
    ("（二）公开咨询接待", "人次", None),
    ("二、申请受理情况", "", None),
    ("（一）收到公开申请", "件", None),
    ("1.窗口递交申请", "件", "（一）收到公开申请"),
    ("2.网络平台申请", "件", "（一）收到公开申请"),
    ("（二）答复公开申请", "件", None),
    ("其中：超期答复", "件", "（二）答复公开申请"),
    ("三、信息公开工作经费", "万元", None),
    ("行政复议数", "件", None),
)


def known_rows(form_code: str, seed: int, year: int | None = None) -> list[Row]:
    """Return the indicators of a provincial form with figures that obey its rules, the first part led by 其中."""
    dice = random.Random(f"{form_code} {seed}")
    labels = [
        label
        for label in load_legacy_forms()[form_code].tables[0].clauses[0].rows
        if year is None or (label.first_year or 0) <= year <= (label.last_year or 9999)
    ]
    years = _obeying_values(labels, dice)
    before = _obeying_values(labels, dice)
    by_code = {label.code: label for label in labels}
    rows = []
    marked: set[str] = set()
    for label in labels:
        is_first_part = label.parent is not None and label.parent not in marked
        marked |= {label.parent} if label.parent else set()
        rows.append(
            Row(
                ("其中：" if is_first_part else "") + label.label,
                label.unit or "",
                years[label.code],
                years[label.code] + before[label.code],
                label.code,
                by_code[label.parent].label if label.parent else None,
            )
        )
    return rows


def _obeying_values(labels: Sequence[Label], dice: random.Random) -> dict[str, int]:
    values: dict[str, int] = {}
    for label in reversed(labels):
        parts = [values[other.code] for other in labels if other.parent == label.code]
        if label.parts == "sum":
            values[label.code] = sum(parts)
        elif parts:
            values[label.code] = (sum(parts) if label.parts == "at_most" else max(parts)) + dice.randrange(_LARGEST)
        else:
            values[label.code] = dice.randrange(_LARGEST)
    return values


def unknown_rows(seed: int) -> list[Row]:
    """Return the indicators of a province whose form no data file describes."""
    dice = random.Random(f"unknown {seed}")
    rows = []
    for label, unit, parent in _UNKNOWN:
        year = dice.randrange(_LARGEST) if unit else None
        cumulative = None if year is None else year + dice.randrange(_LARGEST)
        code = "reconsiderations" if label == "行政复议数" else None
        rows.append(Row(label, unit, year, cumulative, code, parent))
    return rows


def _head(text: str, rows: int = 1, columns: int = 1) -> Cell:
    return Cell(text, Role.COLUMN, rows, columns)


def _figure(value: int | None) -> Cell:
    return Cell("" if value is None else str(value), Role.FIGURE)


def tall(rows: Sequence[Row], year: int) -> list[Table]:
    """Return the usual table: indicator, unit, this year, since the beginning."""
    head = [_head("指标名称"), _head("计量单位"), _head(f"{year}年度"), _head("历年累计")]
    body = [[Cell(r.label, Role.LABEL), Cell(r.unit, Role.LABEL), _figure(r.year), _figure(r.cumulative)] for r in rows]
    return [Table([head, *body], "legacy")]


def year_only(rows: Sequence[Row], year: int) -> list[Table]:
    """Return a table without the cumulative column, a running number before each indicator."""
    head = [_head("序号"), _head("统计指标"), _head("单位"), _head("统计数")]
    body = [
        [Cell(str(n), Role.LABEL), Cell(r.label, Role.LABEL), Cell(r.unit or "——", Role.LABEL), _figure(r.year)]
        for n, r in enumerate(rows, start=1)
    ]
    return [Table([head, *body], "legacy")]


def wide(rows: Sequence[Row], year: int) -> list[Table]:
    """Return the table with its indicators side by side."""
    table = [
        [_head("指标名称"), *(_head(row.label) for row in rows)],
        [_head("计量单位"), *(_head(row.unit) for row in rows)],
        [Cell(f"{year}年度", Role.LABEL), *(_figure(row.year) for row in rows)],
        [Cell("历年累计", Role.LABEL), *(_figure(row.cumulative) for row in rows)],
    ]
    return [Table(table, "legacy")]


def paired(rows: Sequence[Row], year: int) -> list[Table]:
    """Return the table with two indicators a row, the second half beside the first."""
    half = (len(rows) + 1) // 2
    head = [_head(text) for text in ("指标名称", "单位", f"{year}年", "累计")] * 2
    body = []
    for left in range(half):
        line: list[Cell] = []
        for place in (left, left + half):
            row = rows[place] if place < len(rows) else Row("", "", None, None)
            line += [
                Cell(row.label, Role.LABEL),
                Cell(row.unit, Role.LABEL),
                _figure(row.year),
                _figure(row.cumulative),
            ]
        body.append(line)
    return [Table([head, *body], "legacy")]


def with_parts(rows: Sequence[Row], year: int) -> list[Table]:
    """Return the table with sub-columns for parts of the agency beside the whole."""
    head = [
        [
            _head("指标名称", rows=2),
            _head("计量单位", rows=2),
            _head(f"{year}年度", columns=4),
            _head("历年累计", rows=2),
        ],
        [_head("合计"), _head("区政府"), _head("区直"), _head("乡镇")],
    ]
    body = []
    for row in rows:
        parts = [None] * 3 if row.year is None else [row.year // 2, row.year - row.year // 2, 0]
        figures = [_figure(value) for value in (row.year, *parts, row.cumulative)]
        body.append([Cell(row.label, Role.LABEL), Cell(row.unit, Role.LABEL), *figures])
    return [Table([*head, *body], "legacy")]


def split(rows: Sequence[Row], year: int) -> list[Table]:
    """Return the usual table broken over two pages, the second without a head."""
    (whole,) = tall(rows, year)
    at = len(whole.rows) // 2
    return [Table(whole.rows[:at], "legacy"), Table(whole.rows[at:], "legacy")]


LAYOUTS: dict[str, Callable[[Sequence[Row], int], list[Table]]] = {
    layout.__name__: layout for layout in (tall, year_only, wide, paired, with_parts, split)
}


@dataclass(frozen=True, slots=True)
class LegacyCase:
    """A committed document before 2019.

    Attributes:
        form: A provincial form's code, or `unknown`.
        refused: Reason code with which it must be set aside; None where every figure must be read.
        must_find: Reason codes that its findings must hold.
    """

    container: str
    form: str
    layout: str
    year: int
    agency_name: str = "福州市晋安区人民政府"
    style: Style = field(default_factory=Style)
    refused: str | None = None
    must_find: tuple[str, ...] = ()
    name: str = ""

    @property
    def folder(self) -> str:
        """Where it stands below tests/corpus/pre2019."""
        return f"{self.container}/{self.name or f'{self.form}_{self.layout}'}"

    def rows(self) -> list[Row]:
        """Return what it prints."""
        if self.form == "unknown":
            return unknown_rows(self.year)
        return known_rows(self.form, self.year, self.year)

    def content(self) -> bytes:
        """Return the document."""
        tables: list[Text | Table] = [*LAYOUTS[self.layout](self.rows(), self.year)]
        title = f"{self.agency_name}{self.year}年政府信息公开工作年度报告"
        blocks = [
            Text(title, 1),
            Text(f"根据《政府信息公开条例》，编制{self.year}年度报告。统计期限为{self.year}年1月1日至12月31日。"),
            Text("一、主动公开政府信息情况", 2),
            Text("本年度继续完善主动公开的内容，丰富公开的形式。"),
            Text("六、政府信息公开情况统计表", 2),
            *tables,
        ]
        report = Report(title, self.agency_name, self.year, blocks, {"发布机构": self.agency_name})
        return CONTAINERS[self.container].write(report, self.style)

    def expected(self) -> str:
        """Return the expected figures, one line an indicator."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("label", "unit", "year", "cumulative", "code"))
        for row in self.rows():
            if row.year is not None:
                cumulative = "" if self.layout == "year_only" else row.cumulative
                writer.writerow((row.label, row.unit, row.year, cumulative, row.code or ""))
        return out.getvalue()


def legacy_cases() -> list[LegacyCase]:
    """Return the documents of tests/corpus/pre2019: every container, both forms of Fujian, and an unknown province."""
    first, second = "fujian_2011", "fujian_2014"
    cases = [
        LegacyCase("html", form, layout, year) for form, year in ((first, 2012), (second, 2015)) for layout in LAYOUTS
    ]
    cases += [LegacyCase("html", "unknown", layout, 2016, "贵阳市花溪区教育局") for layout in LAYOUTS]
    cases.append(LegacyCase("html", "coded_2008", "tall", 2009, "定西市安定区人民政府"))
    for container in ("docx", "xlsx", "pdf", "ofd", "zip", "tabs", "pipes", "lines_bar", "lines", "spaces"):
        cases += [LegacyCase(container, form, "tall", year) for form, year in ((first, 2013), (second, 2017))]
        # One cell a line, and rows parted by spaces, leave no trace of the blank cells of a heading.
        if container not in ("lines", "spaces", "lines_bar"):
            cases.append(LegacyCase(container, "unknown", "tall", 2014, "贵阳市花溪区教育局"))
    one_line = Style(one_line=True)
    cases += [
        replace(LegacyCase("spaces", form, "tall", year, style=one_line), name=f"{form}_one_line")
        for form, year in ((first, 2011), (second, 2014))
    ]
    cases += [
        LegacyCase("run_together", form, "tall", year, refused="figures_run_together")
        for form, year in ((first, 2012), (second, 2016))
    ]
    return cases


def write_legacy_corpus(corpus: Path = CORPUS) -> int:
    """Write every case and remove the folders of cases that are gone; return how many there are."""
    shutil.rmtree(corpus, ignore_errors=True)
    for case in legacy_cases():
        folder = corpus / case.folder
        folder.mkdir(parents=True)
        (folder / f"document.{CONTAINERS[case.container].extension}").write_bytes(case.content())
        (folder / "expected.legacy.csv").write_text(case.expected(), encoding="utf-8", newline="")
        facts = {
            "year": case.year,
            "agency_name": case.agency_name,
            "quirks": [case.form, case.layout],
            "must_find": [*case.must_find],
        }
        lines = (f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in facts.items())
        (folder / "case.toml").write_text("".join(lines), encoding="utf-8", newline="")
        if case.refused:
            (folder / "expected.refused").write_text(case.refused + "\n", encoding="utf-8", newline="")
    return len(legacy_cases())


if __name__ == "__main__":
    write_legacy_corpus()

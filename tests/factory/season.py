"""A corpus as a crawler would bring it home: agencies over the years, each in its own hand, with what goes wrong.

An agency keeps its size, container, typing and habits from year to year, and its figures go on: what it carries forward
is what it carries in a year later. The shares of what is broken are stated in `SHARES` and drawn from the seed, so they
are known. Documents are made one by one: memory does not grow with their number.
"""

import math
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import NamedTuple

from schemas.form import Clause
from tests.factory.agencies import agency_name
from tests.factory.choice import choose_quirks
from tests.factory.document import MadeDocument, write_document
from tests.factory.layout import lay_out, print_number
from tests.factory.model import Cell, Figure, Key
from tests.factory.quirks import QUIRKS
from tests.factory.style import Style
from tests.factory.truth import SIZES, Truth, make_truth
from tests.factory.writers import CONTAINERS

FIRST_YEAR, LAST_YEAR = 2019, 2025
YEARS = LAST_YEAR - FIRST_YEAR + 1

# Containers among what agencies publish, in hundredths; what crawlers and converters leave is plain text.
CONTAINER_SHARES = {"html": 76, "docx": 10, "pdf": 8, "xlsx": 2, "tabs": 2, "pipes": 1, "zip": 1}
_SIZE_SHARES = {"none": 2, "small": 5, "district": 2, "city": 1}


class Shares(NamedTuple):
    """What part of the documents is not as it should be."""

    varied: float = 0.35  # of agencies: typed with quirks, the same every year
    breach: float = 0.06  # of reports: one figure of 表三 misprinted, so that identities break
    torn: float = 0.03  # of reports: what is carried in is not what was carried forward the year before
    absent: float = 0.03  # of reports: never published
    corrected: float = 0.006  # of reports: published again, corrected, with a marker in the file's name
    copied: float = 0.006  # of reports: the same bytes under a second name
    broken: float = 0.008  # of reports: a file that holds no report: nothing, noise, half an archive, an error page


SHARES = Shares()

_NARRATIVE = "<p class='MsoNormal'>" + "本机关依法公开政府信息，及时回应社会关切，并接受群众监督。" * 12 + "</p>"
_ERROR_PAGE = "<!DOCTYPE html><html><head><title>404</title></head><body><h1>您访问的页面不存在</h1></body></html>"

# How a page is pasted from Word, by its size: each style of paste that portals keep makes the page larger.
WORD_PAGES: dict[str, Style] = {
    "plain": Style(word_paste=True, portal=True, after_body=[_NARRATIVE]),
    "span per character": Style(
        word_paste=True, portal=True, span_per_character=True, break_as="p", after_body=[_NARRATIVE]
    ),
    "heavy styles": Style(word_paste=True, portal=True, heavy_styles=True, break_as="p", after_body=[_NARRATIVE] * 20),
}
_PAGE_SHARES = {"plain": 6, "span per character": 3, "heavy styles": 1}


@dataclass(frozen=True, slots=True)
class SeasonFile:
    """One file of the corpus and what must become of it.

    Attributes:
        path: Below the raw folder.
        status: What the warehouse must say of the file.
        made: The document in it; None for a file that holds none.
        breach: The key whose printed figure breaks identities, and what it should be.
        is_torn: What it carries in is not what the year before carried forward.
    """

    path: str
    content: bytes
    status: str
    year: int
    agency_name: str
    made: MadeDocument | None = None
    breach: tuple[Key, Decimal] | None = None
    is_torn: bool = False
    note: str = ""


def stream_season(count: int, seed: int, shares: Shares = SHARES) -> Iterator[SeasonFile]:
    """Yield at least `count` files, agency by agency and year by year; the last agency is not cut short.

    Everything depends on the seed alone, and an agency's files on no other agency.
    """
    written = number = 0
    while written < count:
        for file in _agency_files(number, seed, shares):
            written += 1
            yield file
        number += 1


def _agency_files(number: int, seed: int, shares: Shares) -> Iterator[SeasonFile]:
    rng = Random(f"season/{seed}/{number}")
    name = agency_name(number)
    (container,) = rng.choices(list(CONTAINER_SHARES), list(CONTAINER_SHARES.values()))
    (size,) = rng.choices(list(_SIZE_SHARES), list(_SIZE_SHARES.values()))
    (page,) = rng.choices(list(_PAGE_SHARES), list(_PAGE_SHARES.values()))
    is_varied = rng.random() < shares.varied
    hand = rng.randrange(10**9)
    before: Truth | None = None
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        form = "2019" if year < 2021 else "2021"
        truth = make_truth(rng.randrange(10**9), form, year=year, size=size, agency=name)
        is_torn = before is not None and size != "none" and rng.random() < shares.torn
        truth = carry_on(truth, before, rng, is_torn=is_torn)
        before = truth
        if rng.random() < shares.absent:
            continue
        folder = f"{year}/{name[:3]}"
        if rng.random() < shares.broken:
            yield _broken_file(folder, truth, rng)
            continue
        quirks = _habits(form, container, hand) if is_varied else []
        breaking = rng if rng.random() < shares.breach else None
        made, breach = _write(truth, container, page, quirks, hand=hand, breaking=breaking)
        file = SeasonFile(
            f"{folder}/{made.file_name}", made.content, "loaded", year, name, made, breach, is_torn, note=page
        )
        if made.refused:
            file = replace(file, status="rejected")
        yield from _with_versions(file, rng, shares, folder)


def _habits(form: str, container: str, hand: int) -> list[str]:
    """Return the quirks of an agency's typing; those of an edition's own labels hold for its years only."""
    names = choose_quirks(Random(f"{hand}/{form}"), form, CONTAINERS[container])
    return [name for name in names if not QUIRKS[name].on_plan and not QUIRKS[name].may_refuse]


def _write(
    truth: Truth, container: str, page: str, quirks: list[str], *, hand: int, breaking: Random | None
) -> tuple[MadeDocument, tuple[Key, Decimal] | None]:
    report = lay_out(truth)
    style = deepcopy(WORD_PAGES[page]) if container == "html" else Style()
    breach = None
    if breaking is not None:
        cells = [cell for cell in report.cells("request") if cell.key is not None]
        breach = misprint(breaking.choice(cells), breaking)
    chosen = [QUIRKS[name] for name in quirks]
    return write_document(truth, report, CONTAINERS[container], chosen, seed=hand, style=style), breach


def misprint(cell: Cell, rng: Random) -> tuple[Key, Decimal]:
    """Print another figure than is true, as a slip of the hand does: one off, or a digit too many."""
    if cell.key is None or cell.figure is None or cell.figure.value is None:
        raise ValueError("only a printed figure can be misprinted")
    true = cell.figure.value
    wrong = rng.choice((true + 1, true + 10, true * 10 + rng.randrange(1, 10)))
    cell.figure = replace(cell.figure, value=wrong)
    cell.text = print_number(wrong)
    return cell.key, true


def _with_versions(file: SeasonFile, rng: Random, shares: Shares, folder: str) -> Iterator[SeasonFile]:
    chance = rng.random()
    stem, _, extension = file.path.rpartition("/")[2].rpartition(".")
    if chance < shares.copied:
        yield file
        # By path the copy comes second, so it is the one that is set aside.
        yield replace(file, path=f"{folder}/{stem}（副本）.{extension}", status="duplicate", note="copy")
    elif chance < shares.copied + shares.corrected and file.status == "loaded":
        # Whole other figures would be another report; a correction changes a figure.
        made = file.made
        if made is None:
            raise ValueError("a file without a document has no versions")
        report = lay_out(made.truth)
        cells = [cell for cell in report.cells("challenge") if cell.key is not None]
        key, _ = misprint(rng.choice(cells), rng)
        style = deepcopy(WORD_PAGES["plain"]) if made.container.name == "html" else Style()
        report.metadata["发布日期"] = f"{file.year + 1}-03-15"
        later = write_document(made.truth, report, made.container, [], seed=0, style=style)
        yield replace(file, status="superseded")
        yield replace(
            file,
            path=f"{folder}/{stem}（更正）.{extension}",
            content=later.content,
            made=later,
            breach=(key, made.truth.figures[key].value or Decimal(0)),
            note="correction",
        )
    else:
        yield file


def _broken_file(folder: str, truth: Truth, rng: Random) -> SeasonFile:
    stem = f"{folder}/{truth.agency_name}{truth.year}年政府信息公开工作年度报告"
    kind = rng.choice(("empty", "noise", "archive", "error_page"))
    content, extension = {
        "empty": (b"", "html"),
        "noise": (rng.randbytes(4000), "pdf"),
        "archive": (b"PK\x03\x04" + rng.randbytes(3000), "docx"),
        "error_page": (_ERROR_PAGE.encode(), "html"),
    }[kind]
    return SeasonFile(f"{stem}.{extension}", content, "rejected", truth.year, truth.agency_name, note=kind)


# --------------------------------------------------------------------------------------------------------- trajectories


def carry_on(truth: Truth, before: Truth | None, rng: Random, *, is_torn: bool) -> Truth:
    """Return the truth with 表三 grown out of the year before: every identity holds, and so does the carry-over."""
    ((_, clause),) = [(table, clause) for table, clause in truth.clauses() if table.code == "request"]
    leaves = [column.code for column in clause.columns if not column.is_total]
    counts: dict[tuple[str, str], int] = {}
    for column in leaves:
        counts |= {(row, column): count for row, count in _column(truth, before, clause, column, rng).items()}
    if is_torn:
        # Both sides of the flow move, so that only the year before tells.
        for row in ("carried_in", "handled_total", "granted"):
            counts[row, leaves[0]] += 1
    for printed in clause.rows:
        counts[printed.code, "total"] = sum(counts[printed.code, column] for column in leaves)
    figures = dict(truth.figures)
    for (row_code, column), count in counts.items():
        figures["request", row_code, column] = Figure(Decimal(count))
    return replace(truth, figures=figures)


def _column(truth: Truth, before: Truth | None, clause: Clause, column: str, rng: Random) -> dict[str, int]:
    outcomes = {}
    for row in clause.rows:
        if row.kind != "leaf":
            continue
        drawn = int(truth.value("request", row.code, column))
        last = before.figures.get(("request", row.code, column)) if before else None
        outcomes[row.code] = drawn if last is None else _grow(int(last.value or 0), drawn, rng)
    carried_in = int(truth.value("request", "carried_in", column))
    if before is not None:
        carried_in = int(before.value("request", "carried_forward", column))
    carried_forward = _grow(carried_in, int(truth.value("request", "carried_forward", column)), rng)
    if sum(outcomes.values()) + carried_forward < carried_in:
        outcomes["granted"] += carried_in
    handled = sum(outcomes.values())
    return {
        **outcomes,
        "handled_total": handled,
        "carried_in": carried_in,
        "carried_forward": carried_forward,
        "new_received": handled + carried_forward - carried_in,
    }


def _grow(last: int, drawn: int, rng: Random) -> int:
    """Return a count a year later: much as it was, more often up than down; a small one comes and goes."""
    if last < 5:
        return min(drawn, 5) if rng.random() < 0.3 else last
    return round(last * math.exp(rng.gauss(0.05, 0.2)))


if not set(_SIZE_SHARES) <= set(SIZES):
    raise ValueError("sizes of agencies must be those of the factory")

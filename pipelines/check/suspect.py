"""From broken identities to the cells that they point at, in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from pipelines.check.catalogue import NUMBER_LIMIT, load_catalogue
from pipelines.check.cells import CellState
from pipelines.check.decode import Diagnosis, Explanation, LinearSystem, SignedSum, decode
from pipelines.check.engine import Evaluation
from schemas.identity import Cell, Identity, TableLayout
from schemas.rule import Decoding, load_decoding, load_wording
from schemas.table import table
from schemas.vocabulary import Severity, Stage


@dataclass(frozen=True, slots=True)
class SuspectLimits:
    """How much is listed of what cannot be decided.

    Attributes:
        explanations: Most explanations of one table part that are listed; more are only counted, in a finding.
    """

    explanations: int = 50


LIMITS = SuspectLimits()


def suspect_cells(evaluation: Evaluation) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return frames `suspicions` and `findings`: the cells that broken identities point at, and what stays unexplained.

    Only tables with a broken identity, a figure outside its domain or a blank that an identity determines are decoded.
    The loaded figure is never touched.
    """
    suspicions, findings = [], []
    for file_id, number, states, values, usable in _open_tables(evaluation).iter_rows():
        printed = PrintedTable(_places(number), states, values, usable)
        for part, diagnosis in _diagnose(number, printed):
            explanations = diagnosis.explanations
            if len(explanations) <= LIMITS.explanations:
                suspicions += list(_describe(file_id, number, printed, part, diagnosis))
            if diagnosis.is_broken and not 0 < len(explanations) <= LIMITS.explanations:
                findings.append(_say_unexplained(file_id, number, explanations))
    named = table("suspicions").polars_schema
    found, key = table("findings"), table("suspicions").key
    return (
        pl.DataFrame(suspicions, schema=named, orient="row").unique(key, keep="first", maintain_order=True),
        found.conform(pl.DataFrame(findings, schema=_FINDING, orient="row")) if findings else found.empty_frame(),
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell as the decoder sees it: the value that it may rely on, and what was printed."""

    usable: int | None
    printed: float | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class PrintedTable(Mapping[Cell, Figure]):
    """One report's table: figures by cell, made as they are asked for, since few of them ever are.

    Attributes:
        places: Cells of the layout, by their place in it.
        states: `CellState` by place; None where the report has no such cell.
        numbers: Value by place.
        usable: Value by place that the decoder may rely on (`read_figure`).
    """

    places: Mapping[Cell, int]
    states: Sequence[int | None]
    numbers: Sequence[float | None]
    usable: Sequence[int | None]

    def __getitem__(self, cell: Cell) -> Figure:
        """Return the figure of a cell.

        Raises:
            KeyError: The layout or the report has no such cell.
        """
        place = self.places[cell]
        state = self.states[place]
        if state is None:
            raise KeyError(cell)
        return read_figure(state, self.numbers[place])

    def __iter__(self) -> Iterator[Cell]:
        return (cell for cell, place in self.places.items() if self.states[place] is not None)

    def __len__(self) -> int:
        return len(self.states) - self.states.count(None)


@dataclass(frozen=True, slots=True)
class _Part:
    """A component of a table's system with the identities that make it up, each as a sum that ought to be zero."""

    system: LinearSystem
    identities: tuple[tuple[Identity, SignedSum], ...]


_FINDING = {
    "file_id": pl.Int64, "stage": pl.String, "reason_code": pl.String, "severity": pl.String, "message": pl.String,
}  # fmt: skip


def _open_tables(evaluation: Evaluation) -> pl.DataFrame:
    """Return file_id, layout, and states, values and usable by place of those tables that are worth decoding."""
    decoded = [n for n, layout in enumerate(load_catalogue().layouts) if layout.table_code in load_decoding()]
    keys = ["file_id", "layout"]
    wanted = (
        pl.concat([evaluation.open_tables.select(keys), evaluation.outside.select(keys)])
        .unique()
        .filter(pl.col("layout").is_in(decoded))
    )
    # One whole number a table: its look-up is far cheaper than a join on two columns.
    number = pl.col("file_id") * NUMBER_LIMIT + pl.col("layout")
    is_wanted = number.is_in(wanted.select(number).to_series().implode())
    cells = evaluation.cells.filter(is_wanted).select("file_id", "cell", "state", "value")
    value = pl.col("value")
    is_usable = (value >= 0) & (value == value.floor())
    # The cells of a layout are numbered in the order of its own; one that the report lacks is a row all the same.
    return (
        wanted.join(load_catalogue().cells.select("layout", "cell"), on="layout")
        .join(cells, on=["file_id", "cell"], how="left")
        .sort("file_id", "cell")
        .group_by(keys, maintain_order=True)
        .agg("state", "value", usable=pl.when(is_usable).then(value.cast(pl.Int64, strict=False)))
    )


@cache
def _places(number: int) -> dict[Cell, int]:
    return {cell: place for place, cell in enumerate(load_catalogue().layouts[number].cells)}


def read_figure(state: int, value: float | None) -> Figure:
    """Return a cell as the decoder may use it; a value outside its domain cannot be relied on, so it is unknown."""
    usable = int(value) if value is not None and value >= 0 and value == int(value) else None
    printed = value if state == CellState.PRINTED else None
    is_open = state in (CellState.BLANK, CellState.ILLEGIBLE) or (printed is not None and usable is None)
    return Figure(usable, printed, is_open)


def _diagnose(number: int, printed: PrintedTable) -> Iterator[tuple[_Part, Diagnosis]]:
    layout = load_catalogue().layouts[number]
    limits = load_decoding()[layout.table_code]
    for part in _parts(number):
        diagnosis = decode(part.system, printed.usable, largest=limits.largest, robust_to=limits.robust_to)
        if diagnosis.is_broken or diagnosis.fillings:
            yield part, diagnosis


@cache
def _parts(number: int) -> tuple[_Part, ...]:
    """Return the components of a table's equations, each with its identities."""
    catalogue = load_catalogue()
    numbers = catalogue.identities.filter((pl.col("layout") == number) & pl.col("is_equation"))["identity"]
    places = _places(number)
    identities = [catalogue.by_number[identity] for identity in numbers]
    equations = [{places[cell]: c for cell, c in identity.coefficients.items()} for identity in identities]
    return tuple(
        _Part(
            system,
            tuple((i, SignedSum.of(e)) for i, e in zip(identities, equations, strict=True) if e in system.equations),
        )
        for system in LinearSystem(tuple(equations)).components
    )


def _describe(
    file_id: int, number: int, printed: PrintedTable, part: _Part, diagnosis: Diagnosis
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of `suspicions` for one part of a table."""
    layout = load_catalogue().layouts[number]
    others = str(len(diagnosis.explanations) - 1)
    deltas = [(identity, equation.over(printed.usable)) for identity, equation in part.identities]
    broken = name_broken(layout, deltas) if diagnosis.explanations else {}
    common = {language: {"broken": words, "others": others} for language, words in broken.items()}
    for explanation in diagnosis.explanations:
        sentence = ("unique" if diagnosis.is_unique else "candidate") + "_together" * (len(explanation.changes) > 1)
        for place, suggested in explanation.changes:
            cell = layout.cells[place]
            words = say(sentence, _explain(layout, printed, explanation, place, common))
            yield (file_id, layout.table_code, *cell, printed[cell].printed, suggested, diagnosis.is_unique, *words)
    for place, value in diagnosis.fillings.items():
        cell = layout.cells[place]
        figure = printed.get(cell)
        if figure is not None and figure.is_open:
            facts = {each: label_cell(layout, cell, each) | _values(figure, value, each) for each in ("en", "zh")}
            words = say("blank" if figure.printed is None else "outside", facts)
            yield (file_id, layout.table_code, *cell, figure.printed, value, True, *words)


def name_broken(layout: TableLayout, deltas: Iterable[tuple[Identity, int | None]]) -> dict[str, str]:
    """Return the identities that break as printed (left less right is no nought), in words by language."""
    parts: dict[str, list[str]] = {"en": [], "zh": []}
    for identity, delta in deltas:
        if delta:
            label = layout.label_of(identity.scope)
            parts["en"].append(f"{identity.rule_id} {label.en} {delta:+d}")
            parts["zh"].append(f"{identity.rule_id} {label.label} {delta:+d}")
    return {"en": ", ".join(parts["en"]) or "–", "zh": "、".join(parts["zh"]) or "–"}


def _explain(
    layout: TableLayout,
    printed: PrintedTable,
    explanation: Explanation,
    place: int,
    common: Mapping[str, Mapping[str, str]],
) -> dict[str, dict[str, str]]:
    """Return by language the facts that the sentence about one cell of an explanation needs."""
    changes = {layout.cells[changed]: value for changed, value in explanation.changes}
    cell = layout.cells[place]
    facts = {}
    for language, separator in (("en", "; "), ("zh", "；")):
        told = {c: label_cell(layout, c, language) | _values(printed[c], v, language) for c, v in changes.items()}
        partners = [load_wording()["partner"][language].format(**told[c]) for c in changes if c != cell]
        facts[language] = told[cell] | {"partners": separator.join(partners)} | dict(common[language])
    return facts


def say(sentence: str, facts: Mapping[str, Mapping[str, str]]) -> tuple[str, str]:
    """Return a sentence of the wording in English and in Chinese.

    Args:
        sentence: Its name.
        facts: What stands in its gaps, by language.
    """
    wording = load_wording()[sentence]
    return wording["en"].format(**facts["en"]), wording["zh"].format(**facts["zh"])


def label_cell(layout: TableLayout, cell: tuple[str, str], language: str) -> dict[str, str]:
    """Return the labels of a cell's row and column in one language."""
    row, column = (layout.label_of(code) for code in cell)
    return {"row": row.en, "column": column.en} if language == "en" else {"row": row.label, "column": column.label}


def _values(figure: Figure, suggested: int, language: str) -> dict[str, str]:
    reported = load_wording()["nothing"][language] if figure.printed is None else plain_number(figure.printed)
    return {"reported": reported, "suggested": str(suggested)}


def _say_unexplained(file_id: int, number: int, explanations: Sequence[Explanation]) -> tuple[object, ...]:
    layout = load_catalogue().layouts[number]
    limits: Decoding = load_decoding()[layout.table_code]
    facts = {"largest": str(limits.largest), "count": str(len(explanations)),
             "size": str(len(explanations[0].changes) if explanations else 0)}  # fmt: skip
    message, _ = say("undecided" if explanations else "unexplained", {"en": facts, "zh": facts})
    return (file_id, Stage.CHECK.value, "identity_broken", Severity.WARN.value, f"{layout.table_code}: {message}")


def plain_number(value: float) -> str:
    """Return a number without the .0 of a whole one."""
    return str(int(value)) if value == int(value) else str(value)

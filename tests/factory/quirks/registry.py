"""The registry of quirks: what real reports do to the form, each a small function on plan, model or style."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypedDict, Unpack

from tests.factory.model import Report
from tests.factory.style import Style


@dataclass(slots=True)
class Plan:
    """What a quirk may decide before figures are drawn; `editions` is by (table_code, clause_code)."""

    form_code: str
    editions: dict[tuple[str, str], str] = field(default_factory=dict)
    size: str | None = None


PlanChange = Callable[[Plan], None]
ReportChange = Callable[[Report, Random], None]
StyleChange = Callable[[Style, Report], None]


@dataclass(frozen=True, slots=True)
class Quirk:
    """One thing that reports do.

    Attributes:
        kind: plan, label, value, layout or style; a document has one layout but may have several of the others.
        source: The line of FORMS.md that has it, or "own" for a layout that portals have and the list does not.
        containers: Where it can be written; everywhere where None.
        forms: Editions that it concerns; all where None.
        needs_blanks: It leaves cells empty, so the container must show an empty cell.
        must_find: Reason codes of which a finding must say what happened.
        may_refuse: Reason codes, parted by spaces, with one of which the document may be set aside instead, since
            figures lost their labels.
    """

    name: str
    source: str
    description: str
    home: str = ""
    on_plan: PlanChange | None = None
    on_report: ReportChange | None = None
    on_style: StyleChange | None = None
    containers: frozenset[str] | None = None
    forms: frozenset[str] | None = None
    needs_blanks: bool = False
    must_find: tuple[str, ...] = ()
    may_refuse: str | None = None

    @property
    def kind(self) -> str:
        """What the quirk disturbs: the module that defines it, or the phase in which it acts."""
        if self.on_plan:
            return "plan"
        if self.on_report is None:
            return "style"
        return {"labels": "label", "values": "value"}.get(self.home, "layout")


QUIRKS: dict[str, Quirk] = {}

WITH_MARKUP = frozenset({"html", "docx"})
WITH_SPANS = frozenset({"html", "docx", "xlsx"})
HTML = frozenset({"html"})


class Facts(TypedDict, total=False):
    """The facts that a decorator may state; see `Quirk`."""

    containers: frozenset[str]
    forms: frozenset[str]
    needs_blanks: bool
    must_find: tuple[str, ...]
    may_refuse: str


def plan_quirk(source: str, **facts: Unpack[Facts]) -> Callable[[PlanChange], PlanChange]:
    """Register a function that changes the plan."""

    def register(change: PlanChange) -> PlanChange:
        add_quirk(Quirk(change.__name__, source, _first_line(change), _home(change), on_plan=change, **facts))
        return change

    return register


def report_quirk(source: str, **facts: Unpack[Facts]) -> Callable[[ReportChange], ReportChange]:
    """Register a function that changes the laid-out report."""

    def register(change: ReportChange) -> ReportChange:
        add_quirk(Quirk(change.__name__, source, _first_line(change), _home(change), on_report=change, **facts))
        return change

    return register


def style_quirk(source: str, **facts: Unpack[Facts]) -> Callable[[StyleChange], StyleChange]:
    """Register a function that changes how the container is written."""

    def register(change: StyleChange) -> StyleChange:
        add_quirk(Quirk(change.__name__, source, _first_line(change), _home(change), on_style=change, **facts))
        return change

    return register


def add_label_quirk(
    name: str, source: str, description: str, change: ReportChange, forms: frozenset[str] | None = None
) -> None:
    """Register a change of wording that was made from data and has no function of its own."""
    add_quirk(Quirk(name, source, description, "labels", on_report=change, forms=forms))


def add_quirk(quirk: Quirk) -> None:
    """Register a quirk.

    Raises:
        ValueError: The name is taken.
    """
    if quirk.name in QUIRKS:
        raise ValueError(f"quirk {quirk.name} is registered twice")
    QUIRKS[quirk.name] = quirk


def _first_line(function: Callable[..., None]) -> str:
    return (function.__doc__ or "").strip().split("\n")[0]


def _home(function: Callable[..., None]) -> str:
    return function.__module__.rpartition(".")[2]

"""The whole way from a seed to a document beside its expected figures."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from schemas.vocabulary import ValueStatus
from tests.factory.layout import lay_out
from tests.factory.model import Figure, Key, Report, put_in_words
from tests.factory.quirks import QUIRKS, Plan, Quirk
from tests.factory.style import Style
from tests.factory.truth import Truth, make_truth
from tests.factory.writers import CONTAINERS, Container

EXPECTED_COLUMNS = ("table_code", "row_code", "column_code", "value", "value_status", "unit")


@dataclass(frozen=True, slots=True)
class MadeDocument:
    """A document and everything that a reader must find in it.

    Attributes:
        figures: What the document states; a key that is not here must not be read from it.
        refused: Reason code with which the document may be set aside in place of a proved reading.
        must_find: Reason codes that the findings must hold.
    """

    form_code: str
    container: Container
    quirks: tuple[str, ...]
    truth: Truth
    report: Report
    content: bytes
    figures: dict[Key, Figure]
    refused: str | None
    must_find: tuple[str, ...]

    @property
    def file_name(self) -> str:
        """The name under which an agency would upload it."""
        return f"{self.report.title}.{self.container.extension}"


def make_document(
    seed: int,
    form_code: str,
    container: str,
    quirks: Iterable[str] = (),
    *,
    size: str | None = None,
    year: int | None = None,
    agency: str | None = None,
) -> MadeDocument:
    """Return one document; the same arguments give the same bytes on every machine.

    Raises:
        ValueError: A quirk does not concern the edition or cannot be written in the container.
    """
    box = CONTAINERS[container]
    chosen = [QUIRKS[name] for name in quirks]
    plan = Plan(form_code, size=size)
    for quirk in chosen:
        if not fits(quirk, form_code, box):
            raise ValueError(f"{quirk.name} does not fit {form_code}/{container}")
        if quirk.on_plan:
            quirk.on_plan(plan)
    truth = make_truth(seed, form_code, year=year, size=plan.size, editions=plan.editions, agency=agency)
    return write_document(truth, lay_out(truth), box, chosen, seed=seed)


def write_document(
    truth: Truth, report: Report, box: Container, quirks: Sequence[Quirk], *, seed: int, style: Style | None = None
) -> MadeDocument:
    """Return the document that a laid-out report becomes once quirks have disturbed it.

    Args:
        truth: What the agency has to report.
        report: The same, laid out; changed in place.
        box: The container.
        quirks: All of which must fit the edition and the container.
        seed: Decides what the quirks draw.
        style: How the container is written where no quirk decides; changed in place.
    """
    style = style or Style()
    for quirk in quirks:
        if quirk.on_report:
            quirk.on_report(report, Random(f"{seed}/{quirk.name}"))
    for quirk in quirks:
        if quirk.on_style:
            quirk.on_style(style, report)
    return MadeDocument(
        form_code=truth.form_code,
        container=box,
        quirks=tuple(quirk.name for quirk in quirks),
        truth=truth,
        report=report,
        content=box.write(put_in_words(report), style),
        figures=report.figures(),
        refused=box.refused or next((quirk.may_refuse for quirk in quirks if quirk.may_refuse), None),
        must_find=() if box.refused else tuple(code for quirk in quirks for code in quirk.must_find),
    )


def fits(quirk: Quirk, form_code: str, container: Container) -> bool:
    """Tell whether a quirk concerns the edition and can be written in the container."""
    return (
        (quirk.forms is None or form_code in quirk.forms)
        and (quirk.containers is None or container.name in quirk.containers)
        and (container.keeps_blanks or not quirk.needs_blanks)
    )


def expected_csv(figures: dict[Key, Figure]) -> str:
    """Return the expected file: an empty value is a blank cell unless `value_status` says else; `unit` is of amounts.

    A figure of which no reading can be called right has the status `unclear`; a unit printed nowhere is `unknown`.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(EXPECTED_COLUMNS)
    for key, figure in figures.items():
        value = "" if figure.value is None else f"{figure.value:f}"
        is_plain = figure.status in (ValueStatus.REPORTED, ValueStatus.BLANK)
        status = "unclear" if figure.is_unclear else "" if is_plain else figure.status.value
        writer.writerow((*key, value, status, figure.unit or ""))
    return buffer.getvalue()

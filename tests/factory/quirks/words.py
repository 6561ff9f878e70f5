"""Tables that reports print as text: sentences for their rows, or lines of a label and its figure."""

from random import Random

from tests.factory.model import Report, Wording
from tests.factory.quirks.registry import WITH_MARKUP, report_quirk

_UNREAD = "missing_row missing_table"


@report_quirk("own: 表四 in words", containers=WITH_MARKUP | {"pipes"}, may_refuse="missing_table")
def challenge_in_words(report: Report, rng: Random) -> None:
    """Prints 表四 as a paragraph for each way, the results beside their figures; a blank leaves nothing to read."""
    report.tables("challenge")[0].in_words = Wording.ROWS


@report_quirk("own: 表四 in sentences", containers=WITH_MARKUP | {"pipes"}, may_refuse="missing_table")
def challenge_glued_in_words(report: Report, rng: Random) -> None:
    """Prints 表四 as a sentence for each way, which runs on into the first result."""
    report.tables("challenge")[0].in_words = Wording.GLUED


@report_quirk("own: 表三 in words", containers=WITH_MARKUP | {"pipes"}, may_refuse="missing_row")
def request_in_words(report: Report, rng: Random) -> None:
    """Prints 表三 as a paragraph for each row, the applicants beside their figures."""
    report.tables("request")[0].in_words = Wording.ROWS


@report_quirk("own: 表三 in words", containers=WITH_MARKUP | {"pipes"}, may_refuse=_UNREAD)
def request_wholes_in_words(report: Report, rng: Random) -> None:
    """Prints 表三 as a paragraph for each row, its total first and the applicants behind 其中."""
    report.tables("request")[0].in_words = Wording.WHOLES


@report_quirk("own: the totals of 表三 in lines", containers=WITH_MARKUP | {"pipes"}, may_refuse=_UNREAD)
def request_totals_in_words(report: Report, rng: Random) -> None:
    """Prints the totals of 表三 alone, a line for each row."""
    (table,) = report.tables("request")
    table.in_words = Wording.TOTALS
    for row in table.rows:
        for cell in row:
            if cell.key is not None and cell.code != "total":
                cell.key = cell.figure = None


@report_quirk("own: 表三 as a list for each applicant", containers=WITH_MARKUP | {"pipes"}, may_refuse=_UNREAD)
def request_lists_in_words(report: Report, rng: Random) -> None:
    """Prints 表三 as lines of label and figure, below a heading for each applicant."""
    report.tables("request")[0].in_words = Wording.LISTS

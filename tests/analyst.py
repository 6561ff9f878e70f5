"""A season for analysts: a few agencies over the years, small enough to know each number, rich enough for questions.

Figures go on from year to year as in `tests.factory.season`; here it is stated, not drawn, who reports late, who leaves
a year out, who revises a report and whose sum breaks, so that an answer can be held against the truth.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from pipelines.settings import Workspace
from tests.factory.document import write_document
from tests.factory.layout import lay_out
from tests.factory.legacy import LegacyCase
from tests.factory.season import WORD_PAGES, carry_on, misprint
from tests.factory.truth import Truth, make_truth
from tests.factory.writers import CONTAINERS
from tests.house import build_warehouse, made_once, plainly

YEARS = range(2019, 2024)
WEIDONG = "平顶山市卫东区"
GOVERNMENT = f"{WEIDONG}人民政府"
EDUCATION = [f"{county}教育局" for county in (WEIDONG, "平顶山市湛河区", "平顶山市新华区", "南京市鼓楼区")]
GULOU = ["南京市鼓楼区人民政府", "福州市鼓楼区人民政府"]
AGENCIES = [GOVERNMENT, f"{WEIDONG}财政局", *EDUCATION, *GULOU]

LATE = {(EDUCATION[0], 2022): "2023-02-15", (GOVERNMENT, 2021): "2022-04-02"}
ABSENT = {(EDUCATION[1], 2021)}
REVISED = (EDUCATION[2], 2022)
BREACHED = (EDUCATION[0], 2023)
TORN = (f"{WEIDONG}财政局", 2021)  # what it carries in is not what it carried forward
BEFORE = [LegacyCase("html", "fujian_2014", "tall", year, GULOU[1]) for year in (2016, 2017)]
HOSTILE = "<script>document.title='own'</script>=1+1"


@dataclass(frozen=True, slots=True)
class Season:
    """The warehouse and what its reports state.

    Attributes:
        truths: What each agency has to report in each year, by (agency, year).
        printed: The truth as the breached report prints it: (row, column) of 表三 → the wrong figure.
    """

    workspace: Workspace
    truths: dict[tuple[str, int], Truth] = field(default_factory=dict)
    printed: dict[tuple[str, str], int] = field(default_factory=dict)

    def total(self, agency: str, year: int, row: str) -> int:
        """Return the true total of a row of 表三."""
        return int(self.truths[agency, year].value("request", row, "total"))


def build_season(folder: Path) -> Season:
    """Return the season below `folder`, made there where it is not yet; several processes may ask at the same time."""
    season = Season(Workspace(folder / "raw", folder / "warehouse", workers=1))
    with made_once(folder) as is_new, plainly():
        for number, (path, content) in enumerate(_write_files(season), start=1):
            if is_new:
                target = season.workspace.raw / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            if is_new and number == len(BEFORE):
                build_warehouse(season.workspace)  # a warehouse in use has had releases before
        if is_new:
            build_warehouse(season.workspace)
    return season


def _write_files(season: Season) -> Iterator[tuple[str, bytes]]:
    for case in BEFORE:
        yield f"{case.year}/{case.agency_name}.html", case.content()
    yield f"{YEARS[0]}/空白.html", b""
    for number, agency in enumerate(AGENCIES):
        before: Truth | None = None
        rng = Random(f"analyst/{number}")
        for year in YEARS:
            form = "2019" if year < 2021 else "2021"
            truth = make_truth(rng.randrange(10**9), form, year=year, size="district", agency=agency)
            before = truth = carry_on(truth, before, rng, is_torn=(agency, year) == TORN)
            if (agency, year) not in ABSENT:
                season.truths[agency, year] = truth
                yield from _reports(season, truth)


def _reports(season: Season, truth: Truth) -> Iterator[tuple[str, bytes]]:
    key = (truth.agency_name, truth.year)
    report = lay_out(truth)
    report.metadata["发布日期"] = LATE.get(key, report.metadata["发布日期"])
    if key == BREACHED:
        cell = next(cell for cell in report.cells("request") if cell.key == ("request", "granted", "natural_person"))
        misprint(cell, Random("breach"))
        if cell.figure is None or cell.figure.value is None:
            raise ValueError("a misprinted cell has a figure")
        season.printed["granted", "natural_person"] = int(cell.figure.value)
    style = deepcopy(WORD_PAGES["plain"])
    style.after_body = [f"<p>{HOSTILE.replace('<', '&lt;')}</p>"]
    made = write_document(truth, report, CONTAINERS["html"], [], seed=0, style=style)
    yield f"{truth.year}/{made.file_name}", made.content
    if key == REVISED:
        report = lay_out(truth)
        cell = next(cell for cell in report.cells("challenge") if cell.key is not None)
        misprint(cell, Random("revision"))
        report.metadata["发布日期"] = f"{truth.year + 1}-03-15"
        later = write_document(truth, report, CONTAINERS["html"], [], seed=0, style=deepcopy(WORD_PAGES["plain"]))
        yield f"{truth.year}/{made.file_name.replace('.', '（更正）.')}", later.content

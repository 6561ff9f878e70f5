"""Labels as agencies print them in the place of the form's own: each is the same row or column, and no guess."""

import csv
import re
from pathlib import Path

import polars as pl
import pytest

from pipelines.normalize import normalize_batch
from pipelines.normalize.folding import fold_label
from pipelines.read import document_frames, read_document
from schemas.form import load_forms
from schemas.table import table
from tests.factory import make_document

_FILE = Path(__file__).parent / "data" / "label_variants.csv"
_YEARS = {"2019": 2020, "2021": 2021}
_NUMBER = re.compile(r"^(?:[（(][一二三四五六七八九][）)]|[一二三四]、|\d\.)")
_GUESSES = {"similar_label", "proved_reading", "unmapped_row", "unmapped_column", "missing_row"}

with _FILE.open(encoding="utf-8", newline="") as _file:
    VARIANTS = [tuple(row.values()) for row in csv.DictReader(_file)]


def _print_label(markup: str, label: str, printed: str) -> str:
    """Return a page that prints a label otherwise, behind the number of its row where it has none itself."""
    number = "" if _NUMBER.match(printed) else "".join(_NUMBER.findall(label)[:1])
    page, count = re.subn(rf"(>\s*){re.escape(label)}(\s*<)", rf"\g<1>{number}{printed}\2", markup)
    assert count, label
    return page


@pytest.fixture(scope="module")
def read() -> dict[int, tuple[list[tuple[object, ...]], set[str]]]:
    """Return figures and findings by document: the editions' own labels under -1 and -2, then every variant."""
    pages = {
        form: make_document(3, form, "html", [], size="district", year=_YEARS[form]).content.decode() for form in _YEARS
    }
    markup = {-1: pages["2019"], -2: pages["2021"]}
    markup |= {n: _print_label(pages[form], label, printed) for n, (form, _, label, printed) in enumerate(VARIANTS)}
    frames = document_frames([(n, read_document("a.html", page.encode())) for n, page in markup.items()])
    files = pl.DataFrame(
        [(n, f"2021/{n}.html", 2021) for n in markup], schema=["file_id", "path", "folder_year"], orient="row"
    )
    made = normalize_batch(table("files").conform(files), frames["documents"], frames["blocks"], frames["cells"])
    place = ["table_number", "row_number", "column_number", "table_code", "row_code", "column_code", "value"]
    return {
        n: (
            sorted(made["figures"].filter(file_id=n).select(place).rows(), key=str),
            set(made["findings"].filter(file_id=n)["reason_code"]),
        )
        for n in markup
    }


@pytest.mark.parametrize("number", range(len(VARIANTS)), ids=[f"{v[0]} {v[1]} {v[3]}" for v in VARIANTS])
def test_a_label_printed_otherwise_is_the_same_row_or_column(read, number: int) -> None:
    """Without it the figures would stand under no code, or there on the strength of likeness alone."""
    figures, findings = read[number]
    own, before = read[-1 if VARIANTS[number][0] == "2019" else -2]
    assert figures == own
    assert not (findings - before) & _GUESSES


@pytest.mark.parametrize("form", load_forms())
def test_no_row_stands_twice_in_other_marks(form: str) -> None:
    """Marks, white space and numbers are folded: such a row is known by the label that it repeats."""
    for item in load_forms()[form].tables:
        for clause in item.clauses:
            for label in (*clause.rows, *clause.row_groups):
                folded = [fold_label(spelling).text for spelling in label.spellings]
                assert len(set(folded)) == len(folded), label

"""Formulas worked out beside LibreOffice, which calculates what a file has no result for."""

import csv
import random
import subprocess
from xml.sax.saxutils import escape

import pytest

from pipelines.read.sheet.reader import read_spreadsheet
from pipelines.settings import ReadLimits
from tests.office import SOFFICE
from tests.read.office_builder import build_xlsx

VALUES = (0, 1, 2, 3, 5, 12, 2.5, None, None, "件", "自然人")
CRITERIA = ("3", '">1"', '"自然人"', '"<=3"')
COLUMNS, ROWS = "ABC", range(1, 9)
FIRST = 20  # row of the first formula
AS_TEXT = "csv:Text - txt - csv (StarCalc):44,34,76"


class Formulas:
    """Formulas over a few cells, drawn at random."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def place(self):
        return f"{self.rng.choice(COLUMNS)}{self.rng.choice(ROWS)}"

    def area(self, column=None, rows=None):
        column, (first, last) = column or self.rng.choice(COLUMNS), rows or self.rows()
        return f"{column}{first}:{column}{last}"

    def rows(self):
        return sorted(self.rng.sample(ROWS, 2))

    def number(self, depth):
        rows, criterion, sign = self.rows(), self.rng.choice(CRITERIA), self.rng.choice("+-*/")
        ways = [self.place, self.place, lambda: self.rng.choice(("0", "1", "3", "1.5"))]
        if depth:
            below = [self.number(depth - 1) for _ in range(2)]
            ways += [
                lambda: f"({below[0]}{sign}{below[1]})",
                lambda: f"{below[0]}{sign}{below[1]}",
                lambda: f"-{below[0]}",
                lambda: f"IF({self.comparison(below)},{below[0]},{below[1]})",
                lambda: f"IFERROR({below[0]},{below[1]})",
                lambda: f"SUM({self.area()},{below[0]})",
                lambda: f"SUMIF({self.area(rows=rows)},{criterion},{self.area(rows=rows)})",
                lambda: f"COUNTIF({self.area()},{criterion})",
                lambda: f"ROUND({below[0]},{self.rng.choice((0, 1))})",
            ]
        return self.rng.choice(ways)()

    def comparison(self, numbers):
        return f"{numbers[1]}{self.rng.choice(('=', '<>', '<', '>', '<=', '>='))}{self.rng.choice((numbers[0], '0'))}"


@pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice on this machine")
def test_what_is_worked_out_is_what_libreoffice_calculates(tmp_path):
    drawn = Formulas(7)
    formulas = [drawn.number(3) for _ in range(400)]
    rows = {row: "".join(written(f"{column}{row}", drawn.rng.choice(VALUES)) for column in COLUMNS) for row in ROWS}
    rows |= {FIRST + at: f'<c r="A{FIRST + at}"><f>{escape(text)}</f></c>' for at, text in enumerate(formulas)}
    lines = "".join(f'<row r="{row}">{cells}</row>' for row, cells in rows.items())
    content = build_xlsx({"表": f"<sheetData>{lines}</sheetData>"})
    (tmp_path / "book.xlsx").write_bytes(content)
    command = [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", AS_TEXT]
    subprocess.run(
        [*command, "--outdir", tmp_path, tmp_path / "book.xlsx"], check=True, capture_output=True, timeout=300
    )
    calculated = [row[0] for row in csv.reader((tmp_path / "book.csv").read_text(encoding="utf-8").splitlines())]
    document = read_spreadsheet(content, ReadLimits())
    shown = [cell[4] for table in document.tables for cell in table if cell[4]][-len(formulas) :]
    assert len(shown) == len(formulas)
    pairs = [
        (formula, ours, theirs)
        for formula, ours, theirs in zip(formulas, shown, calculated[FIRST - 1 :], strict=True)
        if not ours.startswith("=")
    ]
    assert len(pairs) > len(formulas) / 2
    assert [pair for pair in pairs if not are_same(*pair[1:])] == []


def are_same(ours, theirs):
    try:
        return float(ours) == pytest.approx(float(theirs), abs=1e-6)
    except ValueError:
        return ours == theirs


def written(place, value):
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'

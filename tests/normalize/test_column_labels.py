"""Cells that print their column's label again in front of the figure, as pages for telephones do."""

import pytest

from schemas.form import load_forms
from tests.cases import Case, Expected, Key
from tests.fidelity import read_cases
from tests.normalize.tables import Rows, request_rows

_COLUMNS = load_forms()["2021"].table("request").clauses[0].columns


def read_page(rows: Rows) -> dict[Key, Expected]:
    """Return the figures of a page with nothing but a title and these rows."""
    lines = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in rows)
    page = f"<title>某县统计局2022年政府信息公开工作年度报告</title><table>{lines}</table>"
    case = Case("page", "2022/page.html", "html", page.encode, None)
    return dict(read_cases([case])[case.path].figures)


@pytest.mark.parametrize("joint", ["：", ":", "", "： ", "<br>", "</b> <span>"])
def test_the_label_of_its_own_column_is_no_part_of_a_figure(joint: str) -> None:
    plain = request_rows(fill=lambda row, column: str(row * column))
    labelled = [list(row) for row in plain]
    for row in labelled[1:]:
        row[2:] = [f"<b>{column.label}{joint}{text}" for column, text in zip(_COLUMNS, row[2:], strict=True)]
    found = read_page(labelled)
    assert len(found) == 25 * 7
    assert found == read_page(plain)


@pytest.mark.parametrize("text", ["商业企业：3", "自然人3 4", "自然人约3", "自然人：3￼", "其中自然人：3"])
def test_what_is_not_that_label_and_a_number_stays_illegible(text: str) -> None:
    rows = request_rows()
    rows[4][2] = text
    assert read_page(rows)["request", "partly_granted", "natural_person"].status == "illegible"

"""`gongkai forms`: what editions there are, whether the data files agree, and what an edition changes."""

import pytest

from pipelines.cli import main
from schemas.form import load_forms


def test_every_edition_is_listed_with_its_years_and_the_data_files_agree(capsys):
    assert main(["forms"]) == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines()]
    assert ["2019", "2019-2020"] in [row[:2] for row in rows]
    assert {row[0] for row in rows if row and row[0] in load_forms()} == set(load_forms())
    assert "agree with one another" in out


def test_an_edition_is_compared_with_the_one_before_it(capsys):
    assert main(["forms", "compare", "2021"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["proactive", "clause_1", "row", "label", "normative_document", "规范性文件", "行政规范性文件"] in rows
    assert ["request", "row", "gone", "other", "（六）其他处理"] in rows
    assert ["proactive", "clause_9", "clause", "gone", "clause_9", "procurement"] in rows


@pytest.mark.parametrize(
    ("words", "says"), [(["2019"], "is the first edition"), (["2020"], "'2020' is no edition of the national form")]
)
def test_what_cannot_be_compared_is_told(capsys, words, says):
    assert main(["forms", "compare", *words]) == 2
    assert says in capsys.readouterr().err

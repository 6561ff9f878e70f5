"""`gongkai shell`: several questions of one sitting, and mistakes that do not end it."""

import io
import sys
from collections.abc import Iterator

import pytest

from pipelines.cli import main
from pipelines.cli.shell import read_statements
from pipelines.cli.warehouse import ask


@pytest.fixture
def shell(warehouse, capsys, monkeypatch):
    def run(typed: str, lang: str = "C.UTF-8") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        monkeypatch.setenv("LC_ALL", lang)
        code = main(["shell", "--warehouse", str(warehouse)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_questions_over_several_lines_are_answered_in_turn(shell):
    code, out, err = shell("SELECT 41\n+ 1 AS n;\nFROM agency_history('卫东区')\n;\n.quit\nSELECT 1/0")
    assert (code, err) == (0, "")
    assert "42" in out
    assert "平顶山市卫东区人民政府办公室" in out


def test_a_comment_behind_a_semicolon_and_several_questions_of_a_line_lose_no_answer(shell):
    """As they stand on the pages of docs/, to be pasted."""
    typed = (
        "FROM range(41, 42); -- one;\n-- and\nFROM range(43, 44);   -- '二'\nSET threads = 1; FROM range(45, 46); "
        "PIVOT (SELECT '名' AS n, 47 AS v) ON n USING sum(v);"
    )
    code, out, err = shell(typed)
    assert (code, err) == (0, "")
    assert [line.strip() for line in out.splitlines() if line.strip().isdigit()] == ["41", "43", "45", "47"]


def test_commands_tell_of_tables_columns_macros_and_measures(shell):
    _, out, err = shell(".tables coverage\n.columns coverage\n.macros trace\n.measures 公开率\n.help\n")
    assert err == ""
    for word in ("coverage", "expected_by", "trace(words, for_year, for_measure)", "grant_rate", ".columns TABLE"):
        assert word in out
    assert "Report year." in out
    assert "报告年度。" in shell(".columns coverage", "zh_CN.UTF-8")[1]


def test_a_mistake_is_one_line_and_does_not_end_the_sitting(shell):
    code, out, err = shell("DROP TABLE dim_agency;\n.nope\n.columns nothing\nFROM nowhere;\nSELECT 7 AS n;")
    assert code == 1
    assert err.count("gongkai: ") == err.count("\n") == 4
    assert "7" in out


def test_columns_of_chinese_and_latin_text_stand_one_below_the_other(shell):
    """Each Chinese sign takes two columns of a terminal."""
    from rich.cells import cell_len

    _, out, _ = shell("SELECT * FROM (VALUES ('甲乙', 1), ('abcdef', 2), ('丙x', 3)) AS t(name, n);")
    ends = {cell_len(line.rstrip()) for line in out.splitlines() if line.rstrip()[-1:].isdigit()}
    assert len(ends) == 1


def test_an_interrupt_drops_what_is_typed():
    typed: Iterator[str | BaseException] = iter(["SELECT wrong", KeyboardInterrupt(), "SELECT 1;", EOFError()])

    def read(prompt):
        said = next(typed)
        if isinstance(said, str):
            return said
        raise said

    assert list(read_statements(read)) == ["SELECT 1"]


def test_an_interrupt_while_rows_are_handed_over_is_one():
    class Interrupted:
        def sql(self, _sql):
            raise RuntimeError("Query interrupted") from KeyboardInterrupt()

    with pytest.raises(KeyboardInterrupt):
        ask(Interrupted(), "SELECT 1")  # type: ignore[arg-type]

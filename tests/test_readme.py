"""The README's questions have the README's answers."""

import re
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parent.parent
_QUESTION = re.compile(r"<!-- sql -->\n```sql\n(.*?)```\n```\n(.*?)```", re.DOTALL)
QUESTIONS = _QUESTION.findall((ROOT / "README.md").read_text(encoding="utf-8"))


def test_the_readme_asks_three_questions() -> None:
    assert len(QUESTIONS) == 3


def show(value: object) -> str:
    """Write a value as `gongkai query -f csv` does: a whole number without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@pytest.mark.parametrize(("sql", "answer"), QUESTIONS)
def test_a_question_has_its_printed_answer(sql: str, answer: str, seed_warehouse: Path) -> None:
    with duckdb.connect(str(seed_warehouse), read_only=True) as connection:
        relation = connection.sql(sql)
        rows = [",".join(relation.columns), *(",".join(map(show, row)) for row in relation.fetchall())]
    assert "\n".join(rows) == answer.strip()


@pytest.mark.parametrize(
    "link", sorted(set(re.findall(r"\]\((docs/[^)]+)\)", (ROOT / "README.md").read_text("utf-8"))))
)
def test_a_linked_page_exists(link: str) -> None:
    assert (ROOT / link).is_file()

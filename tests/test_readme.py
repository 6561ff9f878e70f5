"""The README's questions have the README's answers, and what the pages name is there."""

import importlib
import re
import shlex
from pathlib import Path

import duckdb
import pytest

from pipelines.cli.arguments import build_parser

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


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    """Modules and what is in them, files of the house, and other pages."""
    text = page.read_text(encoding="utf-8")
    lost = [
        name
        for name in set(re.findall(r"(?<![\w/.])(?:pipelines|schemas|tests)(?:\.\w+)+", text))
        if not is_there(name)
    ]
    lost += [
        place
        for place in set(re.findall(r"`((?:pipelines|schemas|tests|docs)/[\w./*-]+)`", text))
        if not any(ROOT.glob(place))
    ]
    lost += [
        link for link in set(re.findall(r"\]\(([\w./-]+)(?:#[^)]*)?\)", text)) if not (page.parent / link).exists()
    ]
    assert not [name for name in lost if name != "schemas/forms/2027.toml"]  # the edition of the recipe


def is_there(name: str) -> bool:
    """Tell whether a dotted name is a module or something in one."""
    *parents, last = name.split(".")
    place = ROOT.joinpath(*parents, last)
    if place.is_dir() or place.with_suffix(".py").exists():
        return True
    return bool(parents) and is_there(".".join(parents)) and has(".".join(parents), last)


def has(module: str, name: str) -> bool:
    return hasattr(importlib.import_module(module), name)


def read_code(page: Path) -> str:
    """Return what a page sets as code: blocks, and pieces of lines."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", page.read_text(encoding="utf-8"), re.DOTALL))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_says_to_type_is_understood(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Commands with their options, and what `make` makes; a command may be named without all that it needs."""
    code = read_code(page)
    for command in re.findall(r"(?:^|[`\s/])gongkai ([a-z][^`\n#|<]*)", code, re.MULTILINE):
        try:
            build_parser().parse_args(shlex.split(command))
        except SystemExit:
            assert "arguments are required" in capsys.readouterr().err, command
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert targets is not None
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", code, re.MULTILINE)) <= set(targets[1].split())

"""`gongkai review`: the order of what is open, and the recording of what a person decided."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.check.verdicts import read_verdicts, verdicts_file
from pipelines.cli import main
from pipelines.load import publish, publish_warehouse
from pipelines.settings import Workspace
from tests.check.builders import made_up_request
from tests.check.house import as_figures, check_files
from tests.load.staged import FakeFile, workspace_in

RIGHT = made_up_request("2021", 1)
CELL = ("granted", "business")


def report(name: str, year: int, shift: float) -> FakeFile:
    request = {**RIGHT, CELL: (RIGHT[CELL] or 0) + shift}
    challenge = {("challenge", "reconsideration", c): 0.0 for c in ("upheld", "corrected", "other_result", "pending")}
    figures = as_figures(request=request) | challenge | {("challenge", "reconsideration", "total"): 0.0}
    return FakeFile(f"{year}/{name}.html", f"{name}县人民政府", year, figures, content=f"{name} {year}")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, small_map: None, plain_publish: None) -> Workspace:
    workspace = workspace_in(tmp_path_factory.mktemp("house"))
    check_files(workspace, [report("甲", 2021, 4), report("乙", 2021, 900), report("丙", 2022, 0)])
    publish_warehouse(workspace)
    return workspace


@pytest.fixture
def copied(house: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the house, in which something may happen."""
    shutil.copytree(house.raw.parent, tmp_path, symlinks=True, dirs_exist_ok=True)
    return workspace_in(tmp_path)


def review(house: Workspace, *arguments: str) -> int:
    folders = ("--raw", str(house.raw), "--warehouse", str(house.warehouse))
    return main(["review", *folders, *arguments])


def cases(house: Workspace, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert review(house, "--json", *arguments) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_the_most_consequential_case_comes_first(house: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    found = cases(house, capsys)
    assert [case["consequence"] for case in found] == sorted((c["consequence"] for c in found), reverse=True)
    first, second = found[:2]
    assert (first["path"], first["subject"], first["breaches"]) == ("2021/乙.html", "request.granted.business", 2)
    assert first["severity"] == "error"
    assert first["is_unique"]
    assert float(first["suggested"]) == RIGHT[CELL]
    assert first["rules"] == "T3-row:granted T3-sum:business"
    assert (second["path"], second["subject"]) == ("2021/甲.html", "request.granted.business")
    # A breach that the cell explains is no case of its own.
    assert not any(case["subject"].startswith("T3") for case in found)


def test_agency_year_and_limit_narrow_the_list(house: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert {case["agency_name"] for case in cases(house, capsys, "--agency", "甲县")} == {"甲县人民政府"}
    assert {case["year"] for case in cases(house, capsys, "--year", "2022")} == {2022}
    assert len(cases(house, capsys, "--limit", "1")) == 1
    assert review(house, "--limit", "1") == 0
    shown = capsys.readouterr().out
    assert "Open: 1 of" in shown
    assert "request.granted.business" in shown


def test_a_recorded_verdict_closes_the_case_with_the_next_build(
    copied: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    house = copied
    value = f"{RIGHT[CELL]:g}"
    said = ("record", "甲.html", "request.granted.business", "corrected", "--value", value, "--read-where", "page 3")
    assert review(house, *said, "--reviewer", "lin") == 0
    assert capsys.readouterr().out.startswith("recorded: request.granted.business of 2021/甲.html")
    (verdict,) = read_verdicts(verdicts_file(house))
    assert (verdict.value, verdict.raw_text, verdict.reviewer) == (RIGHT[CELL], f"{(RIGHT[CELL] or 0) + 4}", "lin")
    folders = ("--raw", str(house.raw), "--warehouse", str(house.warehouse))
    assert main(["review", *said, *folders, "--reviewer", "wang"]) == 0  # the folders may stand anywhere
    assert capsys.readouterr().out.startswith("replaced:")
    assert review(house, "record", verdict.sha256[:12], "STRUCT-tables:proactive", "accepted", "--reviewer", "lin") == 0
    publish_warehouse(house)
    capsys.readouterr()
    subjects = {case["subject"] for case in cases(house, capsys) if case["path"] == "2021/甲.html"}
    assert not subjects & {"request.granted.business", "STRUCT-tables:proactive"}


def test_a_verdict_whose_file_has_changed_or_gone_is_named(
    copied: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    house = copied
    for name in "甲乙":
        assert review(house, "record", f"{name}.html", "request.granted.business", "accepted", "--reviewer", "lin") == 0
    publish_warehouse(house)
    capsys.readouterr()
    assert review(house) == 0
    assert "decide nothing" not in capsys.readouterr().out
    check_files(house, [replace(report("甲", 2021, 4), content="corrected bytes")])
    publish_warehouse(house)
    assert review(house) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Verdicts that decide nothing: 2" in said
    assert re.search(r"2021/甲.html request.granted.business accepted .*?the file has other bytes now", said)
    assert re.search(r"2021/乙.html request.granted.business accepted .*?no file of these bytes is there", said)
    # The corrected file's own error is open again: nobody has looked at it.
    assert "2021/甲.html" in [case["path"] for case in cases(house, capsys)]


def test_a_verdict_recorded_while_a_publish_runs_is_kept_for_the_next(
    copied: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = copied
    check_files(house, [report("甲", 2021, 4), report("乙", 2021, 9)])

    def record_meanwhile(*_: object) -> None:
        assert review(house, "record", "甲.html", "request.granted.business", "accepted", "--reviewer", "lin") == 0

    with monkeypatch.context() as patch:
        patch.setattr(publish, "prove_models", record_meanwhile)  # the new file is filled, and not yet in place
        publish_warehouse(house)
    capsys.readouterr()
    assert {case["path"] for case in cases(house, capsys)} >= {"2021/甲.html", "2021/乙.html"}
    assert not publish_warehouse(house).is_unchanged
    still = {case["path"] for case in cases(house, capsys) if case["subject"] == "request.granted.business"}
    assert still == {"2021/乙.html"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("丁.html", "request.granted.business", "accepted"), "names no file that is loaded"),
        (("甲.html", "request.granted.nobody", "accepted"), "is neither a cell"),
        (("甲.html", "challenge.litigation_direct.total", "accepted"), "has no such cell"),
        (("甲.html", "T3-balance:total", "accepted"), "does not break this rule"),
        (("甲.html", "request.granted.business", "corrected", "--value", "3"), "read_where"),
        (("甲.html", "request.granted.business", "accepted", "--value", "3"), "a value belongs to"),
        (("甲.html", "request.granted.business", "corrected", "--value", "nan", "--read-where", "x"), "no number"),
    ],
)
def test_a_verdict_on_nothing_is_refused_in_one_line(
    house: Workspace, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert review(house, "record", *arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert not verdicts_file(house).exists()

"""`gongkai check`: one document on the terminal, fast, with an exit code that says whether it can be trusted."""

import os
import resource
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.ingest.sidecar import Sidecar
from schemas.rule import load_rules
from tests.house import SEED

ROOT = Path(__file__).parents[2]


@pytest.fixture
def check(capsys):
    def run(path: object, *options: str) -> tuple[int, str]:
        code = main(["check", str(path), *options])
        return code, capsys.readouterr().out

    return run


def broken_copy(tmp_path: Path, before: str, after: str) -> Path:
    text = SEED.read_text(encoding="utf-8")
    assert text.count(before) >= 1
    path = tmp_path / "2021" / SEED.name
    path.parent.mkdir()
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return path


def test_the_seed_is_shown_as_printed_and_holds(check):
    code, out = check(SEED)
    assert code == 0
    rows = [line.split() for line in out.splitlines()]
    assert ["行政规范性文件", "3", "10", "50"] in rows
    assert ["一、本年新收政府信息公开申请数量", "3", "0", "0", "0", "0", "0", "3"] in rows
    assert ["复议后起诉", "0", "0", "0", "0", "0"] in rows
    for title in (
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
    ):
        assert title in out
    assert "form 2021" in out
    assert " 0 fail" in out
    held = next(line for line in out.splitlines() if line.startswith("hold: "))
    assert "T3-balance (7)" in held  # one for each kind of applicant and the total
    assert "T3-row (25)" in held
    assert "ID-folder" in next(line for line in out.splitlines() if line.startswith("cannot be told here: "))


def test_explaining_says_what_each_rule_says(check):
    _, out = check(SEED, "--explain")
    assert load_rules()["T3-balance"].description_en[:30] in out


def test_a_page_of_one_cell_a_line_is_shown_row_by_row(check, tmp_path):
    lines = ["洪泽区审计局2021年政府信息公开工作年度报告", "二、主动公开政府信息情况", "第二十条第(一)项", "信息内容"]
    lines += ["本年制发件数", "本年废止件数", "现行有效件数", "规章", "0", "1", "2", "行政规范性文件", "3", "4", "5"]
    path = tmp_path / "page.txt"
    path.write_text("\n\n".join(lines), encoding="utf-8")
    rows = [line.split() for line in check(path)[1].splitlines()]
    assert ["规章", "0", "1", "2"] in rows
    assert ["行政规范性文件", "3", "4", "5"] in rows


def test_explain_shows_every_cell_with_its_mapping(check):
    code, out = check(SEED, "--explain")
    assert code == 0
    mapped = [line for line in out.splitlines() if "request." in line or "proactive." in line or "challenge." in line]
    assert len(mapped) == 200
    assert any("request.new_received" in line and "natural_person" in line and "exact" in line for line in mapped)


def test_figures_that_do_not_add_up_are_named_and_fail(check, tmp_path):
    path = broken_copy(tmp_path, "一、本年新收政府信息公开申请数量\t3", "一、本年新收政府信息公开申请数量\t5")
    code, out = check(path)
    assert code == 1
    assert "identity_broken" in out
    assert "T3-balance" in out


def test_breaches_are_marked_inside_the_form(check, tmp_path):
    """The guilty cell with its value, the row and the column that break: legible without colours."""
    path = broken_copy(tmp_path, "一、本年新收政府信息公开申请数量\t3", "一、本年新收政府信息公开申请数量\t5")
    lines = check(path)[1].splitlines()
    (row,) = [line for line in lines if line.lstrip().startswith("一、本年新收")]
    assert row.split() == ["一、本年新收政府信息公开申请数量", "✗", "T3-row", "+2", "5", "→", "3", *"00000", "3"]
    (foot,) = [line for line in lines if line.lstrip().startswith("does not add up")]
    assert foot.split() == ["does", "not", "add", "up", "✗", "T3-balance", "+2"]


def test_cells_that_cannot_be_told_apart_are_marked_as_candidates(check, tmp_path):
    """Two results and their total: 表四 has one identity a channel, so each of the three may be the wrong one."""
    zeros = "0\t" * 14 + "0"
    out = check(broken_copy(tmp_path, zeros, "2\t2" + "\t0" * 2 + "\t5" + "\t0" * 10))[1]
    (row,) = [line for line in out.splitlines() if line.lstrip().startswith("行政复议")]
    assert " ".join(row.split("T4-sum -1")[1].split()) == "2 → 3? 2 → 3? 0 → 1? 0 → 1? 5 → 4?"


def test_what_cannot_be_read_is_named_and_fails(check, tmp_path):
    path = broken_copy(tmp_path, "行政规范性文件\t3", "行政规范性文件\t三[件]?")
    code, out = check(path)
    assert code == 1
    assert "illegible_value" in out
    assert "三[件]?" in out  # square brackets are text, not markup


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02\x03" * 50, "没有表格的一页。".encode()])
def test_a_document_that_is_none_is_rejected(check, tmp_path, data):
    path = tmp_path / "x.bin"
    path.write_bytes(data)
    code, out = check(path)
    assert code == 1
    assert "rejected: " in out
    assert ("empty_file" in out) == (not data)  # as a build says it
    assert "Nothing was left" not in out


@pytest.mark.parametrize(
    ("path", "message"), [("absent.html", "cannot be read"), (".", "is a folder")], ids=["absent", "folder"]
)
def test_mistakes_are_one_line(tmp_path, monkeypatch, capsys, path, message):
    monkeypatch.chdir(tmp_path)
    assert main(["check", path]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert message in captured.err


def run_command(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a process of its own, with the command imported and `arguments` as its command line."""
    program = f"import sys; from pipelines.cli import main; {code}"
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


def test_a_check_loads_nothing_that_is_slow_to_start():
    """Each of these costs as much as the whole check; how long that takes is measured by `make bench`."""
    heavy = ("dagster", "pandera", "duckdb", "pyarrow", "numpy", "lxml", "pypdfium2", "selectolax")
    show = f"code = main(); print([name for name in {heavy!r} if name in sys.modules]); sys.exit(code)"
    result = run_command(show, "check", str(SEED))
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "[]"


BOMB = """
from pipelines.cli import check
def explode(name, data):
    return [bytes(2**28) for _ in range(4096)]  # a tebibyte, a quarter of a gibibyte at a time
check.read_document = explode
sys.exit(main())
"""


def test_a_document_that_takes_all_memory_is_one_line():
    """The allocations are real but nothing is written to them: the limit is on addresses, so the machine feels none."""
    result = run_command(f"exec({BOMB!r})", "check", str(SEED))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert "takes more than 4 GiB of memory" in result.stderr


def test_the_limit_on_memory_leaves_with_the_check(check):
    before = resource.getrlimit(resource.RLIMIT_AS)
    assert check(SEED)[0] == 0
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_a_pipe_is_refused_and_not_waited_for(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe.html")
    assert main(["check", str(tmp_path / "pipe.html")]) == 2
    assert "no regular file" in capsys.readouterr().err


def test_the_address_in_the_sidecar_tells_whose_report_a_fetched_page_is(check, tmp_path):
    """As in a build: the name is that of four districts, and the domain of one."""
    data = "鼓楼区审计局2021年政府信息公开工作年度报告\n一、总体情况\n".encode()
    page, moment = "http://gl.fuzhou.gov.cn/zwgk/1.htm", datetime(2022, 1, 20, tzinfo=UTC)
    sidecar = Sidecar(
        page,
        page,
        (),
        moment,
        moment,
        200,
        {},
        sha256(data).hexdigest(),
        len(data),
        "page",
        "a",
        "a",
        "",
        2021,
        None,
        page,
    )
    (tmp_path / "a.txt").write_bytes(data)
    (tmp_path / "a.txt.meta.json").write_bytes(sidecar.write())
    assert "福州市鼓楼区审计局" in check(tmp_path / "a.txt")[1]
    (tmp_path / "a.txt").write_bytes(data + b"x")
    assert "福州市鼓楼区审计局" not in check(tmp_path / "a.txt")[1]

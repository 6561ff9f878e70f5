"""The command line as a whole: mistakes end in one line and code 2, whatever the subcommand."""

import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.cli.arguments import parse_years
from pipelines.load import code_version
from pipelines.orchestrate.project import open_project, prepare_home
from tests.house import SEED

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "COMMAND"),
        (["biuld"], "biuld"),
        (["build", "--years", "21"], "no report year"),
        (["build", "--years", "2022-2020"], "no report year"),
        (["build", "--years", "２０２１"], "no report year"),
        (["ui", "--port", "99999"], "99999"),
        (["query", "SELECT 1", "-f", "xml"], "xml"),
    ],
)
def test_wrong_arguments(capsys, arguments, message):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_the_version_is_the_one_that_a_release_names(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert not stop.value.code
    name, version = capsys.readouterr().out.split()
    assert (name, version) == ("gongkai", code_version())
    assert re.fullmatch(r"[0-9.]+\+[0-9a-f]{12}", version)


@pytest.mark.parametrize("command", ["build", "ui"])
def test_raw_that_is_no_folder(tmp_path, capsys, command):
    assert main([command, "--raw", str(tmp_path / "absent"), "--warehouse", str(tmp_path)]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_build_of_a_year_that_is_no_report_year(tmp_path, capsys):
    (tmp_path / "raw").mkdir()
    code = main(["build", "--raw", str(tmp_path / "raw"), "--warehouse", str(tmp_path / "w"), "--years", "1999"])
    assert code == 2
    assert "no report year 1999" in capsys.readouterr().err


def test_ui_says_that_the_port_is_taken(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["ui", "--raw", str(tmp_path), "--warehouse", str(tmp_path / "w"), "--port", port]) == 2
    assert "choose another with --port" in capsys.readouterr().err


def run_from(folder, *arguments, **options):
    """Run the command in a process of its own, from a folder that need not be there any more."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from pipelines.cli import main; raise SystemExit(main())"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, stderr=subprocess.PIPE, text=True, check=False, **options)


def test_a_current_folder_that_is_gone(tmp_path):
    gone = f"import os; os.mkdir({str(tmp_path / 'gone')!r}); os.chdir({str(tmp_path / 'gone')!r}); os.rmdir('../gone')"
    code = f"{gone}; import sys; sys.path.insert(0, {str(ROOT)!r}); from pipelines.cli import main; sys.exit(main())"
    for arguments in (["status"], ["check", "report.html"], ["query", "SELECT 1"]):
        told = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
        assert told.returncode == 2
        assert told.stderr.startswith("gongkai: the current folder is gone")
        assert told.stderr.count("\n") == 1


@pytest.mark.parametrize("buffered", [{"PYTHONUNBUFFERED": "1"}, {"PYTHONUNBUFFERED": ""}], ids=["bare", "buffered"])
@pytest.mark.parametrize(
    "question", [["status"], ["query", "FROM agency_year"], ["query", "SELECT 1", "-f", "parquet"]]
)
def test_an_output_that_is_full(warehouse, question, buffered):
    with Path("/dev/full").open("w") as full:
        told = run_from(ROOT, *question, "--warehouse", warehouse, stdout=full, env={**os.environ, **buffered})
    assert told.stderr == "gongkai: standard output cannot be written: No space left on device\n"
    assert told.returncode == 2


@pytest.mark.parametrize(("closed", "told"), [(">&-", "gongkai: standard output is closed"), (">&- 2>&- <&-", "")])
def test_an_output_that_is_closed(warehouse, closed, told):
    """What is opened later must not take its number, lest somebody's complaint be written into the warehouse."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from pipelines.cli import main; raise SystemExit(main())"
    command = f"{shlex.join([sys.executable, '-c', code, 'status', '--warehouse', str(warehouse)])} {closed}"
    result = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith(told)
    assert result.stderr.count("\n") <= 1


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_an_output_that_lacks_characters(warehouse, tmp_path, encoding):
    """A person sees `?` in their place; data is refused, where a `?` would be taken for what was reported."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    report = tmp_path / "report.md"
    report.write_text(SEED.read_text(encoding="utf-8").replace("数量\t3", "数量\t5", 1), encoding="utf-8")
    checked = run_from(ROOT, "check", report, stdout=subprocess.DEVNULL, env=environment)
    assert (checked.returncode, checked.stderr) == (1, "")
    ask = ["query", "SELECT '公✗' AS text", "--warehouse", warehouse]
    shown = run_from(ROOT, *ask, stdout=subprocess.DEVNULL, env=environment)
    assert (shown.returncode, shown.stderr) == (0, "")
    refused = run_from(ROOT, *ask, "-f", "csv", stdout=subprocess.DEVNULL, env=environment)
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"gongkai: standard output is {encoding}, which has no ")
    assert refused.stderr.count("\n") == 1


def test_years():
    assert parse_years("2021,2019-2020, undated") == ("2019", "2020", "2021", "undated")


def test_folders_come_from_the_option_the_environment_or_the_project(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    deep = tmp_path / "docs" / "deep"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    for name in ("GONGKAI_RAW", "GONGKAI_WAREHOUSE", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    project = open_project()
    assert project.workspace.raw == tmp_path / "data" / "raw"
    assert project.home == tmp_path / ".dagster"
    monkeypatch.setenv("GONGKAI_WAREHOUSE", str(tmp_path / "elsewhere"))
    assert open_project().home == tmp_path / "elsewhere" / ".dagster"
    assert open_project(warehouse=tmp_path / "third").workspace.warehouse == tmp_path / "third"


def test_the_instance_takes_the_projects_settings_and_leaves_those_of_others(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "dagster.yaml").write_text("# one\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    home = prepare_home(open_project())
    assert (home / "dagster.yaml").read_text() == "# one\n"
    (tmp_path / "dagster.yaml").write_text("# two\n")
    prepare_home(open_project())
    assert (home / "dagster.yaml").read_text() == "# two\n"
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "dagster.yaml").write_text("# theirs\n")
    monkeypatch.setenv("DAGSTER_HOME", str(theirs))
    prepare_home(open_project())
    assert (theirs / "dagster.yaml").read_text() == "# theirs\n"
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "bare"))
    assert (prepare_home(open_project()) / "dagster.yaml").read_text() == "# two\n"


@pytest.mark.parametrize("warehouse", ["raw", "raw/warehouse", "."])
def test_raw_and_warehouse_may_not_lie_in_one_another(tmp_path, warehouse, capsys):
    (tmp_path / "raw").mkdir()
    assert main(["build", "--raw", str(tmp_path / "raw"), "--warehouse", str(tmp_path / warehouse)]) == 2
    assert "lie in one another" in capsys.readouterr().err
    assert list((tmp_path / "raw").iterdir()) == []


def test_an_empty_raw_folder_does_not_empty_a_warehouse(tmp_path, capsys):
    (tmp_path / "raw").mkdir()
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse/gongkai.duckdb").write_bytes(b"kept")
    assert main(["build", "--raw", str(tmp_path / "raw"), "--warehouse", str(tmp_path / "warehouse")]) == 2
    assert "holds no file" in capsys.readouterr().err
    assert (tmp_path / "warehouse/gongkai.duckdb").read_bytes() == b"kept"


def test_a_build_names_an_executor_that_it_does_not_know(tmp_path, monkeypatch, capsys):
    (tmp_path / "raw").mkdir()
    folders = ["--raw", str(tmp_path / "raw"), "--warehouse", str(tmp_path / "warehouse")]
    assert main(["build", *folders, "--executor", "spark://x"]) == 2
    monkeypatch.setenv("GONGKAI_EXECUTOR", "elsewhere")
    assert main(["build", *folders]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "'spark://x' is no executor" in first
    assert "'elsewhere' is no executor" in second
    assert not (tmp_path / "warehouse").exists()

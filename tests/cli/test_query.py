"""`gongkai query` and `gongkai status`: answers in every format, no way to change anything, mistakes in one line."""

import csv
import io
import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def query(warehouse, capsys):
    def run(sql: str, *options: str) -> tuple[int, str, str]:
        code = main(["query", sql, "--warehouse", str(warehouse), *options])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


NEW = "SELECT column_code, value FROM reported_cell WHERE row_code = 'new_received' ORDER BY column_number"


def test_table_shows_rows_and_nulls(query):
    code, out, _ = query("SELECT 1.5 AS half, NULL AS none, 'a[b]c' AS text, 53::BIGINT AS whole")
    assert code == 0
    assert out.split()[:4] == ["half", "none", "text", "whole"]
    assert out.split()[-4:] == ["1.5", "null", "a[b]c", "53"]


def test_what_a_build_asks_of_warehouses_imports_no_pandas(warehouse):
    """It takes a third of a second, and DuckDB imports it for any value that is bound."""
    code = (
        "import sys; from pathlib import Path; from pipelines.cli.status import read_status\n"
        "from pipelines.load.compare import compare_releases; from pipelines.settings import Workspace\n"
        "folder = Path(sys.argv[1]); read_status(Workspace(folder, folder)); database = folder / 'gongkai.duckdb'\n"
        "with compare_releases(database, database) as connection: connection.sql('FROM change_summary').fetchall()\n"
        "print([name for name in ('pandas', 'pyarrow') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, warehouse], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


def test_an_answer_too_wide_for_the_terminal_stands_record_by_record(query):
    wide = "SELECT range AS n, " + ", ".join(f"'value {number} [x]' AS column_{number}" for number in range(30))
    code, out, _ = query(f"{wide} FROM range(2)")
    assert code == 0
    lines = [line.strip().split(maxsplit=1) for line in out.splitlines()]
    assert lines.count(["column_7", "value 7 [x]"]) == 2
    assert [line[1] for line in lines if line[0] == "n"] == ["0", "1"]
    assert [line[1] for line in lines if line[0] == "record"] == ["1", "2"]
    _, out, _ = query(f"{wide} FROM range(0)")
    assert out.startswith("no rows of n, column_0, column_1,")
    _, out, _ = query("SELECT 1 AS n, repeat('长', 300) AS text")  # one long text is folded where it stands
    assert "record" not in out


def test_long_answers_are_cut_on_the_terminal_only(query):
    code, out, _ = query("FROM range(1000)")
    assert code == 0
    assert "200 of 1,000 rows" in out
    _, out, _ = query("FROM range(1000)", "-f", "csv")
    assert out.count("\n") == 1001


def test_an_answer_without_end_is_not_fetched_for_a_terminal(query):
    code, out, _ = query("FROM range(1_000_000_000_000)")
    assert code == 0
    assert "200 of more than 100,000 rows" in out
    _, out, _ = query("SELECT range AS n FROM range(1_000_000) ORDER BY n DESC")
    assert "999999" in out


def test_csv_and_json_say_the_same(query):
    _, text, _ = query(NEW, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["value"] for row in rows] == ["3", "0", "0", "0", "0", "0", "3"]
    _, text, _ = query(NEW, "--format", "json")
    assert [row["value"] for row in json.loads(text)] == [3, 0, 0, 0, 0, 0, 3]
    _, text, _ = query("FROM fact_legacy", "--format", "json")
    assert json.loads(text) == []


def test_json_has_no_word_for_nan_and_keeps_nesting(query):
    sql = "SELECT 'nan'::DOUBLE AS n, [1, 2] AS l, {'a': DATE '2021-01-02'} AS s, sum(3) AS h, '中' AS z"
    _, text, _ = query(sql, "-f", "json")
    assert json.loads(text) == [{"n": None, "l": [1, 2], "s": {"a": "2021-01-02"}, "h": 3, "z": "中"}]
    assert "中" in text


def test_a_join_that_gives_a_name_twice_shows_both(query):
    """As every join without USING does."""
    join = (
        "FROM dim_report AS r JOIN dim_agency AS a ON a.agency_id = r.agency_id SELECT r.agency_id, a.agency_id, r.year"
    )
    for kind in ("csv", "json", "table"):
        code, out, err = query(join, "-f", kind)
        assert (code, err) == (0, "")
        assert "agency_id_1" in out
    _, text, _ = query(join, "-f", "json")
    [row] = json.loads(text)
    assert list(row) == ["agency_id", "agency_id_1", "year"]
    assert row["agency_id"] == row["agency_id_1"] > 0


def test_of_several_questions_none_is_dropped(query):
    code, out, err = query("FROM range(1); FROM range(2)")
    assert (code, out) == (2, "")
    assert "2 questions at once" in err
    assert query("SET threads = 1; FROM range(1); -- one")[0] == 0
    assert query("PIVOT (SELECT '名' AS n, 47 AS v) ON n USING sum(v)", "-f", "csv")[1] == "名\n47\n"


def test_what_no_frame_has_a_type_for_is_shown_as_text(query):
    sql = """SELECT released_at - released_at AS i, [INTERVAL 1 DAY] AS l, '101'::BIT AS b, 2::UHUGEINT AS u
        FROM meta_release"""
    code, text, err = query(sql, "-f", "json")
    assert (code, err) == (0, "")
    assert json.loads(text)[0] == {"i": "00:00:00", "l": ["1 day"], "b": "101", "u": 2}


def test_output_goes_to_a_file(query, tmp_path):
    for kind in ("parquet", "csv", "json"):
        code, out, _ = query(NEW, "-f", kind, "-o", str(tmp_path / f"x.{kind}"))
        assert (code, out) == (0, "")
    assert pl.read_parquet(tmp_path / "x.parquet")["value"].sum() == 6
    assert pl.read_csv(tmp_path / "x.csv")["value"].sum() == 6
    code, _, err = query(NEW, "-f", "csv", "-o", str(tmp_path / "no" / "x.csv"))
    assert code == 2
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM reported_cell",
        "CREATE TABLE x (a INT)",
        "COPY (SELECT 1) TO '{folder}/x.csv'",
        "ATTACH '{folder}/x.duckdb'",
        "SELECT * FROM read_text('{folder}/secret')",
        "SET enable_external_access = true; COPY (SELECT 1) TO '{folder}/x.csv'",
        "SELEC 1",
        "FROM nowhere",
        "SELECT CAST('a' AS INTEGER)",
        "SET threads = 1",
        "",
    ],
)
def test_nothing_can_be_changed_and_mistakes_are_one_line(query, tmp_path, sql):
    (tmp_path / "secret").write_text("s")
    code, out, err = query(sql.replace("{folder}", str(tmp_path)))
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("gongkai: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret"]


@pytest.mark.parametrize(
    ("sql", "hint"),
    [("SELECT row_code FROM fact_request_outcome", "DESCRIBE"), ("FROM fact_request_outcomes", "SHOW TABLES")],
)
def test_a_name_that_is_not_there_leads_to_those_that_are(query, sql, hint):
    code, _, err = query(sql)
    assert code == 2
    assert hint in err


@pytest.mark.parametrize("command", [["query", "SELECT 1"], ["status"]])
def test_no_warehouse_yet(tmp_path, capsys, command):
    assert main([*command, "--warehouse", str(tmp_path)]) == 2
    assert "run `gongkai build`" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["text", "empty", "sqlite", "duckdb", "cut"])
def test_a_file_that_is_no_warehouse_is_said_to_be_none_at_every_door(warehouse, tmp_path, capsys, monkeypatch, kind):
    """A file of SQLite had DuckDB ask the network for an extension, and any file was put where others read."""
    database, target = tmp_path / "gongkai.duckdb", tmp_path / "shared"
    if kind == "duckdb":
        duckdb.connect(str(database)).close()
    elif kind == "sqlite":
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("CREATE TABLE dim_year (year)")
    else:
        whole = (warehouse / "gongkai.duckdb").read_bytes()
        database.write_bytes({"text": b"no database at all", "empty": b"", "cut": whole[: len(whole) // 2]}[kind])
    monkeypatch.setattr("sys.stdin", io.StringIO("FROM dim_year;"))
    target.mkdir()
    for command in (
        ["query", "FROM dim_year"], ["query", "FROM dim_year", "-f", "parquet", "-o", target / "x.parquet"], ["status"],
        ["shell"], ["explore"], ["review"], ["export", "--xlsx", target / "x.xlsx"], ["share", "copy", target],
        ["share", "ducklake", target / "catalog", target],
    ):  # fmt: skip
        assert main([*map(str, command), "--warehouse", str(tmp_path)]) == 2, command
        told = capsys.readouterr().err
        assert told.count("\n") == 1, command
        assert str(database) in told, command
        assert "extension" not in told
    for sides in ([database, warehouse], [warehouse, database]):
        assert main(["diff", *map(str, sides)]) == 2
        told = capsys.readouterr().err
        assert "extension" not in told
        assert str(database) in told
    assert list(target.iterdir()) == []


def test_status_counts_by_year_and_names_the_rejected(warehouse, capsys):
    assert main(["status", "--warehouse", str(warehouse)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["2020", "1", "0", "0", "0", "1", "0"] in [line[:7] for line in lines]
    assert ["2021", "1", "1", "0", "0", "0", "200"] in [line[:7] for line in lines]
    assert ["2021", "1", "1", "1", "1", "1", "0"] in lines  # expected, found, parsed, loaded, passed, missing
    assert ["2020/无表[1].txt", "no_statistic_table"] in [line[:2] for line in lines]


def test_a_closed_pipe_is_no_traceback(warehouse):
    """`gongkai query … | head -1`: the reader goes while most of the answer is still to be written."""
    command = [sys.executable, "-c", "import sys; from pipelines.cli import main; sys.exit(main())"]
    command += ["query", "FROM range(1000000)", "-f", "csv", "--warehouse", str(warehouse)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"range\n"
        process.stdout.close()
        assert process.wait() == 141
        assert process.stderr.read() == b""


def test_an_interrupted_question_is_worked_on_no_longer(warehouse, tmp_path):
    """DuckDB goes on in threads of its own, and closing waited for these: here for hours."""
    sql = "SELECT count(*) FROM range(100_000_000_000) AS a, range(10) AS b WHERE (a.range * b.range) % 7 = 3"
    command = [sys.executable, "-c", "import sys; from pipelines.cli import main; sys.exit(main())"]
    command += ["query", sql, "-f", "csv", "-o", str(tmp_path / "out.csv"), "--warehouse", str(warehouse)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        try:
            while not any(tmp_path.iterdir()):
                time.sleep(0.05)
            time.sleep(2)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, told) == (130, b"gongkai: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_what_a_report_prints_gives_the_terminal_no_command(query):
    code, out, _ = query("SELECT chr(27) || '[2J' AS a, chr(155) || '31m' AS b, chr(8238) || '321' AS c")
    assert code == 0
    assert not set(out) & set("\x1b\x9b\u202e")
    assert "[2J" in out
    code, _, told = query(f'SELECT "{chr(27)}[2J"')
    assert code == 2
    assert chr(27) not in told


def test_a_question_in_another_encoding_is_said_to_be_so(query):
    code, _, told = query("SELECT '\udcc4\udcea'")
    assert code == 2
    assert told == "gongkai: the question is no text in UTF-8; save the file that holds it as UTF-8\n"


BIG = "SELECT range AS n, range * 1.5 AS d, repeat(range::VARCHAR, 50) AS t, DATE '2020-01-01' AS day FROM range({})"


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_what_is_held_of_an_answer_does_not_grow_with_it(warehouse, tmp_path, form):
    peaks = []
    for rows in (1_000, 300_000):
        code = (
            "import resource, sys; from pipelines.cli import main; code = main(sys.argv[1:])\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr); sys.exit(code)"
        )
        command = ["query", BIG.format(rows), "-f", form, "--warehouse", warehouse, "-o", tmp_path / "out"]
        asked = subprocess.run(
            [sys.executable, "-c", code, *command], cwd=ROOT, capture_output=True, text=True, check=True
        )
        peaks.append(int(asked.stderr))
    assert peaks[1] - peaks[0] < 40_000, peaks  # kilobytes; the texts alone are 90,000


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("TIMESTAMP 'infinity'", "infinity"), ("TIMESTAMP '290000-01-01'", "290000-01-01 00:00:00"),
        ("DATE '-infinity'", "-infinity"), ("[DATE 'infinity']", '["infinity"]'),
        ("TIMESTAMP_S 'infinity'", "infinity"), ("['\\xFF'::BLOB]::BLOB[1]", '["\\\\xFF"]'),
        ("{'a b': TIMESTAMP '-infinity'}", '{"a b": "-infinity"}'), ("TIMETZ '12:00:00+08'", "12:00:00+08"),
        (f"{2**127 - 1}::HUGEINT", str(2**127 - 1)), ("INTERVAL 3 MONTH", "3 months"), ("'101'::BIT", "101"),
        ("'\\xFF'::BLOB", "\\xFF"), ("union_value(k := 3)", "3"), ("MAP {'a': MAP {1: 2}}", '{"a": {"1": 2}}'),
        ("MAP {DATE 'infinity': [INTERVAL 3 MONTH]}", '{"infinity": ["3 months"]}'),
        ("TIMESTAMP_NS '2020-01-01 00:00:00.123456789'", "2020-01-01 00:00:00.123456789"),
        ("row(1, DATE '9999-12-31')", "(1, 9999-12-31)"), ("NULL::TIMESTAMP", ""), ("sum(3::BIGINT)", "3"),
    ],
)  # fmt: skip
def test_a_value_is_shown_as_it_is_or_refused_in_a_line(query, tmp_path, value, shown):
    code, out, err = query(f"SELECT {value} AS v, 1 AS one", "-f", "csv")
    assert (code, err) == (0, "")
    assert next(csv.DictReader(io.StringIO(out)))["v"] == shown
    for form in ("json", "table"):
        assert query(f"SELECT {value} AS v", "-f", form)[0] == 0
    code, _, err = query(f"SELECT {value} AS v, 1 AS one", "-f", "parquet", "-o", str(tmp_path / "x.parquet"))
    if "HUGEINT" in value or "TIMESTAMP_S" in value:  # more than 38 digits; a time that DuckDB cannot convert
        assert code == 2
        assert err.count("\n") == 1
        return
    assert (code, err) == (0, "")
    with duckdb.connect() as connection:
        again = connection.sql(f"SELECT v::VARCHAR, one FROM read_parquet('{tmp_path / 'x.parquet'}')").fetchall()
        assert again == connection.sql(f"SELECT ({value})::VARCHAR, 1").fetchall()


def test_points_in_time_are_written_in_json_as_iso_has_them(query):
    sql = "SELECT TIMESTAMP '2021-01-02 03:04:05' AS t, NULL::TIMESTAMP AS n, DATE '2021-01-02' AS d"
    assert json.loads(query(sql, "-f", "json")[1]) == [{"t": "2021-01-02T03:04:05", "n": None, "d": "2021-01-02"}]


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "table"])
def test_an_answer_that_breaks_off_leaves_the_file_that_was_there(query, tmp_path, form):
    target = tmp_path / "it's.out"
    breaking = "SELECT CASE WHEN range = 50_000 THEN error('broken') ELSE range END AS n FROM range(100_000)"
    assert query("SELECT 47 AS n", "-f", form, "-o", str(target))[0] == 0
    before = target.read_bytes()
    code, _, err = query(breaking, "-f", form, "-o", str(target))
    assert code == 2
    assert err.count("\n") == 1
    assert "broken" in err
    assert (target.read_bytes(), [path.name for path in tmp_path.iterdir()]) == (before, [target.name])


def test_no_answer_is_written_over_the_warehouse(query, warehouse, tmp_path, capsys):
    database = warehouse / "gongkai.duckdb"
    before = database.read_bytes()
    (tmp_path / "link").symlink_to(database)
    for target in (database, tmp_path / "link"):
        for form in ("csv", "parquet"):
            assert query("SELECT 1 AS n", "-f", form, "-o", str(target))[0] == 2
        assert main(["export", "--xlsx", str(target), "--warehouse", str(warehouse)]) == 2
        assert "is the warehouse itself" in capsys.readouterr().err
    assert database.read_bytes() == before


def test_a_question_that_is_written_to_a_file_touches_no_other(query, tmp_path):
    (tmp_path / "secret").write_text("s")
    for sql in (f"FROM read_text('{tmp_path}/secret')", f"COPY (SELECT 1) TO '{tmp_path}/x.csv'",
                "SET enable_external_access = true; SELECT 1", "RESET allowed_paths; SELECT 1"):  # fmt: skip
        assert query(sql, "-f", "parquet", "-o", str(tmp_path / "out.parquet"))[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]

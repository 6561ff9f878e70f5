"""An edition is data: one that nobody issued, added to a copy of `schemas/`, goes the whole way into a warehouse.

Whatever a new form may do is done to it at once: rows and columns come, go and are split, a label is reworded, an
amount is asked for in another unit. Only data files are touched; the code is the project's own.
"""

import csv
import json
import re
import shutil
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.new_edition import (
    BASE,
    FORMS,
    GONE,
    IN_FORCE,
    NEW,
    REWORDED,
    ROOT,
    SPLIT,
    add_edition,
    add_to_bridge,
    replaced,
    run,
)

GRANTED, OFFICE, BUREAU, LATE = (
    "平顶山市卫东区" + unit for unit in ("财政局", "人民政府办公室", "教育体育局", "司法局")
)


WRITE = """
import json, sys
from pathlib import Path
from tests.factory.document import expected_csv, make_document
for number, (form, container, year, agency) in enumerate(json.loads(sys.argv[1])):
    made = make_document(number, form, container, year=year, agency=agency, size="city")
    folder = Path("raw") / str(year)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{agency}.{made.container.extension}").write_bytes(made.content)
    Path(f"{agency}-{year}.csv").write_text(expected_csv(made.figures), encoding="utf-8")
"""
HEADLESS = "challenge without its header"  # which the number of its figures tells, and that is another in each edition
# Layouts in which either edition is read as if it were the only one.
LAYOUTS = [
    (BASE, "tabs"), (BASE, "pipes", "bare_pipes"), (BASE, "html"), (BASE, "html", HEADLESS),
    (BASE, "html", "request_turned"), (BASE, "html", "challenge_turned"), (BASE, "pipes", "labels_torn_off"),
    (NEW, "tabs"), (NEW, "lines"),
    (NEW, "lines_bar"), (NEW, "pdf"), (NEW, "html", "request_turned"), (NEW, "html", "request_folded"),
    (NEW, "html", "challenge_turned"), (NEW, "html", "challenge_header_flat"), (NEW, "html", "columns_reordered"),
    (NEW, "html", "shifted_colspans"), (NEW, "docx", "challenge_listed"), (NEW, "html", "challenge_in_two"),
]  # fmt: skip
SCORE = """
import json, sys
from pathlib import Path
from tests import fidelity
from tests.cases import load_cases
from tests.factory.document import expected_csv, make_document
for folder in ("documents", "expected"):
    Path("layouts", folder).mkdir(parents=True)
for number, (form, container, *quirks) in enumerate(json.loads(sys.argv[1])):
    made = make_document(number, form, container, [quirk for quirk in quirks if " " not in quirk], size="city")
    name = f"{number}.{made.container.extension}"
    # A slip in a label that bears another number in the newer form.
    content = made.content.replace("8.属于行政查询".encode(), "8.属于政查询".encode())
    if quirks != list(made.quirks):
        before, challenge = content.rsplit(b"<table", 1)
        header, *_, figures = challenge.split(b"<tr>")
        content = b"<tr>".join([before + b"<table" + header, figures])
    Path("layouts/documents", name).write_bytes(content)
    Path("layouts/expected", name + ".csv").write_text(expected_csv(made.figures), encoding="utf-8")
for result in fidelity.score_cases(load_cases(Path("layouts"))):
    if result.wrong or result.missing or result.complaints:
        print(result.case.name, *result.wrong, *result.missing, *result.complaints)
"""
EXACT = ("T2-domain", "T3-balance", "T3-sum", "T3-row", "T4-domain", "T4-sum", "STRUCT-rows", "STRUCT-cells")
COMMAND = "import sys; from pipelines.cli import main; sys.exit(main(sys.argv[1:]))"
DOCUMENTS = [
    (BASE, "html", 2098, OFFICE),
    (BASE, "docx", 2098, BUREAU),
    (NEW, "html", 2099, OFFICE),
    (NEW, "docx", 2099, BUREAU),
    # What both editions print alike says nothing: an old form filed in the new one's first year is old throughout.
    (BASE, "html", 2099, LATE),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A folder with the project's code and a copy of its data with one edition more, which the bridge does not know."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("pipelines", "tests"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "schemas", folder / "schemas", ignore=shutil.ignore_patterns("__pycache__"))
    add_edition(folder / "schemas")
    written = run(folder, WRITE, json.dumps(DOCUMENTS))
    assert written.returncode == 0, written.stderr
    return folder


@pytest.fixture(scope="module")
def refused(house):
    """What a build says before bridge and measures speak of the new edition, and again once the split row is named."""
    build = ("build", "--raw", "raw", "--warehouse", "warehouse", "--quiet")
    told = [run(house, COMMAND, *build).stderr]
    measures = house / "schemas/measures.toml"
    measures.write_text(replaced(measures.read_text(encoding="utf-8"), *SPLIT), encoding="utf-8")
    told.append(run(house, COMMAND, "forms").stdout)
    return told


@pytest.fixture(scope="module")
def warehouse(house, refused):
    """The warehouse with reports on both editions, opened to be read."""
    named = add_to_bridge(house / "schemas", refused[1])
    assert named == [
        "challenges", "challenges_corrected", "challenges_decided", "challenges_upheld", "coercion_decisions", "denied",
        "denied_third_party_rights", "litigations_decided", "outcomes", "reconsiderations_decided", "unavailable",
        "undecided",
    ]  # fmt: skip
    built = run(house, COMMAND, "build", "--raw", "raw", "--warehouse", "warehouse", "--quiet")
    assert built.returncode == 0, built.stderr
    with duckdb.connect(house / "warehouse/gongkai.duckdb", read_only=True) as connection:
        yield connection


def expected(house: Path, agency: str, year: int) -> dict[tuple[str, ...], Decimal]:
    with (house / f"{agency}-{year}.csv").open(encoding="utf-8") as lines:
        return {
            (row["table_code"], row["row_code"], row["column_code"]): Decimal(row["value"])
            for row in csv.DictReader(lines)
        }


def ask(warehouse: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return warehouse.execute(query).fetchall()


def test_a_build_names_at_once_every_measure_that_the_edition_changes(refused):
    told = [re.sub(r"\s+", " ", text) for text in refused]
    assert "Traceback" not in told[0]
    assert "denied_third_party_rights: in form 2099 it no longer has request.denied_third_party_rights" in told[0]
    assert "coercion_decisions: in form 2099 it no longer has proactive.coercion" in told[0]
    assert "reconsiderations_decided: in form 2099 it adds up challenge.reconsideration.withdrawn" in told[0]
    # A new kind of applicant is one more of those that every row adds up, and changes no measure.
    assert "new_received" not in told[0]
    assert "denied_third_party_rights: in form 2099 it adds up request.privacy, request.trade_secret" in told[1]


@pytest.mark.parametrize(("form", "agency", "year"), [(form, agency, year) for form, _, year, agency in DOCUMENTS])
def test_every_figure_of_both_editions_is_where_it_was_printed(house, warehouse, form, agency, year):
    read = {
        tuple(cell): Decimal(repr(value))
        for *cell, value, edition in ask(
            warehouse,
            f"""SELECT c.table_code, c.row_code, c.column_code, c.value, c.form_code FROM reported_cell AS c
            JOIN dim_report USING (report_id) JOIN dim_agency USING (agency_id)
            WHERE agency_name = '{agency}' AND year = {year}""",
        )
        if edition == form
    }
    assert read == expected(house, agency, year)
    ((edition,),) = ask(
        warehouse, f"SELECT form_code FROM agency_year WHERE agency_name = '{agency}' AND year = {year}"
    )
    assert edition == form
    passed = ask(
        warehouse,
        f"""SELECT DISTINCT rule_id FROM quality_result JOIN dim_report USING (report_id)
        JOIN dim_agency USING (agency_id) WHERE agency_name = '{agency}' AND year = {year} AND status = 'pass'""",
    )
    assert {(rule,) for rule in EXACT} <= set(passed)
    assert (("T3-late",) in passed) == (form == NEW)
    # Every cell of the form is there once, every row has a code, and no label of another edition is among them.
    assert ask(warehouse, "SELECT reason_code, raw_text FROM finding WHERE reason_code <> 'identity_broken'") == []


def test_neither_edition_is_read_otherwise_beside_the_other(house):
    scored = run(house, SCORE, json.dumps(LAYOUTS))
    assert scored.returncode == 0, scored.stderr
    assert scored.stdout == ""


def test_rows_that_ran_together_need_no_more_digits_than_the_older_form_has_columns(house):
    program = "import sys; from pipelines.normalize.indicators import context as c; print(c._run_together_rows())"
    pattern = run(house, program).stdout.strip()
    rows = [label + "1" * 7 for label in ("一、本年新收政府信息公开申请数量", "二、上年结转政府信息公开申请数量")]
    assert re.search(pattern, "".join(rows))


@pytest.mark.parametrize("agency", [OFFICE, BUREAU])
def test_measures_add_up_what_the_edition_prints(house, warehouse, agency):
    printed = expected(house, agency, 2099)
    sums: dict[str, float] = defaultdict(float)
    for (table, row, column), value in printed.items():
        if column == "total":
            sums[f"{table}.{row}"] += float(value)
        if table == "challenge" and column not in ("total", "pending"):
            sums["decided"] += float(value)
    (told,) = ask(
        warehouse,
        f"""SELECT denied_third_party_rights, denied_internal_affairs, challenges_decided, fees_yuan, handled, outcomes,
            new_received, coercion_decisions, denied - denied_state_secret - denied_by_law - denied_security_stability
            - denied_third_party_rights - denied_internal_affairs - denied_process_information - denied_enforcement_file
            - denied_administrative_inquiry
        FROM agency_year WHERE agency_name = '{agency}' AND year = 2099""",
    )
    handled = sums["request.handled_total"]
    assert told == (
        sums["request.trade_secret"] + sums["request.privacy"], sums["request.denied_internal_affairs"],
        sums["decided"], float(printed["proactive", "fee", "amount"]), handled, handled, sums["request.new_received"],
        None, 0,
    )  # fmt: skip
    # The panel takes its figures from the cells of the bridge, agency_year from the facts.
    differ = ask(
        warehouse,
        """SELECT p.measure_code, p.year, p.value, m.value FROM agency_panel AS p
        JOIN agency_measure AS m USING (agency_id, year, measure_code) WHERE p.value IS DISTINCT FROM m.value""",
    )
    assert differ == []
    breaks = ask(
        warehouse,
        f"""SELECT DISTINCT measure_code FROM agency_panel AS p JOIN form_bridge AS b USING (measure_code)
        WHERE agency_name = '{agency}' AND year = 2099 AND is_break
            AND b.form_code = '{BASE}' AND b.comparability <> 'none'""",
    )
    assert breaks == [("coercion_decisions",)]


def test_dimensions_and_views_show_the_edition(warehouse):
    named = {
        code: (name, first, last)
        for table in ("request_outcome", "applicant", "challenge_result", "proactive_item")
        for code, name, first, last in ask(warehouse, f"SELECT code, name_zh, first_form, last_form FROM dim_{table}")
    }
    assert named["observatory"] == ("天文台站", NEW, NEW)
    assert named["withdrawn"] == ("抽签决定", NEW, NEW)
    assert named["trade_secret"] == ("涉及图书借阅", NEW, NEW)
    assert named["unavailable_not_compiled"][0] == REWORDED[1]
    for code in GONE:
        having = [
            form for form in FORMS if f'code = "{code}"' in (ROOT / f"schemas/forms/{form}.toml").read_text("utf-8")
        ]
        assert named[code][2] == having[-1]
    forms = ask(warehouse, "SELECT form_code FROM dim_year WHERE year IN (2098, 2099) ORDER BY year")
    assert forms == [(IN_FORCE,), (NEW,)]
    for view, column, value in [
        ("依申请公开收办", "申请人类别", "天文台站"), ("依申请公开办理结果", "办理结果", "涉及图书借阅"),
        ("复议诉讼", "结果", "抽签决定"), ("主动公开", "事项", "节气公告"),
    ]:  # fmt: skip
        years = ask(warehouse, f"""SELECT DISTINCT "年度" FROM "{view}" WHERE "{column}" = '{value}'""")
        assert years == [(2099,)], view
    applied = ask(
        warehouse,
        f"""SELECT DISTINCT rule_id FROM quality_result JOIN dim_report AS r USING (report_id) JOIN quality_rule AS q
        USING (rule_id) WHERE r.form_code = '{NEW}' AND q.form_code IS NOT NULL ORDER BY rule_id""",
    )
    assert applied == [("T2-low",), ("T2-stock-2021",), ("T3-late",)]  # and what it takes over


def test_people_who_write_no_sql_see_the_edition(house, warehouse):
    listed = run(house, COMMAND, "forms")
    assert (listed.returncode, "agree with one another" in listed.stdout) == (0, True), listed.stdout
    changes = run(house, COMMAND, "forms", "compare", NEW).stdout
    for words in ("row new      answered_late", "row gone     coercion", REWORDED[1]):
        assert re.search(words.replace(" ", r"\s+"), changes), changes
    shown = run(house, COMMAND, "check", f"raw/2099/{OFFICE}.html", "--explain")
    assert shown.returncode == 0, shown.stderr
    assert f"year    2099, form {NEW}" in shown.stdout
    assert "unmapped" not in shown.stdout
    for words in ("天文台站", "抽签决定", "4.涉及访客登记", "节气公告", REWORDED[1], "request.privacy"):
        assert words in shown.stdout
    exported = run(house, COMMAND, "export", "--xlsx", "all.xlsx", "--warehouse", "warehouse")
    assert exported.returncode == 0, exported.stderr
    assert "2099" in (house / "warehouse/quality.html").read_text(encoding="utf-8")
    printed = ask(warehouse, f"SELECT count(raw_text) FROM form_as_printed('{OFFICE}', 2099)")
    assert printed == [(len(expected(house, OFFICE, 2099)),)]


def test_a_year_to_come_is_refused_until_it_has_begun(house, warehouse):
    shown = run(house, COMMAND, "check", f"raw/2099/{OFFICE}.html", today="2098-12-31")
    assert "year_out_of_range" in shown.stdout
    assert "unmapped" not in shown.stdout
    wrong = run(house, COMMAND, "check", f"raw/2099/{OFFICE}.html", today="next year")
    assert wrong.returncode == 2
    assert wrong.stderr.strip().endswith("GONGKAI_TODAY is 'next year': write a day as 2028-02-01")

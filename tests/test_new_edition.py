"""An edition is data: one that nobody issued, added to a copy of `schemas/`, goes the whole way into a warehouse.

Whatever a new form may do is done to it at once: rows and columns come, go and are split, a label is reworded, an
amount is asked for in another unit. Only data files are touched; the code is the project's own.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[1]
# The new edition amends the one of 2021, whatever came since, and takes over in a year far off from the one in force.
BASE, NEW = "2021", "2099"
FORMS = sorted(path.stem for path in (ROOT / "schemas/forms").glob("*.toml"))
IN_FORCE = FORMS[-1]
GRANTED, OFFICE, BUREAU, LATE = (
    "平顶山市卫东区" + unit for unit in ("财政局", "人民政府办公室", "教育体育局", "司法局")
)

# What the steps of docs/forms.md ask for, in words that no form will ever have: a label has one code in all of them.
# Rows and columns: the code behind (or instead of) which they come, and they.
LABELS = [
    ("columns", "issued", ("amended", "本年誊抄件数", "Amended this year", None)),
    ("rows", "penalty", ("inspection", "节气公告", "Inspections", None)),
    ("columns", "legal_service", ("observatory", "天文台站", "Observatories", "organization")),
    ("columns", "other_result", ("withdrawn", "抽签决定", "Withdrawn", None)),
    ("rows", "litigation_after_reconsideration", ("recommendation", "邻里调停", "Recommendation", None)),
    ("rows", "denied_third_party_rights", ("trade_secret", "4.涉及图书借阅", "Denied: trade secret", "denied")),
    ("rows", "denied_third_party_rights", ("privacy", "4.涉及访客登记", "Denied: privacy", "denied")),
]
# A clause of 表二 more, as 2019 had one of procurement: the others are in both editions alike, and tell neither.
CLAUSE = """
  [[tables.clauses]]
  code = "clause_88"
  caption = "第八十八条第（八）项"
  en = "Article 88(8)"
  header_notes = ["信息内容"]

  [[tables.clauses.columns]]
  code = "planted"
  label = "本年栽种株数"
  en = "Planted this year"
  unit = "株"

  [[tables.clauses.rows]]
  code = "tree"
  label = "行道树"
  en = "Trees"
"""
# A row that is neither result nor part of the balance, and what the form says of it.
LATE_ROW = """
  [[tables.clauses.rows]]
  code = "answered_late"
  label = "五、日落后答复数量"
  en = "Answered late"
  kind = "memo"
"""
LATE_RULE = f"""
[[rules]]
id = "T3-late"
name = "No more are answered late than are handled"
formula = "answered_late <= handled_total, each column"
form_code = "{NEW}"
table_code = "request"
scope = "column"
severity = "error"
description_en = "What is answered late is handled."
description_zh = "日落后答复数量不超过总计。"

  [[rules.checks]]
  kind = "linear"
  over = "columns"
  left = ["answered_late"]
  relation = "<="
  right = ["handled_total"]
"""
GONE = ("coercion", "denied_third_party_rights")
RENUMBERED = [(f"{n}.属于{text}", f"{n - 1}.属于{text}") for n, text in ((7, "行政执法案卷"), (8, "行政查询事项"))]
REWORDED = ("没有现成信息需要另行制作", "需要加工分析现有信息")
IN_YUAN = [("本年收费金额（单位：万元）", "本年收费金额（单位：元）"), ('unit = "万元"', 'unit = "元"')]
SPLIT = ('rows = ["denied_third_party_rights"]', 'rows = ["denied_third_party_rights", "trade_secret", "privacy"]')

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


def replaced(text: str, old: str, new: str) -> str:
    assert old in text, f"{BASE}.toml no longer has {old!r}: let this test change something else"
    return text.replace(old, new, 1)


def span_of(text: str, axis: str, code: str) -> tuple[int, int]:
    """Return where the entry of a row or column begins and ends."""
    match = re.search(rf'  \[\[tables\.clauses\.{axis}\]\]\n  code = "{code}"\n(?:  .+\n)*\n?', text)
    assert match, f"{BASE}.toml no longer has {code}: let this test change something else"
    return match.span()


def add_edition(schemas: Path) -> None:
    """Add edition 2099 by the steps of docs/forms.md."""
    closed = schemas / "forms" / f"{IN_FORCE}.toml"
    last = closed.read_text(encoding="utf-8")
    closed.write_text(replaced(last, "\n\n[[tables]]", "\nlast_year = 2098\n\n[[tables]]"), encoding="utf-8")
    old = (ROOT / f"schemas/forms/{BASE}.toml").read_text(encoding="utf-8")
    old, in_force = re.sub(r"(?m)^last_year = .*\n", "", old, count=1), f"first_year = {BASE}\n"
    new = replaced(old, f'code = "{BASE}"', f'code = "{NEW}"')
    new = replaced(new, in_force, f'first_year = {NEW}\nfollows = "{BASE}"\n')
    for axis, code, label in LABELS:
        _, end = span_of(new, axis, code)
        words = zip(("code", "label", "en", "parent"), label, strict=True)
        lines = "".join(f'  {word} = "{value}"\n' for word, value in words if value)
        new = f"{new[:end]}  [[tables.clauses.{axis}]]\n{lines}\n{new[end:]}"
    _, end = span_of(new, "rows", "fee")
    new = new[:end] + CLAUSE + new[end:]
    _, end = span_of(new, "rows", "carried_forward")
    new = new[:end] + LATE_ROW + new[end:]
    for code in GONE:
        start, end = span_of(new, "rows", code)
        new = new[:start] + new[end:]
    for change in (REWORDED, *RENUMBERED, *IN_YUAN):
        new = replaced(new, *change)
    (schemas / f"forms/{NEW}.toml").write_text(new, encoding="utf-8")
    with (schemas / "rules/request.toml").open("a", encoding="utf-8") as rules:
        rules.write(LATE_RULE)


def add_to_bridge(schemas: Path, refusal: str) -> list[str]:
    """Paste what the refusal offers into the entries that it names; return these."""
    path = schemas / "bridge.toml"
    text = path.read_text(encoding="utf-8")
    offers = re.findall(rf'(?m)^ *(\w+): in form {NEW} .* with (\{{ form_code = "{NEW}", .*\}},)$', refusal)
    for measure, offer in offers:
        line = f"  {offer}\n".replace('reason_en = "…"', 'reason_en = "As it is now."').replace('"…"', '"新版如此。"')
        place = text.index("]\n", text.index("forms = [\n", text.index(f'code = "{measure}"\n')))
        text = text[:place] + line + text[place:]
    path.write_text(text, encoding="utf-8")
    return sorted(measure for measure, _ in offers)


def run(house: Path, program: str, *arguments: str, today: str = "2100-06-01") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(house), "GONGKAI_TODAY": today}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=house, env=environment, capture_output=True, text=True, check=False)


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
        "denied_third_party_rights", "litigations_decided", "outcomes", "reconsiderations_decided",
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

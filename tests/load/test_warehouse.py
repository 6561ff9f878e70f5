"""Two agencies, three years, from staged frames to every table of the contract."""

import duckdb
import polars as pl
import pytest

from pipelines.load import content_hashes, publish_warehouse
from pipelines.load.staged_views import STAGES
from schemas.ddl import warehouse_tables, warehouse_views
from schemas.form import load_forms
from schemas.ids import stable_id
from schemas.rule import load_rules
from schemas.table import load_tables
from schemas.vocabulary import Stage
from tests.load.example import FILES, JIA, RULE, YI
from tests.load.staged import stage_files, workspace_in


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    workspace = workspace_in(tmp_path_factory.mktemp("house"))
    stage_files(workspace, FILES)
    return workspace, publish_warehouse(workspace)


@pytest.fixture(scope="module")
def ask(published):
    connection = duckdb.connect(str(published[0].database), read_only=True)
    yield lambda query, *values: connection.execute(query, values).fetchall()
    connection.close()


def report_of(fake):
    return stable_id("report", fake.path, fake.sha256)


def test_every_table_and_view_of_the_contract_is_there_with_its_columns_and_comments(ask):
    for spec in (*warehouse_tables(), *warehouse_views()):
        described = ask(
            "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
            spec.name,
        )
        assert [(name, kind) for name, kind, _ in described] == [(c.name, c.type) for c in spec.columns], spec.name
        assert all(comment and column.zh in comment and column.en in comment
                   for (_, _, comment), column in zip(described, spec.columns, strict=True))  # fmt: skip
    comments = ask(
        "SELECT comment FROM duckdb_tables() UNION ALL SELECT comment FROM duckdb_views() WHERE NOT internal"
    )
    assert len(comments) == len(warehouse_tables()) + len(warehouse_views())
    assert all(comment for (comment,) in comments)


def test_names_of_the_contract():
    contract = {
        "dim_agency": "agency_id agency_name agency_type admin_level region_code province_name prefecture_name "
        "county_name parent_agency_id",
        "dim_agency_alias": "alias agency_id evidence",
        "dim_year": "year form_code",
        "dim_report": "report_id agency_id year title form_code published_date file_id is_current",
        "dim_region": "region_code name level parent_code valid_from valid_to",
        "fact_request_flow": "agency_id year applicant_code report_id new_received carried_in handled carried_forward",
        "fact_request_outcome": "agency_id year outcome_code applicant_code report_id requests",
        "fact_challenge": "agency_id year channel_code result_code report_id cases",
        "fact_proactive": "agency_id year item_code measure_code report_id value",
        "fact_legacy": "agency_id year indicator_code report_id value cumulative unit",
        "reported_cell": "report_id table_code form_code row_code column_code value value_status unit raw_text "
        "raw_label file_id table_number row_number column_number",
        "finding": "file_id report_id stage reason_code severity table_number row_number column_number "
        "raw_text message",
        "report_section": "report_id section_code heading text",
        "source_file": "file_id path sha256 bytes format url report_year status reason_code reason",
        "quality_rule": "rule_id name formula form_code severity description_zh description_en",
        "quality_result": "rule_id report_id scope status left_value right_value delta",
        "suspected_cell": "report_id table_code row_code column_code reported_value suggested_value explanation",
    }  # fmt: skip
    for code in ("request_outcome", "applicant", "challenge_channel", "challenge_result", "proactive_item"):
        contract[f"dim_{code}"] = "code name_zh name_en parent_code position first_form last_form"
    for name, columns in contract.items():
        assert set(columns.split()) <= {column.name for column in load_tables()[name].columns}, name


def test_keys_are_declared_on_dimensions_and_not_on_facts(ask):
    keyed = {
        name for (name,) in ask("SELECT table_name FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'")
    }
    dimensions = {spec.name for spec in warehouse_tables() if spec.layer == "dimension"}
    assert dimensions - {"dim_region"} <= keyed  # townships have no first year, and a primary key takes no null
    assert {"source_file", "quality_rule", "meta_table", "meta_column"} <= keyed
    assert not {name for name in keyed if name.startswith("fact_")} | (keyed & {"reported_cell", "quality_result"})


def test_request_flow(ask):
    rows = ask("SELECT year, applicant_code, new_received, carried_in, handled, carried_forward FROM fact_request_flow "
               "ORDER BY ALL")  # fmt: skip
    assert rows == [
        (2020, "business", 1, 0, 1, 0), (2020, "natural_person", 5, 0, 5, 0),
        (2021, "business", 1, 0, 1, 0), (2021, "natural_person", 10, 2, 9, 3),
    ]  # fmt: skip


def test_request_outcome_has_leaves_only_and_no_row_for_a_blank(ask):
    rows = ask("SELECT year, outcome_code, applicant_code, requests FROM fact_request_outcome ORDER BY ALL")
    assert rows == [
        (2020, "granted", "business", 1), (2020, "granted", "natural_person", 3),
        (2020, "other", "business", 0), (2020, "other", "natural_person", 2),
        (2021, "denied_state_secret", "natural_person", 1),
        (2021, "granted", "business", 1), (2021, "granted", "natural_person", 6),
        (2021, "other_misc", "business", 0),
        (2021, "other_not_rectified", "business", 0), (2021, "other_not_rectified", "natural_person", 1),
        (2021, "partly_granted", "natural_person", 1),
    ]  # fmt: skip


def test_challenge(ask):
    rows = ask("SELECT channel_code, result_code, cases FROM fact_challenge ORDER BY ALL")
    assert rows == [("litigation_direct", "upheld", 1), ("reconsideration", "corrected", 1),
                    ("reconsideration", "pending", 2), ("reconsideration", "upheld", 3)]  # fmt: skip


def test_proactive_amounts_are_yuan_and_null_where_the_unit_is_unknown_and_not_nothing(ask):
    rows = ask("SELECT year, item_code, measure_code, value FROM fact_proactive ORDER BY ALL")
    assert rows == [
        (2019, "fee", "amount", 0), (2019, "procurement", "amount", 200_000_000), (2020, "fee", "items_change", -18),
        (2020, "licensing", "decisions", 7),
        (2020, "procurement", "amount", 75394432.52), (2020, "procurement", "amount", None),
        (2021, "fee", "amount", 38050), (2021, "normative_document", "issued", 12),
    ]  # fmt: skip
    findings = ask("SELECT stage, severity, raw_text, report_id FROM finding WHERE reason_code = 'unknown_unit'")
    assert findings == [("load", "warn", "4166.241619", report_of(FILES[2]))]


def test_every_cell_is_evidence_and_unknown_rows_have_no_code(ask):
    staged = sum(len(fake.figures or {}) + len(fake.unknown_rows) for fake in FILES)
    assert ask("SELECT count(*) FROM reported_cell") == [(staged,)]
    assert ask("SELECT raw_label, value FROM reported_cell WHERE row_code IS NULL") == [("其他主动公开文件", 5)]
    assert ask("SELECT DISTINCT value FROM reported_cell WHERE value_status <> 'reported'") == [(None,)]


def test_files_agencies_reports_and_years(ask):
    assert ask("SELECT path, status, reason_code, reason, stage FROM source_file ORDER BY path") == [
        ("2019/乙_2019.html", "loaded", None, None, None),
        ("2019/坏.bin", "rejected", "unknown_format", "because unknown_format", "read"),
        ("2019/空.html", "rejected", "empty_file", "set aside: empty_file", "ingest"),
        ("2020/乙_2020.html", "loaded", None, None, None),
        ("2020/甲_2020.html", "loaded", None, None, None),
        ("2021/甲_2021.html", "loaded", None, None, None),
    ]
    assert ask("SELECT report_year FROM source_file WHERE path = '2019/坏.bin'") == [(2019,)]
    assert ask("SELECT agency_id, agency_name, agency_type FROM dim_agency ORDER BY agency_name") == [
        (stable_id("agency", YI), YI, None), (stable_id("agency", JIA), JIA, None),
    ]  # fmt: skip
    assert ask("SELECT alias, evidence, report_count FROM dim_agency_alias ORDER BY alias") == [
        (YI, "title", 2), (JIA, "title", 1), ("甲市政府", "title", 1)]  # fmt: skip
    assert ask("SELECT report_id, is_current, reported_count FROM dim_report WHERE year = 2019") == [
        (report_of(FILES[3]), True, 2)]  # fmt: skip
    years = ask("SELECT min(year), count(*), max(form_code) FILTER (year = 2020) FROM dim_year")
    last = max(2021, *(form.first_year for form in load_forms().values()))
    assert years == [(2008, last - 2007, "2019")]


def test_other_evidence(ask):
    first = report_of(FILES[0])
    assert ask("SELECT report_id, section_number, text FROM report_section ORDER BY 2") == [
        (first, 1, "总体情况……"), (first, 2, "存在问题……")]  # fmt: skip
    results = "SELECT rule_id, report_id, scope, status, delta FROM quality_result WHERE rule_id = ? ORDER BY scope"
    assert ask(results, RULE) == [
        (RULE, first, "business", "pass", 1), (RULE, first, "total", "fail", 1)]  # fmt: skip
    assert ask("SELECT report_id, row_code, suggested_value, explanation, explanation_zh FROM suspected_cell") == [
        (first, "granted", 8, "sum", "合计")]  # fmt: skip
    assert ask("SELECT count(*) FROM quality_rule") == [(len(load_rules()),)]
    assert ask("SELECT stage, reason_code, report_id FROM finding WHERE stage <> 'load'") == [
        ("normalize", "unmapped_row", first)]  # fmt: skip
    assert ask("SELECT count(*) FROM fact_legacy") == [(0,)]


def test_agency_year(ask):
    columns = ("new_received, handled, outcomes, granted, denied, other, reconsiderations, litigations, fees_yuan, "
               "full_grant_rate, grant_rate, carry_forward_rate, natural_person_share, correction_rate, "
               "challenge_rate, failed_checks")  # fmt: skip
    [row] = ask(f"SELECT {columns} FROM agency_year WHERE agency_name = ? AND year = 2021", JIA)
    assert row == pytest.approx((11, 10, 10, 7, 1, 1, 6, 1, 38050, 0.7, 0.8, 3 / 13, 10 / 11, 1 / 5, 0.7, 1), rel=1e-12)
    columns = "new_received, outcomes, grant_rate, challenge_rate"
    assert ask(f"SELECT {columns} FROM agency_year WHERE agency_name = ?", YI) == [
        (None, None, None, None)] * 2  # fmt: skip
    assert ask("SELECT count(*) FROM agency_year") == ask("SELECT count(*) FROM dim_report WHERE is_current")


def test_chinese_twins(ask):
    assert ask("""SELECT "结果类别", "办理结果", "件数" FROM "依申请公开办理结果"
                  WHERE "年度" = 2021 AND "申请人类别" = '自然人'
                  AND "结果类别" IN ('不予公开', '其他处理') ORDER BY 1""") == [
        ("不予公开", "属于国家秘密", 1),
        ("其他处理", "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请", 1)]  # fmt: skip
    assert ask('SELECT "事项", "指标", "数值", "单位" FROM "主动公开" WHERE "年度" = 2019 ORDER BY 3') == [
        ("行政事业性收费", "本年收费金额", 0, "元"), ("政府集中采购", "采购总金额", 200_000_000, "元")]  # fmt: skip
    for twin, fact in {"依申请公开收办": "fact_request_flow", "依申请公开办理结果": "fact_request_outcome",
                       "复议诉讼": "fact_challenge", "主动公开": "fact_proactive",
                       "历史统计表": "fact_legacy"}.items():  # fmt: skip
        assert ask(f'SELECT count(*) FROM "{twin}"') == ask(f"SELECT count(*) FROM {fact}")


def test_every_figure_of_a_fact_leads_to_one_cell_and_file(ask):
    figures = """SELECT (SELECT count(new_received) + count(carried_in) + count(handled) + count(carried_forward)
        FROM fact_request_flow) + (SELECT count(*) FROM fact_request_outcome) + (SELECT count(*) FROM fact_challenge)
        + (SELECT count(*) FROM fact_proactive)"""
    assert ask("SELECT count(*) FROM cell_lineage") == ask(figures)
    assert ask("""SELECT fact_value, reported_value, unit, path FROM cell_lineage
                  WHERE row_code = 'fee' AND year = 2021""") == [
        (38050, 3.805, "万元", "2021/甲_2021.html")]  # fmt: skip


def test_the_warehouse_describes_itself(ask):
    assert ask("SELECT table_name, row_count FROM meta_table WHERE layer = 'fact' ORDER BY 1") == [
        (name, ask(f"SELECT count(*) FROM {name}")[0][0])
        for name in ("fact_challenge", "fact_legacy", "fact_proactive", "fact_request_flow", "fact_request_outcome")
    ]
    columns = sum(len(spec.columns) for spec in (*warehouse_tables(), *warehouse_views()))
    assert ask("SELECT count(*) FROM meta_column") == [(columns,)]
    assert ask("""SELECT file_count, loaded_count, rejected_count, agency_count, first_year, last_year
                  FROM meta_release""") == [
        (6, 4, 2, 2, 2019, 2021)]  # fmt: skip


def test_parquet_twins_hold_the_same(published, ask):
    workspace, summary = published
    for spec in warehouse_tables():
        twin = pl.read_parquet(workspace.parquet / f"{spec.name}.parquet")
        assert twin.schema == spec.polars_schema
        assert [(twin.height,)] == ask(f"SELECT count(*) FROM {spec.name}")
        assert summary.rows[spec.name] == twin.height
    assert summary.files == {"loaded": 4, "duplicate": 0, "superseded": 0, "rejected": 2}


def test_two_builds_say_the_same_and_leave_nothing_beside(published, plain_publish, tmp_path):
    workspace, _ = published
    other = workspace_in(tmp_path)
    stage_files(other, reversed(FILES))
    publish_warehouse(other)
    assert content_hashes(other.database) == content_hashes(workspace.database)
    left = [path.name for path in other.warehouse.iterdir() if not path.name.startswith(".")]
    assert sorted(left) == ["gongkai.duckdb", "parquet", "quality.html", "staging"]


def test_an_empty_house_publishes_an_empty_warehouse(tmp_path):
    workspace = workspace_in(tmp_path)
    summary = publish_warehouse(workspace)
    assert summary.rows["source_file"] == summary.rows["fact_request_flow"] == 0
    clauses = [clause for form in load_forms().values() for clause in form.table("request").clauses]
    applicants = {label.code for clause in clauses for label in (*clause.columns, *clause.column_groups)}
    assert summary.rows["dim_applicant"] == len(applicants)


def test_stages_are_those_between_ingest_and_load():
    assert [Stage.INGEST, *STAGES, Stage.LOAD] == list(Stage)

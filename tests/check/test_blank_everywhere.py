"""Every rule over reports that print no figure at all: whatever is blank or struck through, nothing of it passes."""

import duckdb
import pytest

from pipelines.load import publish_warehouse
from schemas.form import load_forms
from schemas.rule import load_rules
from tests.check.house import check_files
from tests.load.staged import FakeFile, Key, workspace_in

SAID = (
    "收到政府信息公开申请5件。新收政府信息公开申请5件，上年结转2件，办结6件，结转下年度继续办理1件。",
    "予以公开3件，部分公开1件，不予公开1件，无法提供1件，不予处理1件，其他处理1件。",
    "行政复议2件，行政诉讼1件。主动公开政府信息20条。受理申请5件。",
)
# What speaks of the report's name, place and shape, and not of its figures, holds whatever its cells print.
WITHOUT_FIGURES = {
    "ID-agency", "ID-current", "ID-folder", "ID-period", "X-break",
    "STRUCT-tables", "STRUCT-rows", "STRUCT-cells", "STRUCT-edition",
}  # fmt: skip
# What has nothing to say where no figure is printed: a part beside a blank, a copy, a jump. And what is asked before
# 2019 alone, where tests/check/test_legacy_rules.py asks the same.
NEEDS_A_FIGURE = {"T3-partial", "T4-partial", "X-copy", "X-scale"}
BEFORE_2019 = {rule for rule in load_rules() if rule.startswith("LEG-")} | {"TXT-disclosed", "TXT-requests"}


def cells_of(form: str) -> list[Key]:
    return [
        (table.code, row.code, column.code)
        for table in load_forms()[form].tables
        for clause in table.clauses
        for row in clause.rows
        for column in clause.columns
    ]


@pytest.mark.usefixtures("small_map", "plain_publish")
def test_no_rule_passes_on_figures_that_are_not_there(tmp_path):
    files = [
        FakeFile(
            f"{year}/{name}.html", f"{name}县审计局", year, dict.fromkeys(cells_of(form), cell), form, sections=SAID
        )
        for name, cell in (("甲", None), ("乙", "/"))
        for form, edition in load_forms().items()
        for year in (edition.first_year, edition.first_year + 1)
    ]
    workspace = workspace_in(tmp_path)
    check_files(workspace, files)
    publish_warehouse(workspace)
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        told = connection.execute("SELECT DISTINCT rule_id, status, note FROM quality_result").fetchall()
    assert [row for row in told if row[0] not in WITHOUT_FIGURES and row[1] != "not_assessable"] == []
    assert set(load_rules()) - {rule_id for rule_id, *_ in told} == NEEDS_A_FIGURE | BEFORE_2019

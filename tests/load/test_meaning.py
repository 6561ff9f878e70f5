"""One source of meaning: what `schemas/` says of a column stands in the database, Parquet, data package and UI."""

import json
from datetime import date

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from frictionless import Package

from pipelines.load import build, publish, publish_warehouse
from pipelines.load.package import DESCRIPTOR
from pipelines.load.regions import region_rows
from pipelines.orchestrate.metadata import describe_table
from schemas.ddl import warehouse_tables, warehouse_views
from schemas.meaning import ColumnMeaningError, complete_column
from schemas.package import PARQUET_PREFIX, column_meaning
from schemas.rule import load_rules
from schemas.table import NO_UNIT, load_tables
from schemas.validation import frame_model
from schemas.vocabulary import ColumnKind, KeyRole
from tests.load.staged import FakeFile, request, stage_files, workspace_in

SPECS = (*warehouse_tables(), *warehouse_views())
RULE = next(iter(load_rules()))
# Frictionless takes a second for some hundred rows, and these are long, refer to nobody, and are read like the others.
SLOW = ("measure_cell", "meta_column", "form_bridge")
NUMBERS = ("BIGINT", "INTEGER", "DOUBLE")


def files():
    figures = request("new_received", 3, 1, total=4) | request("granted", 2, 1, total=3) | {
        ("challenge", "reconsideration", "upheld"): 2,
        ("proactive", "fee", "amount"): (1.5, "万元"),
    }  # fmt: skip
    named = [
        ("2021/甲.html", "甲市人民政府", 2021),
        ("2022/甲.html", "甲市人民政府", 2022),
        ("2022/乙.html", "乙局", 2022),
    ]
    return [
        FakeFile(path, agency, year, figures=figures, published=date(year + 1, 1, 20), sections=("总体情况", ""),
                 agency_type="government" if agency.endswith("政府") else "department", admin_level="county",
                 quality=((RULE, "total", "fail"),), suspicions=(("request", "granted", "total", 3, 4),))
        for path, agency, year in named
    ]  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = workspace_in(tmp_path_factory.mktemp("house"))
    stage_files(house, files())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "_write_page", lambda _, path: path.write_text("page"))
        few = region_rows().filter(pl.col("region_code").str.starts_with("31"))
        patch.setattr(build, "region_rows", lambda: few)
        publish_warehouse(house)
    return house


@pytest.mark.parametrize("spec", load_tables().values(), ids=lambda spec: spec.name)
def test_no_column_lacks_meaning_unit_key_role_or_domain(spec):
    for column in spec.columns:
        where = f"{spec.name}.{column.name}"
        assert len(column.zh) > 1, where
        assert len(column.en) > 3, where
        assert isinstance(column.kind, ColumnKind), where
        assert isinstance(spec.key_role(column), KeyRole), where
        assert (column.kind is ColumnKind.QUANTITY) == (column.unit_text != NO_UNIT), where
        if column.kind is ColumnKind.CODE:
            assert column.allowed_values or column.references or column.domain, where
        if column.type == "DOUBLE":
            assert column.kind is ColumnKind.QUANTITY, where
        if column.kind is ColumnKind.QUANTITY:
            assert column.type in NUMBERS, where
        if column.formula:
            assert column.caveat, f"{where}: every rate says what to mind"


@pytest.mark.parametrize(
    ("column", "layer", "says"),
    [
        ({"name": "cases", "type": "DOUBLE"}, "fact", "a number without a unit"),
        ({"name": "cause_code", "type": "VARCHAR"}, "fact", "a code without a list"),
    ],
)
def test_a_column_whose_meaning_is_not_whole_is_refused(column, layer, says):
    with pytest.raises(ColumnMeaningError, match=says):
        complete_column("t", layer, (), column)


def test_the_database_says_it(house):
    with duckdb.connect(str(house.database), read_only=True) as connection:
        told = connection.execute("FROM meta_column").pl()
        comments = {
            (table, column): comment
            for table, column, comment in connection.execute(
                "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
            ).fetchall()
        }
    rows = {(row["table_name"], row["column_name"]): row for row in told.iter_rows(named=True)}
    for spec in SPECS:
        for column in spec.columns:
            assert rows[spec.name, column.name] == column_meaning(spec, column)
            comment = comments[spec.name, column.name]
            parts = (column.zh, column.en, column.unit, column.references, column.caveat, column.formula)
            assert all(part in comment for part in parts if part), (spec.name, column.name)
    assert len(rows) == sum(len(spec.columns) for spec in SPECS)
    assert told.null_count().select("description_zh", "description_en", "unit", "kind", "key_role").row(0) == (0,) * 5


def test_the_models_say_it():
    for spec in SPECS:
        model = frame_model(spec.name)
        assert model.description == spec.en
        for column in spec.columns:
            found = model.columns[column.name]
            assert (found.title, found.description) == (column.zh, column.en)
            assert found.metadata == column_meaning(spec, column)


def test_the_ui_says_it():
    for spec in SPECS:
        schema = describe_table(spec)["dagster/column_schema"]
        assert not isinstance(schema, str)
        for shown, column in zip(schema.columns, spec.columns, strict=True):
            assert shown.tags["unit"] == column.unit_text
            assert shown.tags["kind"] == column.kind
            assert ("key" in shown.tags) == (spec.key_role(column) is not KeyRole.NONE)
            assert shown.description is not None
            assert column.en in shown.description
            assert column.zh in shown.description


def parts_of(house, name):
    path = house.parquet / f"{name}.parquet"
    return sorted(path.glob("*.parquet")) if path.is_dir() else [path]


def test_the_parquet_files_say_it(house):
    for spec in warehouse_tables():
        for path in parts_of(house, spec.name):
            told = {key.decode(): text.decode() for key, text in pq.read_schema(path).metadata.items()}
            assert (told["table_name"], told["description_zh"], told["description_en"]) == (spec.name, spec.zh, spec.en)
            assert told["key_columns"] == ", ".join(spec.key)
            for column in spec.columns:
                found = json.loads(told[f"{PARQUET_PREFIX}{column.name}"])
                assert found == {
                    name: value for name, value in column_meaning(spec, column).items() if value is not None
                }


def test_pandas_and_pyarrow_read_every_twin(house):
    with duckdb.connect(str(house.database), read_only=True) as connection:
        for spec in warehouse_tables():
            path = house.parquet / f"{spec.name}.parquet"
            [(count,)] = connection.execute(f'SELECT count(*) FROM "{spec.name}"').fetchall()
            names = [column.name for column in spec.columns]
            arrow, frame = pq.read_table(path), pd.read_parquet(path)
            assert (arrow.num_rows, arrow.column_names) == (count, names)
            assert (len(frame), list(frame.columns)) == (count, names)
            for column in (column for column in spec.columns if column.type == "DOUBLE"):
                [(total,)] = connection.execute(f'SELECT sum("{column.name}") FROM "{spec.name}"').fetchall()
                assert frame[column.name].sum() == pytest.approx(total or 0)


def test_the_data_package_is_valid_and_so_are_its_rows(house):
    descriptor = json.loads((house.parquet / DESCRIPTOR).read_bytes())
    resources = {resource["name"]: resource for resource in descriptor["resources"]}
    assert set(resources) == {spec.name for spec in warehouse_tables()}
    flow = resources["fact_request_flow"]["schema"]
    assert flow["primaryKey"] == ["agency_id", "year", "applicant_code"]
    assert {key["fields"][0]: key["reference"]["resource"] for key in flow["foreignKeys"]} == {
        "agency_id": "dim_agency", "year": "dim_year", "applicant_code": "dim_applicant", "report_id": "dim_report",
    }  # fmt: skip
    assert {
        "fields": ["item_code", "measure_code"],
        "reference": {"resource": "dim_proactive_measure", "fields": ["item_code", "measure_code"]},
    } in resources["fact_proactive"]["schema"]["foreignKeys"]
    assert {field["unit"] for field in flow["fields"] if field["kind"] == "quantity"} == {"件"}
    assert list(Package.metadata_validate(descriptor)) == []
    descriptor["resources"] = [resource for resource in descriptor["resources"] if resource["name"] not in SLOW]
    report = Package.from_descriptor(descriptor, basepath=str(house.parquet.resolve())).validate()
    broken = [(task.name, task.errors[:3]) for task in report.tasks if not task.valid]
    assert (report.errors, broken) == ([], [])
    assert report.stats["tasks"] == len(warehouse_tables()) - len(SLOW)


def test_a_row_that_breaks_a_key_makes_the_data_package_invalid(house, tmp_path):
    descriptor = json.loads((house.parquet / DESCRIPTOR).read_bytes())
    kept = ("fact_challenge", "dim_challenge_result")
    descriptor["resources"] = [resource for resource in descriptor["resources"] if resource["name"] in kept]
    for resource in descriptor["resources"]:
        keys = resource["schema"].get("foreignKeys", [])
        resource["schema"]["foreignKeys"] = [key for key in keys if key["reference"]["resource"] in kept]
        frame = pd.read_parquet(house.parquet / resource["path"])
        if resource["name"] == "dim_challenge_result":
            frame = frame[frame["code"] != "upheld"]
        frame.to_parquet(tmp_path / resource["path"])
    report = Package.from_descriptor(descriptor, basepath=str(tmp_path)).validate()
    assert [(task.name, [error.type for error in task.errors]) for task in report.tasks if not task.valid] == [
        ("fact_challenge", ["foreign-key"] * 3)
    ]


def test_pandas_keeps_an_identifier_beside_a_null_whole(house):
    finding = pd.read_parquet(house.parquet / "source_file.parquet")
    assert finding["kept_file_id"].isna().all()
    assert str(finding["kept_file_id"].dtype) == "Int64"

"""The published file and its twins, opened by other versions of DuckDB than the one that wrote them."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from schemas.ddl import warehouse_tables, warehouse_views
from schemas.macro import load_macros

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = Path(sys.prefix) / "clients"
VERSIONS = ("1.4", "1.5", "2.0")


def ask(python, database):
    result = subprocess.run(
        [str(python), str(ROOT / "tests/clients/ask.py"), str(database), str(database.parent / "parquet")],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def own(seed_warehouse):
    return ask(sys.executable, seed_warehouse)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_table_view_macro_and_twin_answers_alike_in_every_client(version, own, seed_warehouse):
    if duckdb.__version__.startswith(f"{version}."):
        found = own
    elif (python := CLIENTS / version / "bin" / "python").exists():
        found = ask(python, seed_warehouse)
    else:
        pytest.skip(f"DuckDB {version} is not installed; `make clients` installs it")
    assert found["version"].startswith(f"{version}.")
    assert set(found["rows"]) >= {spec.name for spec in (*warehouse_tables(), *warehouse_views())}
    assert found["rows"] == own["rows"]
    assert found["figures"] == own["figures"]
    assert len(found["figures"]) > 0
    assert set(found["macros"]) == {macro.name for macro in load_macros()}
    assert found["macros"] == own["macros"]
    assert all(own["macros"][name] for name in ("find_agency", "agency_history", "trace"))
    assert all(found["comments"])
    assert found["twins"] == {spec.name: found["rows"][spec.name][0] for spec in warehouse_tables()}


def test_a_lock_is_kept_for_every_other_client():
    own = ".".join(duckdb.__version__.split(".")[:2])
    kept = {path.stem.removeprefix("duckdb-") for path in (ROOT / "tests/clients").glob("*.lock")}
    assert kept | {own} >= set(VERSIONS)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"CLIENTS := {' '.join(sorted(kept))}\n" in makefile

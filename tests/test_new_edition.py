"""An edition is data: one that nobody issued, added to a copy of `schemas/`, is read, checked and compared at once.

It adds a row to two tables and rewords a label. Only data files are touched; the code is the project's own.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# The edition in force today, by the name of its file; the new one takes over from it in a year far off.
BASE = max(path.stem for path in (ROOT / "schemas/forms").glob("*.toml"))
ADJUDICATION = """
  [[tables.clauses.rows]]
  code = "adjudication"
  label = "行政裁决"
  en = "Administrative adjudication"
"""
WORK_SECRET = """
  [[tables.clauses.rows]]
  code = "denied_work_secret"
  label = "9.属于工作秘密"
  en = "Denied: work secret"
  parent = "denied"
"""
# What is asked of the house with the new edition in it, in a process of its own: the data is read once a process.
PROBE = """
import contextlib, io, json, sys
from pathlib import Path
from pipelines.cli import main
from schemas.bridge import bridge_rows
from schemas.dimension import code_dimensions, year_dimension
from schemas.form import load_forms
from schemas.identity import table_identities
from schemas.rule import load_rules
from tests.factory.document import make_document

def check(form, year):
    made = make_document(5, form, "html", year=year, agency="平顶山市卫东区人民政府办公室", size="city")
    path = Path(f"{year}-{form}.html")
    path.write_bytes(made.content)
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        code = main(["check", str(path)])
    numbers = {key[1]: str(made.figures[key].value) for key in made.figures if key[2] in ("decisions", "total")}
    return {"code": code, "shown": shown.getvalue(), "numbers": numbers}

base = load_forms()[sys.argv[1]]
rows = bridge_rows().filter(form_code="2099")
outcomes = code_dimensions()["dim_request_outcome"]
applied = [rule.id for rule in load_rules().values() if rule.applies_to("2099", "proactive") and rule.form_code]
print(json.dumps({
    "new": check("2099", 2099),
    "old": check(base.code, base.first_year),
    "late": check(base.code, 2099),
    "identities": {form: len(table_identities(form, "request")) for form in (base.code, "2099")},
    "applied": applied,
    "low": sum(i.rule_id == "T2-low" for i in table_identities("2099", "proactive")),
    "denied": rows.filter(measure_code="denied")["row_code"].to_list(),
    "granted": rows.filter(measure_code="granted")["row_code"].to_list(),
    "outcome": outcomes.filter(code="denied_work_secret").row(0),
    "years": year_dimension([2098]).filter(year=2099)["form_code"].to_list(),
}))
"""


def after(text: str, code: str, addition: str) -> str:
    """Return the data file with `addition` behind the row `code`."""
    start = text.index(f'  code = "{code}"\n')
    end = text.index("\n\n", start) + 1
    return text[:end] + addition + text[end:]


def replaced(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def add_edition(schemas: Path) -> None:
    """Add edition 2099 by the steps of docs/forms.md."""
    path = schemas / "forms" / f"{BASE}.toml"
    old = path.read_text(encoding="utf-8")
    in_force = f"first_year = {BASE}\n"
    path.write_text(replaced(old, in_force, f"{in_force}last_year = 2098\n"), encoding="utf-8")
    new = replaced(old, f'code = "{BASE}"', 'code = "2099"')
    new = replaced(new, in_force, f'first_year = 2099\nfollows = "{BASE}"\n')
    new = after(after(new, "coercion", ADJUDICATION), "denied_administrative_inquiry", WORK_SECRET)
    new = replaced(new, 'label = "2.没有现成信息需要另行制作"', 'label = "2.需要加工分析现有信息"')
    (schemas / "forms/2099.toml").write_text(new, encoding="utf-8")


def add_to_bridge(schemas: Path) -> None:
    """Name the new row where a measure adds it up: the entries of the edition before with one cell more."""
    path = schemas / "bridge.toml"
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        lines.append(line)
        last = '"request.denied_administrative_inquiry"'
        if f'{{ form_code = "{BASE}", comparability = "sum_of"' in line and last in line:
            added = line.replace(last, f'{last}, "request.denied_work_secret"')
            lines.append(added.replace(f'form_code = "{BASE}"', 'form_code = "2099"'))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def ask(house: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(house)}
    return subprocess.run(
        [sys.executable, "-c", PROBE, BASE], cwd=house, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A folder with the project's code and a copy of its data with one edition more."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("pipelines", "tests"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "schemas", folder / "schemas", ignore=shutil.ignore_patterns("__pycache__"))
    add_edition(folder / "schemas")
    return folder


def test_an_edition_is_added_by_data_alone(house):
    refused = ask(house)
    assert refused.returncode != 0
    assert f"in form 2099 it adds up other cells than in {BASE}" in refused.stderr
    assert "request.denied_work_secret" in refused.stderr

    add_to_bridge(house / "schemas")
    asked = ask(house)
    assert asked.returncode == 0, asked.stderr
    told = json.loads(asked.stdout)

    new = told["new"]["shown"]
    assert told["old"]["code"] == 0
    assert "year    2099, form 2099" in new
    assert "Findings: 1\n" in re.sub(" +", " ", new).replace(" \n", "\n")
    assert "year_out_of_range" in new  # a report of a year to come is refused for that, and for nothing else
    assert " 0 fail," in new
    for label, code in (("行政裁决", "adjudication"), ("9.属于工作秘密", "denied_work_secret")):
        (line,) = [line for line in new.splitlines() if label in line]
        assert line.split()[-1] == told["new"]["numbers"][code]
    assert "2.需要加工分析现有信息" in new
    assert f"year    {BASE}, form {BASE}" in told["old"]["shown"]
    assert "Nothing was left unread or unmapped." in told["old"]["shown"]

    # What both editions print alike says nothing: an old form filed in the new one's first year is old throughout.
    late = told["late"]["shown"]
    assert f"year    2099, form {BASE}" in late
    assert "mixed_forms" not in late
    assert " 0 fail," in late

    assert told["identities"]["2099"] == told["identities"]["2021"] + 1
    assert told["applied"] == ["T2-low", "T2-stock-2021"]
    assert told["low"] == 2
    assert "denied_work_secret" in told["denied"]
    assert told["granted"] == ["granted"]
    assert "2099" in told["outcome"]
    assert told["years"] == ["2099"]

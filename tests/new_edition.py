"""An edition that nobody issued: what it changes, how it is added to a copy of `schemas/`, and its documents."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# The new edition amends the one of 2021, whatever came since, and takes over in a year far off from the one in force.
BASE, NEW = "2021", "2099"
FORMS = sorted(path.stem for path in (ROOT / "schemas/forms").glob("*.toml"))
IN_FORCE = FORMS[-1]
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
    ("rows", "unavailable_unclear", ("unavailable_lent", "4.原件外借未还", "Unavailable: lent", "unavailable")),
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

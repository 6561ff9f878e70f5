"""The table of rules for `docs/rules.md`, made from the data so that it cannot fall behind.

`python -m pipelines.check.describe docs/rules.md` writes it between the page's two markers.
"""

import sys
from pathlib import Path

from pipelines.errors import UsageError
from schemas.rule import load_rules

BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"


def render_rules() -> str:
    """Return every rule as one row of a Markdown table.

    >>> "T3-balance" in render_rules()
    True
    """
    rows = ["| rule | what must hold | edition | table | scope | severity |", "|---|---|---|---|---|---|"]
    rows += [
        f"| `{rule.id}` | {rule.name}: {rule.formula} | {rule.form_code or 'all'} | {rule.table_code or 'report'} "
        f"| {rule.scope} | {rule.severity} |"
        for rule in load_rules().values()
    ]
    return "\n".join(rows)


def insert_rules(page: str) -> str:
    """Return `page` with the table of rules between its markers.

    Raises:
        UsageError: The page lacks a marker.
    """
    if BEGIN not in page or END not in page:
        raise UsageError(f"the page has no place for the rules: put {BEGIN} and {END} where the table belongs")
    before, after = page.split(BEGIN, maxsplit=1)[0], page.split(END)[1]
    return f"{before}{BEGIN}\n{render_rules()}\n{END}{after}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(insert_rules(path.read_text(encoding="utf-8")), encoding="utf-8")

"""What the pages under `docs/` say of the code is so."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
_NAME = re.compile(r"`([a-z][a-z0-9_]*)`")


def named_modules() -> Counter[str]:
    """Return how often the tables of docs/design.md name each module: those of one package, and the map of the rest."""
    named: Counter[str] = Counter()
    package: str | None = None
    for line in (ROOT / "docs/design.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if head := re.search(r"\| .* \| module of `([a-z.]+)` \|$", line):
            package = head[1]
        elif cells == ["package", "modules"]:
            package = ""
        elif not cells:
            package = None
        elif package is not None:
            own = package or cells[0].strip("`")
            named.update(f"{own}.{name}" for name in _NAME.findall(cells[-1]))
    return named


def test_the_map_names_every_module_once_and_none_that_is_gone():
    named = named_modules()
    files = [path.relative_to(ROOT) for room in ("pipelines", "schemas") for path in (ROOT / room).rglob("*.py")]
    modules = {".".join(path.with_suffix("").parts) for path in files if path.name != "__init__.py"}
    packages = {".".join(path.parent.parts) for path in files}
    assert sorted(modules - set(named)) == [], (
        "docs/design.md does not name these: add each to the table of its package"
    )
    assert sorted(set(named) - modules - packages) == [], "docs/design.md names these, which are gone"
    assert sorted(name for name, times in named.items() if times > 1) == [], "docs/design.md names these twice"

"""What the pages under `docs/` say of the code is so."""

import re
from collections import Counter
from pathlib import Path
from pkgutil import resolve_name

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_NAME = re.compile(r"`([a-z][a-z0-9_]*)`")
_DOTTED = re.compile(r"`((?:pipelines|schemas|tests)(?:\.[A-Za-z_]\w*)+)")
_ROOMS = re.compile(r"`((?:ingest|read|normalize|check|load|staging)(?:\.[a-z_]+)+)`")  # as fidelity.md shortens them
_INVENTED = "2027"  # the edition that forms.md adds
_FILE = re.compile(r"`((?:pipelines|schemas|tests|docs)/[\w./-]*\w)`")


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    named = {*_DOTTED.findall(text), *(f"pipelines.{name}" for name in _ROOMS.findall(text))}
    for name in sorted(name for name in named if not name.endswith((".toml", ".md", ".py"))):
        try:
            resolve_name(name)
        except (ImportError, AttributeError):
            pytest.fail(f"docs/{page.name} names {name}, which is gone")
    gone = [name for name in sorted(set(_FILE.findall(text))) if _INVENTED not in name and not (ROOT / name).exists()]
    assert gone == [], f"{page.name} names files that are gone"

"""What a stage's code is: its source, data and libraries, and nothing else."""

from dataclasses import replace

import pytest

from pipelines.read import STAGE as REAL_READ
from pipelines.settings import ReadLimits
from pipelines.staging import StageSpec
from pipelines.staging import fingerprint as module
from pipelines.staging.fingerprint import fingerprint_stage, locate_package
from schemas.form import load_forms
from tests.staging.stages import READ


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Make a package of source and data, and a way to see its fingerprint as a fresh process would."""
    root = tmp_path / "somestage"
    (root / "data").mkdir(parents=True)
    (root / "__init__.py").write_text("import polars\nfrom nosuchlibrary.x import y\n")
    (root / "data/labels.toml").write_text("a = 1\n")
    monkeypatch.syspath_prepend(tmp_path)

    def fingerprint(spec: StageSpec = READ, limits: ReadLimits | None = None) -> str:
        module._hash_sources.cache_clear()
        module._hash_files.cache_clear()
        module._version.cache_clear()
        return fingerprint_stage(replace(spec, packages=("somestage",)), limits or ReadLimits())

    yield root, fingerprint
    module._version.cache_clear()


def test_what_a_fingerprint_depends_on(package, monkeypatch):
    root, fingerprint = package
    first = fingerprint()
    assert fingerprint() == first
    (root / "__pycache__").mkdir()
    (root / "__pycache__/x.pyc").write_bytes(b"x")
    (root / ".hidden").write_text("x")
    assert fingerprint() == first
    seen = {first}
    for change in (
        lambda: (root / "data/labels.toml").write_text("a = 2\n"),
        lambda: (root / "data/more.csv").write_text("x"),
        lambda: (root / "data/more.csv").rename(root / "data/other.csv"),
        lambda: (root / "__init__.py").write_text("import polars\nfrom nosuchlibrary.x import y\n#\n"),
        lambda: monkeypatch.setattr("pipelines.staging.fingerprint.metadata.version", lambda name: f"{name} 99"),
    ):
        change()
        seen.add(fingerprint())
    assert len(seen) == 6
    assert fingerprint(limits=ReadLimits(depth=3)) not in seen
    assert fingerprint(replace(READ, outputs=("documents",))) not in seen
    assert fingerprint(replace(READ, libraries=("duckdb",))) not in seen
    assert fingerprint(replace(READ, words=lambda: ("予以公开",))) not in seen


def test_a_new_edition_reads_anew_and_a_new_variant_of_a_label_does_not(monkeypatch):
    limits, editions = ReadLimits(), load_forms()
    before = fingerprint_stage(REAL_READ, limits)

    def with_row(**changes):
        newest = list(editions.values())[-1]
        table = newest.tables[0]
        clause = table.clauses[0]
        rows = (replace(clause.rows[0], **changes), *clause.rows[1:])
        tables = (replace(table, clauses=(replace(clause, rows=rows), *table.clauses[1:])), *newest.tables[1:])
        monkeypatch.setattr(
            "schemas.form.load_forms", lambda: {**editions, newest.code: replace(newest, tables=tables)}
        )
        return fingerprint_stage(REAL_READ, limits)

    assert with_row(variants=("规章制度",)) == before
    assert with_row(label="部门规章") != before


def test_a_package_that_is_not_there_is_an_error():
    assert locate_package("schemas.forms").is_dir()
    assert locate_package("schemas/forms").is_dir()
    assert locate_package("pipelines.settings").name == "settings.py"
    for name in ("schemas.nosuch", "nosuch", "nosuch.x"):
        with pytest.raises(ValueError, match="names no package"):
            locate_package(name)

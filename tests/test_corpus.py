"""Every committed document is read as its expected file says; one document beside its figures is one test."""

import tomllib

import pytest

from tests import fidelity
from tests.cases import load_cases
from tests.factory.cases import corpus_cases
from tests.factory.corpus import CORPUS, write_corpus
from tests.factory.legacy import legacy_cases, write_legacy_corpus

EVERY_FOLDER = sorted(path.parent.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("document.*"))
FOLDERS = [folder for folder in EVERY_FOLDER if not folder.startswith("pre2019/")]
LEGACY_FOLDERS = [folder for folder in EVERY_FOLDER if folder not in FOLDERS]


@pytest.fixture(scope="module")
def scores():
    return {result.case.name: result for result in fidelity.score_cases(load_cases(CORPUS))}


@pytest.mark.parametrize("folder", EVERY_FOLDER)
def test_document_is_read_as_expected(folder, scores):
    result = scores[folder]
    assert not result.wrong
    assert not result.missing
    assert not result.complaints


@pytest.mark.parametrize("folder", FOLDERS)
def test_document_has_its_expectation(folder):
    home = CORPUS / folder
    documents = [path for path in home.iterdir() if path.name.startswith("document.")]
    assert len(documents) == 1
    assert (home / "expected.csv").read_text(encoding="utf-8").startswith("table_code,row_code,column_code,value,")
    assert tomllib.loads((home / "case.toml").read_text(encoding="utf-8"))["agency_name"]


@pytest.mark.parametrize("folder", LEGACY_FOLDERS)
def test_document_before_2019_has_its_expectation(folder):
    home = CORPUS / folder
    assert len([path for path in home.iterdir() if path.name.startswith("document.")]) == 1
    assert (home / "expected.legacy.csv").read_text(encoding="utf-8").startswith("label,unit,year,cumulative,code\n")


def test_every_listed_case_is_committed_and_no_other():
    assert sorted(case.folder for case in corpus_cases()) == FOLDERS
    assert sorted(f"pre2019/{case.folder}" for case in legacy_cases()) == LEGACY_FOLDERS


def test_corpus_is_what_the_factory_writes(tmp_path):
    # Compressed containers may differ by the zlib that wrote them; their figures may not.
    write_corpus(tmp_path)
    write_legacy_corpus(tmp_path / "pre2019")
    for made in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        if made.name.startswith("expected.") or made.suffix in {".html", ".md", ".txt", ".toml", ".refused"}:
            assert made.read_bytes() == (CORPUS / made.relative_to(tmp_path)).read_bytes(), made


def test_corpus_stays_small():
    sizes = {path: path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()}
    assert max(sizes.values()) < 60_000
    assert sum(sizes.values()) < 4_000_000  # an edition more has room

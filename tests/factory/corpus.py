"""Writes tests/corpus anew from `tests.factory.cases`: `python -m tests.factory.corpus`."""

import json
import shutil
from pathlib import Path

from tests.factory.cases import CorpusCase, corpus_cases
from tests.factory.document import MadeDocument, expected_csv

CORPUS = Path(__file__).parent.parent / "corpus"


def case_toml(case: CorpusCase, made: MadeDocument) -> str:
    """Return what the case is: how to make it again, and what a reader must find beside the figures."""
    facts: dict[str, int | str | list[str]] = {
        "seed": case.seed,
        "year": made.truth.year,
        "agency_name": made.truth.agency_name,
        "quirks": list(case.quirks),
        "must_find": list(made.must_find),
    }
    # JSON's strings, numbers and lists are TOML's.
    return "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in facts.items())


def write_case(case: CorpusCase, made: MadeDocument, corpus: Path) -> None:
    """Write one document with its expected figures."""
    folder = corpus / case.folder
    folder.mkdir(parents=True)
    (folder / f"document.{made.container.extension}").write_bytes(made.content)
    (folder / "expected.csv").write_text(expected_csv(made.figures), encoding="utf-8", newline="")
    (folder / "case.toml").write_text(case_toml(case, made), encoding="utf-8", newline="")
    if made.refused:
        (folder / "expected.refused").write_text(made.refused + "\n", encoding="utf-8", newline="")


def write_corpus(corpus: Path = CORPUS) -> int:
    """Write every case and remove the folders of cases that are gone; return how many there are."""
    documents = [(case, case.make()) for case in corpus_cases()]  # all of them, before one is removed
    for form in {case.form_code for case, _ in documents}:
        shutil.rmtree(corpus / form, ignore_errors=True)
    for case, made in documents:
        write_case(case, made, corpus)
    # Documents hold their own line ends, which Git must not change.
    (corpus / ".gitattributes").write_text("* -text\n", encoding="utf-8", newline="")
    return len(documents)


if __name__ == "__main__":
    write_corpus()

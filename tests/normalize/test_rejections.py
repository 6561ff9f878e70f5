"""A report that has no key is set aside for what is wrong with its key, in the words of the finding."""

from functools import partial

import polars as pl
import pytest

from pipelines.normalize import STAGE, normalize_batch
from pipelines.normalize.identity.agency_review import parse_reviews
from pipelines.read import document_frames, read_document
from schemas.table import table
from tests.factory import make_document
from tests.read.docx_builder import build_zip


def _normalize(change=lambda text: text, folder_year=None, reviews=""):
    made = make_document(1, "2021", "html", size="district", year=2021, agency="烟台市芝罘区审计局")
    document = read_document("a.html", change(made.content.decode()).encode())
    read = document_frames([(1, document)])
    files = pl.DataFrame({"file_id": [1], "path": ["a.html"], "folder_year": [folder_year]})
    return normalize_batch(
        table("files").conform(files), read["documents"], read["blocks"], read["cells"], parse_reviews(reviews)
    )


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda text: text.replace("2021年", "2062年"), "year_out_of_range", "report year 2062"),
        (lambda text: text.replace("2021年", "2006年"), "year_out_of_range", "report year 2006"),
        (lambda text: text.replace("2021年", "本年"), "no_year", "neither title"),
        (lambda text: text.replace("烟台市芝罘区审计局", ""), "no_agency", "data/reviews/agencies.csv"),
    ],
)
def test_a_report_without_a_key_is_set_aside_for_that_reason(change, code, says):
    frames = _normalize(change)
    [(file_id, stage, reason_code, reason)] = frames["rejections"].rows()
    assert (file_id, stage, reason_code) == (1, "normalize", code)
    assert says in reason
    assert code in frames["findings"]["reason_code"].to_list()


def test_a_report_with_a_key_is_not():
    assert _normalize()["rejections"].is_empty()


def test_what_people_decided_reaches_the_batch():
    assert STAGE.reviews == ("agencies.csv",)
    head = "decision,path,signed_name,agency_name,from_year,to_year,reason"
    frames = _normalize(reviews=f"{head}\nis,a.html,,福州市鼓楼区审计局,,,the site is gl.gov.cn\n")
    assert frames["reports"]["agency_name"].to_list() == ["福州市鼓楼区审计局"]


def _archive(*documents):
    names = [f"{number}.html" for number, _ in enumerate(documents)]
    content = build_zip({name: made.content for name, made in zip(names, documents, strict=True)})
    read = document_frames([(1, read_document("a.zip", content))])
    files = table("files").conform(pl.DataFrame({"file_id": [1], "path": ["a.zip"], "folder_year": [2021]}))
    return normalize_batch(files, read["documents"], read["blocks"], read["cells"])


def test_an_archive_of_reports_that_no_name_tells_apart_is_set_aside():
    """Cells on which two reports agreed were loaded as those of the first."""
    make = partial(make_document, form_code="2021", container="html", size="small")
    first = make(1, year=2021, agency="烟台市芝罘区审计局")
    for other in (make(2, year=2021, agency="福州市鼓楼区审计局"), make(3, year=2022, agency="烟台市芝罘区审计局")):
        [(_, _, code, reason)] = _archive(first, other)["rejections"].rows()
        assert code == "several_reports"
        assert "0.html；1.html" in reason
    assert _archive(first, first)["rejections"].is_empty()

"""The factory is proved by others than itself: the form's identities, lxml, calamine, PDFium and plain splitting."""

import csv
import io
import itertools
import re
import zipfile
from decimal import Decimal

import lxml.html
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from python_calamine import CalamineWorkbook

from schemas.form import load_forms
from schemas.vocabulary import ValueStatus
from tests.factory import CONTAINERS, QUIRKS, broken_identities, fits, make_document, make_truth
from tests.factory.model import Role, place
from tests.factory.truth import SIZES

FORMS = ("2019", "2021")
CELLS = {"2019": 23 * 7 + 15 + 22, "2021": 25 * 7 + 15 + 10}
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


# -------------------------------------------------------------------------------------------------------------- figures


@settings(max_examples=200)
@given(seed=st.integers(0, 10**9), form=st.sampled_from(FORMS), size=st.sampled_from((None, *SIZES)))
def test_drawn_figures_satisfy_every_identity(seed, form, size):
    truth = make_truth(seed, form, size=size)
    assert broken_identities(truth) == []
    assert len(truth.figures) == CELLS[form]
    assert load_forms()[form].covers(truth.year)
    changes = {key for key, figure in truth.figures.items() if figure.value is not None and figure.value < 0}
    assert all(column == "items_change" for _, _, column in changes)


@given(seed=st.integers(0, 10**9))
def test_mixed_editions_have_the_rows_of_each(seed):
    truth = make_truth(seed, "2021", editions={("request", "request"): "2019", ("proactive", "clause_1"): "2019"})
    assert broken_identities(truth) == []
    assert ("request", "other", "total") in truth.figures
    assert ("request", "other_misc", "total") not in truth.figures
    assert ("proactive", "regulation", "made") in truth.figures


def test_the_oracle_sees_a_breach():
    truth = make_truth(3, "2021", size="district")
    figures = dict(truth.figures)
    key = ("request", "granted", "business")
    figures[key] = type(figures[key])((figures[key].value or Decimal(0)) + 1)
    assert len(broken_identities(type(truth)(truth.agency_name, truth.year, "2021", figures))) == 2


def test_sizes_differ_as_agencies_do():
    totals = [make_truth(seed, "2021").value("request", "new_received", "total") for seed in range(300)]
    assert 20 < sum(total == 0 for total in totals) < 150
    assert max(totals) > 10_000


# ------------------------------------------------------------------------------------------- containers, read by others


def rows_of_request(made):
    """Label and figures of each row of 表三, from the truth and the form alone."""
    clause = next(c for owner, c in made.truth.clauses() if owner.code == "request")
    return {
        row.label: [f"{made.truth.value('request', row.code, column.code):f}" for column in clause.columns]
        for row in clause.rows
    }


def read_html_rows(content):
    """Rows of cell texts from lxml; comments, scripts and templates are not on the page."""
    page: lxml.html.HtmlElement = lxml.html.document_fromstring(content.decode("utf-8"))
    etree.strip_elements(page, etree.Comment, "script", "template", "s", "sup", with_tail=False)
    for field in page.iter("input"):
        field.text = field.get("value")
    return [
        [" ".join("".join(cell.itertext()).split()) for cell in row.iterchildren("td", "th")] for row in page.iter("tr")
    ]


def read_docx_rows(content):
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml"))
    return [
        ["".join(text.text or "" for text in cell.iter(f"{WORD}t")) for cell in row.iterchildren(f"{WORD}tc")]
        for row in root.iter(f"{WORD}tr")
    ]


def read_xlsx_rows(content):
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    return [[f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in row if cell != ""] for row in rows]


def read_pdf_rows(content):
    pages = pypdfium2.PdfDocument(content)
    text = "\n".join(pages[number].get_textpage().get_text_bounded() for number in range(len(pages)))
    return [line.split() for line in text.splitlines()]


def read_ofd_rows(content):
    archive = zipfile.ZipFile(io.BytesIO(content))
    lines: dict[tuple[str, float], list[tuple[float, str]]] = {}
    for name in sorted(archive.namelist()):
        if name.endswith("Content.xml"):
            for item in etree.fromstring(archive.read(name)).iter("{*}TextObject"):
                x, y, *_ = map(float, item.get("Boundary", "").split())
                lines.setdefault((name, y), []).append((x, item.findtext("{*}TextCode") or ""))
    return [[text for _, text in sorted(line)] for line in lines.values()]


READERS = {
    "html": read_html_rows,
    "docx": read_docx_rows,
    "xlsx": read_xlsx_rows,
    "pdf": read_pdf_rows,
    "ofd": read_ofd_rows,
    "zip": lambda content: read_docx_rows(zipfile.ZipFile(io.BytesIO(content)).read("附件/年度报告.docx")),
    "pipes": lambda content: [
        [c.strip() for c in line.split("|") if c.strip()] for line in content.decode().split("\n")
    ],
    "csv": lambda content: [[c for c in row if c] for row in csv.reader(content.decode().split("\n"))],
    "tabs": lambda content: [[c for c in line.split("\t") if c] for line in content.decode().split("\n")],
    "spaces": lambda content: [line.split(" ") for line in content.decode().split("\n")],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("container", READERS)
@pytest.mark.parametrize("seed", [3, 7])
def test_other_readers_find_the_truth_in_each_container(form, container, seed):
    made = make_document(seed, form, container, size="district")
    rows = READERS[container](made.content)
    for label, figures in rows_of_request(made).items():
        if container == "tabs" or (container in {"pdf", "ofd"} and len(label) > 15):  # label on lines of its own
            assert any(row[-7:] == figures for row in rows), label
        else:
            assert any(row[-7:] == figures and label[:8] in row[-8] for row in rows if len(row) > 7), label


@pytest.mark.parametrize("container", ["lines", "lines_bar"])
def test_one_cell_a_line_keeps_the_order(container):
    made = make_document(5, "2021", container, size="district")
    lines = [line for line in made.content.decode().split("\n") if line not in {"|", ""}]
    for label, figures in rows_of_request(made).items():
        at = lines.index(label) if label != "3.其他" else lines.index("（七）总计") - 8
        assert lines[at + 1 : at + 8] == figures


def test_run_together_text_has_lost_its_spaces():
    made = make_document(5, "2021", "run_together", size="city")
    label, figures = next(iter(rows_of_request(made).items()))
    assert label + "".join(figures) in made.content.decode()
    assert made.refused == "figures_run_together"


def test_gbk_page_is_not_utf8():
    made = make_document(5, "2021", "html", ["gbk_encoded"])
    with pytest.raises(UnicodeDecodeError):
        made.content.decode("utf-8")
    assert made.report.title in made.content.decode("gb18030")


def test_word_merges_and_tracked_changes_are_what_word_writes():
    made = make_document(5, "2021", "docx", ["tracked_changes"], size="district")
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(made.content)).read("word/document.xml"))
    assert {merge.get(f"{WORD}val") for merge in root.iter(f"{WORD}vMerge")} == {"restart", None}
    assert max(int(span.get(f"{WORD}val") or 0) for span in root.iter(f"{WORD}gridSpan")) == 10
    assert {text.text for text in root.iter(f"{WORD}delText")} == {"77"}
    label, figures = next(iter(rows_of_request(made).items()))
    assert [label, *figures] in read_docx_rows(made.content)


def test_short_pages_cut_tables():
    whole = make_document(5, "2021", "pdf")
    cut = make_document(5, "2021", "pdf", ["short_pages"])
    assert len(pypdfium2.PdfDocument(cut.content)) > len(pypdfium2.PdfDocument(whole.content)) >= 2


def test_a_page_can_end_inside_a_row():
    made = make_document(5, "2021", "pdf", ["rows_cut_by_pages"])
    pages = pypdfium2.PdfDocument(made.content)
    texts = ["".join(pages[number].get_textpage().get_text_bounded().split()) for number in range(len(pages))]
    labels = [cell.text for cell in made.report.cells("request") if cell.role is Role.LABEL and len(cell.text) > 18]
    turns = list(itertools.pairwise(texts))
    assert any(
        label[:8] in above and label not in above and label[-5:] in below for label in labels for above, below in turns
    )


def test_headers_can_stand_on_each_page():
    made = make_document(5, "2021", "pdf", ["headers_on_each_page"])
    pages = pypdfium2.PdfDocument(made.content)
    text = "".join(pages[number].get_textpage().get_text_bounded() for number in range(len(pages)))
    assert text.count("申请人情况") > 1


def test_old_portals_pages_have_the_size_of_real_ones():
    made = make_document(5, "2021", "html", ["portal_page", "word_paste_heavy"])
    assert 40_000 < len(made.content) < 140_000


# --------------------------------------------------------------------------------------------------------------- quirks


def first_fit(quirk):
    return next(
        (form, name)
        for form in ("2021", "2019")
        for name, container in CONTAINERS.items()
        if container.refused is None and fits(quirk, form, container)
    )


@pytest.mark.parametrize("name", QUIRKS)
def test_quirk_changes_the_document(name):
    form, container = first_fit(QUIRKS[name])
    size = "city" if name == "thousands_separators" else "district"
    plain = make_document(11, form, container, size=size)
    assert make_document(11, form, container, [name], size=size).content != plain.content


@pytest.mark.parametrize("name", QUIRKS)
def test_quirk_says_where_it_comes_from(name):
    quirk = QUIRKS[name]
    assert quirk.source
    assert quirk.description.endswith(".")


@pytest.mark.parametrize("name", [name for name, quirk in QUIRKS.items() if fits(quirk, "2021", CONTAINERS["html"])])
def test_quirk_keeps_every_figure_it_expects_on_the_page(name):
    # Read by lxml: each expected figure stands in a cell of the page, or in its words, as often as it is expected; what
    # must be illegible is none.
    made = make_document(11, "2021", "html", [name], size="district")
    if name in {"gbk_encoded", "utf16_encoded"}:
        return
    texts = [cell for row in read_html_rows(made.content) for cell in row]
    texts += re.findall(r"\d+(?=件[，。])", made.content.decode()) if name.endswith("_in_words") else []
    if name.startswith("drawn_"):
        page: lxml.html.HtmlElement = lxml.html.document_fromstring(made.content.decode())
        texts += ["".join(cell.itertext()).strip() for cell in page.find_class("drawn")]
    cells = [(cell.text, cell.figure) for cell in made.report.cells() if cell.key is not None]
    printed = [text for text, figure in cells if figure and figure.status is not ValueStatus.ILLEGIBLE]
    for text in {" ".join(text.split()) for text in printed}:
        found = sum(cell == text for cell in texts)
        assert found >= sum(" ".join(cell.split()) == text for cell in printed), text


def is_rectangle(table):
    places = [
        (row + down, column + right)
        for row, column, cell in place(table.rows)
        for down in range(cell.rows)
        for right in range(cell.columns)
    ]
    width = max(column for _, column in places) + 1
    return sorted(places) == [(row, column) for row in range(len(table.rows)) for column in range(width)]


# Spans that agencies get wrong, and tables of one title row over others of another width.
NOT_RECTANGULAR = {"rowspan_too_long", "rowspan_too_short", "tables_joined"}


@pytest.mark.parametrize(
    "name", [q.name for q in QUIRKS.values() if q.kind == "layout" and q.name not in NOT_RECTANGULAR]
)
def test_layout_quirk_leaves_no_hole_and_no_overlap(name):
    form, container = first_fit(QUIRKS[name])
    made = make_document(11, form, container, [name])
    assert [table.code for table in made.report.tables() if not is_rectangle(table)] == []


def test_ragged_pipes_fill_rows_at_their_end():
    made = make_document(11, "2019", "pipes", ["ragged_pipes"])
    lines = made.content.decode().split("\n")
    (row,) = [line for line in lines if line.startswith("一、")]
    assert row.count("|") == 10
    assert row.endswith("|  |  |")


@pytest.mark.parametrize(
    ("name", "form", "lost"),
    [("row_missing", "2021", 7), ("cut_short", "2021", 15 + 23 * 7), ("request_of_2019", "2021", 14)],
)
def test_quirk_expects_what_is_left(name, form, lost):
    made = make_document(11, form, "html", [name])
    assert len(made.figures) == CELLS[form] - lost


@pytest.mark.parametrize("name", [name for name, quirk in QUIRKS.items() if not quirk.on_plan])
def test_quirk_states_no_figure_that_the_form_lacks(name):
    form, container = first_fit(QUIRKS[name])
    made = make_document(11, form, container, [name])
    assert set(made.figures) <= set(made.truth.figures)


@pytest.mark.parametrize(
    ("name", "size"),
    [("results_do_not_sum", "district"), ("challenge_totals_zero", "district"), ("one_cell_changed", "none")],
)
def test_breach_breaks_an_identity(name, size):
    made = make_document(11, "2021", "html", [name], size=size)
    truth = type(made.truth)(made.truth.agency_name, made.truth.year, "2021", made.figures)
    assert broken_identities(truth)
    assert not broken_identities(made.truth)


def test_labels_of_the_quirks_are_unknown_to_the_form():
    # A typing error that the form data lists would prove nothing about likeness.
    made = make_document(11, "2021", "html", ["typos_in_rows"])
    known = {
        spelling
        for form in load_forms().values()
        for clause in form.table("request").clauses
        for row in clause.rows
        for spelling in row.spellings
    }
    labels = [cell.text for cell in made.report.cells("request") if cell.role is Role.LABEL]
    assert sum(label not in known for label in labels) >= 3


def test_hidden_and_commented_tables_hold_other_figures():
    made = make_document(11, "2021", "html", ["commented_tables", "tables_in_scripts"])
    assert "888" in made.content.decode()
    assert not any(
        "888" in row or "777" in row for row in read_html_rows(re.sub(b"(?s)<textarea.*", b"", made.content))
    )

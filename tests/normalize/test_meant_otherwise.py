"""Figures that stand in the form's rows and columns and are not what the form asks for there."""

import polars as pl
import pytest

from pipelines.normalize import normalize_batch
from pipelines.normalize.values import read_value
from pipelines.read import document_frames, read_document
from schemas.table import table
from schemas.vocabulary import ValueStatus
from tests.factory import make_document

NEW = "一、本年新收政府信息公开申请数量"


def _figures(*changes: tuple[str, str]) -> pl.DataFrame:
    """Return what is read of a district's report on 2023 once its text is changed."""
    return _frames(*changes)["figures"]


def _frames(*changes: tuple[str, str]) -> dict[str, pl.DataFrame]:
    text = make_document(4, "2021", "html", size="district", year=2023, agency="烟台市芝罘区审计局").content.decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    read = document_frames([(1, read_document("2023/a.html", text.encode()))])
    files = table("files").conform(pl.DataFrame({"file_id": [1], "path": ["2023/a.html"], "folder_year": [2023]}))
    return normalize_batch(files, read["documents"], read["blocks"], read["cells"])


def _reported(figures: pl.DataFrame, **key: str) -> int:
    return figures.filter(value_status=ValueStatus.REPORTED.value, **key).height


@pytest.mark.parametrize(
    ("label", "count"),
    [
        ("一、2023年新收政府信息公开申请数量", 7),
        ("一、2022年新收政府信息公开申请数量", 0),
        ("一、上半年新收政府信息公开申请数量", 0),
    ],
)
def test_a_row_of_another_year_or_of_half_a_year_is_not_the_forms(label, count):
    """New requests of last year, or of six months, were read as those of the year."""
    assert _reported(_figures((NEW, label)), row_code="new_received") == count


@pytest.mark.parametrize(("label", "count"), [("二、2022年结转申请数量", 7), ("二、2021年结转申请数量", 0)])
def test_requests_carried_in_come_from_the_year_before(label, count):
    assert _reported(_figures(("二、上年结转政府信息公开申请数量", label)), row_code="carried_in") == count


def test_a_group_in_the_place_of_a_row_is_not_that_row():
    """不予公开 over the figures of 予以公开 passed for it, as all sums hold whatever the rows are called."""
    assert _reported(_figures(), row_code="granted") == 7
    assert _reported(_figures(("（一）予以公开", "（一）不予公开")), row_code="granted") == 0


@pytest.mark.parametrize("unit", ["单位：百件", "（单位：万件）"])
def test_counts_in_hundreds_are_not_read_as_they_stand(unit):
    heading = "三、收到和处理政府信息公开申请情况</"
    figures = _figures((heading, f"三、收到和处理政府信息公开申请情况</p><p>{unit}</"))
    assert _reported(figures, table_code="request") == 0
    assert _reported(figures, table_code="challenge") > 0
    single = _figures((heading, "三、收到和处理政府信息公开申请情况</p><p>单位：件</"))
    assert _reported(single, table_code="request") > 0


@pytest.mark.parametrize(
    ("line", "count"),
    [("单位：元", 0), ("（单位：千元）", 0), ("单位：万元", 1), ("单位：件、万元", 1), ("单位：件", 1)],
)
def test_amounts_under_a_line_of_another_unit_are_in_doubt(line, count):
    """（单位：元） over a table whose head says 万元 leaves open which: ten thousand times as much was read."""
    heading = "二、主动公开政府信息情况</"
    figures = _figures((heading, f"二、主动公开政府信息情况</p><p>{line}</"))
    assert _reported(figures, row_code="fee", column_code="amount") == count
    assert _reported(figures, row_code="licensing") == 1


@pytest.mark.parametrize("text", ["30（更正：3）", "30（应为3）", "30（有误）", "\u202e12\u202c"])
def test_numbers_that_are_taken_back_or_turned_round_are_none(text):
    assert read_value(text).status is ValueStatus.ILLEGIBLE


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        ("更正：表三新收申请总计应为15件，特此更正。", True),
        ("表三予以公开数由“4”更正为“8”。", True),
        ("注：行政处罚应是 1,234", True),
        ("开展政策解读，回应为12件。", False),
        ("答复时限由20个工作日更正为15个工作日。", False),
        ("应为2023年度。", False),
    ],
)
@pytest.mark.parametrize("where", ["</table><p>{}</p>", "<tr><td colspan=10>{}</td></tr></table>"])
def test_a_note_that_corrects_a_figure_is_told(said, is_told, where):
    """The figure stood in its table as printed, and nothing spoke of the note below it."""
    frames = _frames(("</table>", where.format(said)))
    found = frames["findings"].filter(reason_code="stated_correction")
    assert found["raw_text"].to_list() == ([said] if is_told else [])


@pytest.mark.parametrize(
    ("label", "count"),
    [
        ("（一）予以开", 7),
        ("（一）予以公井", 7),
        ("（一）予以公收开", 7),
        ("（一）不以公开", 0),
        ("（一）未予以公开", 0),
    ],
)
def test_a_slip_that_tears_a_word_is_read_where_the_sums_hold(label, count):
    """予以公井 has lost 公开, which decides a meaning, and can be nothing else; a negation is no slip."""
    assert _reported(_figures(("（一）予以公开", label)), row_code="granted") == count


def test_a_slip_is_not_read_where_a_sum_breaks():
    """The order alone settles nothing."""
    text = make_document(4, "2021", "html", size="district", year=2023, agency="烟台市芝罘区审计局").content.decode()
    start = text.index(">", text.index("<td", text.index("（一）予以公开"))) + 1
    figure = text[start : text.index("<", start)]
    row = text[text.index("（一）予以公开") : text.index("<", start) + 1]
    broken = f"{row[: -len(figure) - 1]}9{figure}<".replace("（一）予以公开", "（一）予以开")
    assert _reported(_figures((row, broken)), row_code="granted") == 0


@pytest.mark.parametrize("behind", [" 3 0 0 0 0 0 3", " / 3 / 0 / 3", "<br>3<br>0<br>3", "3件", "（3）"])
def test_blanks_behind_a_label_that_ends_in_figures_are_none(behind):
    """A converter leaves the figures of a row in its label: blanks were read in their place."""
    label = "（一）予以公开"
    page = make_document(4, "2021", "html", size="district", year=2023, agency="烟台市芝罘区审计局").content.decode()
    row = page[page.index(label) :].partition("</tr>")[0]
    _, cell, figures = row.partition("</td>")
    blanks = label + behind + cell + "".join("<td></td>" for _ in range(figures.count("<td")))
    granted = _figures((row, blanks)).filter(row_code="granted")
    assert granted["value_status"].unique().to_list() == [ValueStatus.ILLEGIBLE.value]
    plain = _figures((row, blanks.replace(behind, "", 1))).filter(row_code="granted")
    assert plain["value_status"].unique().to_list() == [ValueStatus.BLANK.value]

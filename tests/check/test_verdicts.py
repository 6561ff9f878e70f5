"""The file of verdicts: what is written reads back as it was, and what cannot be understood is refused by its line."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.check.verdicts import (
    COLUMNS,
    Verdict,
    format_verdicts,
    known_cells,
    parse_verdicts,
    read_verdicts,
    record_verdict,
)
from pipelines.errors import UsageError
from schemas.rule import load_rules
from schemas.vocabulary import ReviewVerdict

CELL = Verdict(
    path="2021/甲.html", sha256="0" * 64, table_code="request", row_code="granted", column_code="business", rule_id="",
    scope="", raw_text="27", verdict=ReviewVerdict.CORRECTED, value=21.0, unit="", read_where="the report of 2022",
    reviewer="lin", date=date(2026, 1, 31), comment="",
)  # fmt: skip
RULE = replace(
    CELL, table_code="", row_code="", column_code="", rule_id="T3-sum", scope="total", raw_text="27 against 21",
    verdict=ReviewVerdict.ACCEPTED, value=None, read_where="",
)  # fmt: skip

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
AWKWARD = st.one_of(TEXT, st.lists(st.sampled_from(list(",\"\n\r\t 　'=\x00；甲1")), max_size=12).map("".join))
HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    kind = draw(st.sampled_from(ReviewVerdict))
    is_corrected = kind is ReviewVerdict.CORRECTED
    common = {"path": draw(AWKWARD), "sha256": draw(HASHES), "raw_text": draw(AWKWARD), "verdict": kind,
              "reviewer": "r" + draw(AWKWARD), "date": draw(st.dates()), "comment": draw(AWKWARD)}  # fmt: skip
    if is_corrected or draw(st.booleans()):
        table, row, column = draw(st.sampled_from(sorted(known_cells())))
        is_amount = column == "amount"
        amounts = st.floats(min_value=0, max_value=2**53, allow_nan=False)
        value = draw(amounts if is_amount else st.integers(0, 2**53).map(float)) if is_corrected else None
        unit = draw(st.sampled_from(["", "元", "万元"])) if is_corrected and is_amount else ""
        return Verdict(table_code=table, row_code=row, column_code=column, rule_id="", scope="", value=value, unit=unit,
                       read_where="p" + draw(AWKWARD) if is_corrected else draw(AWKWARD), **common)  # fmt: skip
    return Verdict(table_code="", row_code="", column_code="", rule_id=draw(st.sampled_from(sorted(load_rules()))),
                   scope="s" + draw(AWKWARD), value=None, unit="", read_where=draw(AWKWARD), **common)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(verdicts(), max_size=6, unique_by=lambda v: v.key))
def test_whatever_is_written_reads_back(rows: list[Verdict]) -> None:
    text = format_verdicts(rows)
    read = parse_verdicts(text, "v.csv")
    assert sorted(read, key=lambda v: v.key) == sorted(rows, key=lambda v: v.key)
    assert format_verdicts(reversed(read)) == text


@settings(max_examples=200, deadline=None)
@given(st.one_of(TEXT, AWKWARD.map(lambda text: ",".join(COLUMNS) + "\n" + text)))
def test_whatever_is_read_is_understood_or_refused_in_one_line(text: str) -> None:
    said = ""
    try:
        parse_verdicts(text, "v.csv")
    except UsageError as error:
        said = str(error)
    assert said == "" or said.startswith("v.csv, line ")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sha256": "ABC"}, "no SHA-256"), ({"table_code": ""}, "either a cell"),
        ({"rule_id": "T3-sum"}, "either a cell"),
        ({"row_code": "grantde"}, "no edition of the form has request.grantde.business"),
        ({"value": None}, "a value belongs to"), ({"verdict": ReviewVerdict.ACCEPTED}, "a value belongs to"),
        ({"read_where": " "}, "read_where"), ({"unit": "美元"}, "unit"), ({"reviewer": ""}, "reviewer is empty"),
        ({"comment": "\ud800"}, "half a character"), ({"unit": "万元"}, "belongs to the value of an amount"),
        ({"value": -3.0}, "none that request.granted.business can have"), ({"value": 3.5}, "can have"),
        ({"value": 1e300}, "can have"),
    ],
)  # fmt: skip
def test_a_verdict_that_cannot_mean_anything_is_not_recorded(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        record_verdict(tmp_path / "v.csv", replace(CELL, **change))  # type: ignore[arg-type]
    assert not (tmp_path / "v.csv").exists()


@pytest.mark.parametrize(("change", "words"), [
    ({"rule_id": "T9-none"}, "there is no rule T9-none"),
    ({"verdict": ReviewVerdict.CORRECTED, "value": 1.0, "read_where": "x"}, "only a cell can be corrected"),
])  # fmt: skip
def test_nor_is_one_on_a_rule(tmp_path: Path, change: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        record_verdict(tmp_path / "v.csv", replace(RULE, **change))  # type: ignore[arg-type]


HEADER = ",".join(COLUMNS)
GOOD = format_verdicts([RULE]).splitlines()[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,sha256\n", "line 1: the columns must be path,sha256,table_code"),
        (f"{HEADER}\n{GOOD}\n{GOOD}\n", "line 3: T3-sum:total of 2021/甲.html has a verdict in line 2 already"),
        (f"{HEADER}\n{GOOD},more\n", "line 2: 16 fields, the header has 15"),
        (f"{HEADER}\n{GOOD.replace('2026-01-31', '31.1.2026')}\n", "line 2: date '31.1.2026' is no date"),
        (f"{HEADER}\n{GOOD.replace('accepted', 'fine')}\n", "line 2: verdict 'fine' is none of source_error"),
        (f'{HEADER}\n{GOOD}"x\n', "line 2"),
        (format_verdicts([CELL]).replace(",21,", ",2 1,"), "line 2: value '2 1' is no number"),
        (format_verdicts([CELL]).replace(",21,", ",2_1,"), "line 2: value '2_1' is no number"),
        (format_verdicts([CELL]).replace(",21,", ",2-1,"), "line 2: value '2-1' is no number"),
        (format_verdicts([replace(CELL, comment="a\nb"), RULE]).replace("T3-sum", "T3-s"), "line 2: there is no rule"),
    ],
)
def test_a_line_that_is_no_verdict_is_named(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_verdicts(text, "verdicts.csv")


def test_a_spreadsheets_habits_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_bytes(b"\xef\xbb\xbf" + format_verdicts([CELL]).replace("\n", "\r\n").encode() + b"\r\n")
    assert read_verdicts(path) == [CELL]
    saved = format_verdicts([CELL]).replace("2026-01-31", "2026/1/31") + "," * (len(COLUMNS) - 1) + "\n"
    path.write_text(saved, encoding="utf-8")
    assert read_verdicts(path) == [CELL]
    path.write_bytes(format_verdicts([CELL]).encode("gb18030"))
    with pytest.raises(UsageError, match="not UTF-8"):
        read_verdicts(path)
    assert read_verdicts(tmp_path / "none.csv") == []


def test_amounts_have_decimals_and_changes_a_sign() -> None:
    fee = replace(CELL, table_code="proactive", row_code="fee", column_code="amount", value=0.37, unit="万元")
    change = replace(CELL, table_code="proactive", row_code="licensing", column_code="items_change", value=-18.0)
    assert parse_verdicts(format_verdicts([fee, change]), "v.csv") == [fee, change]


def test_a_new_verdict_takes_the_place_of_the_old_and_others_keep_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "reviews" / "v.csv"
    assert [record_verdict(path, v) for v in (CELL, RULE, replace(CELL, path="2020/乙.html", sha256="1" * 64))] == [
        False
    ] * 3
    before = path.read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in before[1:]] == ["2020/乙.html", "2021/甲.html", "2021/甲.html"]
    assert record_verdict(path, replace(RULE, verdict=ReviewVerdict.SOURCE_ERROR)) is True
    after = path.read_text(encoding="utf-8").splitlines()
    assert [a == b for a, b in zip(before, after, strict=True)].count(False) == 1


def test_a_broken_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text("notes of mine\n", encoding="utf-8")
    with pytest.raises(UsageError, match="line 1"):
        record_verdict(path, CELL)
    assert path.read_text(encoding="utf-8") == "notes of mine\n"

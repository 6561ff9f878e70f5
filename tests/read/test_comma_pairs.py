"""Comma-separated values with few figures, and with two fields a record."""

import pytest

from pipelines.read.text.csv import part_comma_tables

PAIRS = "指标,数值\n" + "".join(f"事项{number}/自然人,{number or ''}\n" for number in range(70))
BLANKS = "信息内容,制发,废止\n" + "规章,,\n" * 8 + "文件,1,\n" + "许可,,\n"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (PAIRS, 71),
        ("\n".join(PAIRS.splitlines()[:40]), 0),
        (PAIRS + "说明,见附件\n", 0),
        (BLANKS, 11),
        (",".join(f"事项{number}-自然人" for number in range(60)) + "\n" + ",".join(["3"] * 60), 2),
        (",".join(f"事项{number}-自然人" for number in range(59)) + "\n" + ",".join(["3"] * 59), 0),
        (BLANKS.replace("1", ""), 0),
    ],
)
def test_how_many_records_are_a_table(text, rows):
    tables, _ = part_comma_tables(text)
    assert sum(len(table.rows) for table in tables) == rows


CUT = "第（一）项\n信息内容,制发,废止,有效\n规章,,,3\n文件,1\n第（五）项\n信息内容,决定\n许可,7\n强制\n其他,2,1,0\n"
CUT += "\n说明\n"


def test_records_whose_last_blanks_were_cut_off_stay_as_short_as_they_are():
    """The table ended with the first short record; that what is not there was blank is for later stages to say."""
    (table,), rest = part_comma_tables(CUT + "," * 20)
    assert table.before == "第（一）项\n"
    assert [len(row) for row in table.rows] == [4, 4, 2, 1, 2, 2, 1, 4]
    assert rest.startswith("\n说明")


def test_a_short_record_that_ends_with_a_blank_lost_another_field():
    tables, _ = part_comma_tables(CUT.replace("文件,1", "文件,1,") + "," * 20)
    assert not any(["规章", "", "", "3"] in table.rows for table in tables)

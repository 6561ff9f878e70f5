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

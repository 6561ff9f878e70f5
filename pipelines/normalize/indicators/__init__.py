"""The tables of before 2019 (统计表): indicators of any province, found by head and shape."""

"""The warehouse for people who do not write SQL: a workbook, and a page to explore it."""

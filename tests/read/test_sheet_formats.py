"""What the formats of a sheet show of its numbers: parts, conditions, noughts, digits set apart."""

import pytest

from pipelines.read.model import PICTURE
from pipelines.read.sheet.formats import show_number


@pytest.mark.parametrize(
    ("stored", "code", "shown"),
    [
        ("34", '[=0]"无";0', "34"),
        ("0", '[=0]"无";0', "无"),
        ("34", '[>=10]"十以上";0', f"34{PICTURE}"),
        ("4", '[>=10]"十以上";0', "4"),
        ("34", "[<10]0;;", f"34{PICTURE}"),
        ("12345", '[>=10000]0!.0,"万";0', f"12345{PICTURE}"),
        ("34", '0"件;份"', "34件;份"),
    ],
)
def test_formats_that_choose_a_part_by_a_condition(stored, code, shown):
    assert show_number(stored, code) == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", "0"),
        ("0.00", "0.00"),
        ('_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"??_ ;_ @_ ', "-"),
        ('0;-0;"/"', "/"),
        ("0;-0;-", "-"),
        ('[=0]"—";General', "—"),
        ("0;-0;;@", ""),
        ("#,###", ""),
        (";;;", ""),
        ('0;-0;"10"', f"0{PICTURE}"),
        ("0;-0;[White]0", f"0{PICTURE}"),
        ("0;;@", "0"),
        ('0"件";-0"件";"无"', "无"),
        ("# ?/?", "0"),
    ],
)
def test_a_nought_is_what_its_part_of_the_format_makes_of_it(code, shown):
    """A nought shown as a dash, or not at all, was read as a printed 0 in XLSX and as a dash in ODS and PDF."""
    assert show_number("0", code).strip() == shown
    assert show_number("5", code).rstrip(PICTURE) != shown


@pytest.mark.parametrize("code", ["0-0", '0"-"0', "0\\-0", "0 0", "000-0000", '0"又"0', "0!.0"])
def test_formats_that_set_digits_apart(code):
    assert show_number("34", code) == f"34{PICTURE}"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("#,##0.00", "34.00"),
        ("0_ ", "34"),
        ("0.00_);(0.00)", "34.00"),
        ("# ?/?", "34"),
        ('0"件"', "34件"),
        ("0 ", "34"),
    ],
)
def test_formats_that_do_not(code, shown):
    assert show_number("34", code) == shown


@pytest.mark.parametrize(
    ("stored", "code", "shown"),
    [
        ("1234.56", ".0", "1234.6"),
        ("1234.56", "??0", "1235"),
        ("5", "(0)", f"5{PICTURE}"),
        ("5", "<0", f"5{PICTURE}"),
        ("5", "0+", f"5{PICTURE}"),
        ("5", "!0", f"5{PICTURE}"),
        ("0", '"5"', f"0{PICTURE}"),
        ("0", '"-"', "-"),
        ("0", "(0)", "0"),
        ("1236", "0.00E+00", f"1236{PICTURE}"),
        ("34", "0.00E+00", "34"),
        ("0.56", "# ?/?", f"0.56{PICTURE}"),
        ("0.4", "h:mm", f"0.4{PICTURE}"),
        ("99999999", "yyyy-mm-dd", f"99999999{PICTURE}"),
        ("-18", '[=0]"无";0', f"-18{PICTURE}"),
        ("-18", "[>5]0;-0", f"-18{PICTURE}"),
        ("-5", "0_);(0)", "-5"),
    ],
)
def test_what_a_spreadsheet_program_shows(stored, code, shown):
    """Compared with what LibreOffice shows of 1,221 pairs of numbers and formats."""
    assert show_number(stored, code) == shown

"""Quirks of figures: blanks, signs, units, notes, other digits, and agencies whose figures do not add up."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from schemas.vocabulary import ValueStatus
from tests.factory.layout import print_number
from tests.factory.model import Cell, Figure, Report, Role, Table, Text, table_width
from tests.factory.quirks.registry import WITH_MARKUP, WITH_SPANS, report_quirk

_FULL_WIDTH_DIGITS = str.maketrans("0123456789.-+", "０１２３４５６７８９．－＋")
_CHINESE_DIGITS = "零一二三四五六七八九"
_BLANK = Figure(None, ValueStatus.BLANK)
_ILLEGIBLE = Figure(None, ValueStatus.ILLEGIBLE)


def figure_cells(report: Report, code: str | None = None) -> Iterator[tuple[Cell, Figure, Decimal]]:
    """Yield the cells that print a number of the form, with the figure and its value."""
    for cell in report.cells(code):
        if cell.key is not None and cell.figure is not None and cell.figure.value is not None:
            yield cell, cell.figure, cell.figure.value


def set_blank(cell: Cell) -> None:
    """Empty a cell."""
    cell.text = ""
    cell.figure = _BLANK


def _print_zeros(report: Report, text: str, tables: tuple[str, ...] = ("request", "challenge")) -> None:
    for table in tables:
        for cell, _, value in figure_cells(report, table):
            if value == 0:
                cell.text = text
                cell.figure = Figure(None, ValueStatus.NOT_APPLICABLE) if text else _BLANK


@report_quirk("Cell values: blank and 0 mixed", needs_blanks=True)
def zeros_blank(report: Report, rng: Random) -> None:
    """Leaves every zero of 表三 and 表四 empty."""
    _print_zeros(report, "")


@report_quirk("Cell values: blank and 0 mixed in one report", needs_blanks=True)
def zeros_half_blank(report: Report, rng: Random) -> None:
    """Leaves about half of the zeros empty."""
    for cell, _, value in figure_cells(report):
        if value == 0 and rng.random() < 0.5:
            set_blank(cell)


@report_quirk("Cell values: a whole 总计 column blank but for four rows", needs_blanks=True)
def total_column_blank(report: Report, rng: Random) -> None:
    """Leaves the totals of all rows of 表三 empty but the four of the flow."""
    for cell, _, _ in figure_cells(report, "request"):
        if cell.code == "total" and cell.key and cell.key[1] not in _FLOW:
            set_blank(cell)


_FLOW = frozenset({"new_received", "carried_in", "handled_total", "carried_forward"})


@report_quirk("Cell values: /")
def zeros_slash(report: Report, rng: Random) -> None:
    """Prints / for every zero."""
    _print_zeros(report, "/")


@report_quirk("Cell values: -")
def zeros_hyphen(report: Report, rng: Random) -> None:
    """Prints - for every zero, beside signed changes."""
    _print_zeros(report, "-", ("proactive", "request", "challenge"))


@report_quirk("Cell values: —, 无")
def zeros_dash_and_none(report: Report, rng: Random) -> None:
    """Prints — for the zeros of 表三 and 无 for those of 表四."""
    _print_zeros(report, "—", ("request",))
    _print_zeros(report, "无", ("challenge",))


@report_quirk("Cell values (full-width digits)")
def full_width_digits(report: Report, rng: Random) -> None:
    """Types every figure in full-width digits."""
    for cell, _, _ in figure_cells(report):
        cell.text = cell.text.translate(_FULL_WIDTH_DIGITS)


@report_quirk("Cell values (thousands separators)")
def thousands_separators(report: Report, rng: Random) -> None:
    """Groups digits with commas, half width and full width."""
    for cell, _, value in figure_cells(report):
        if abs(value) >= 1000:
            grouped = f"{value:,f}"
            cell.text = grouped.replace(",", "，") if rng.random() < 0.3 else grouped


@report_quirk("Cell values: signed changes -18, +1036", forms=frozenset({"2019"}))
def plus_signs(report: Report, rng: Random) -> None:
    """Prints + before every increase."""
    _sign_changes(report, "+", "-")


@report_quirk("Cell values: 减3", forms=frozenset({"2019"}))
def signs_as_words(report: Report, rng: Random) -> None:
    """Prints 增3 and 减3."""
    _sign_changes(report, "增", "减")


@report_quirk("own: minus signs that are not hyphens", forms=frozenset({"2019"}))
def minus_variants(report: Report, rng: Random) -> None:
    """Types U+2212, an en dash, a full-width hyphen or a dash for minus."""
    for cell, _, _ in figure_cells(report, "proactive"):
        if cell.code == "items_change":
            _draw_change(cell, rng)
    for cell, _, value in figure_cells(report, "proactive"):
        if cell.code == "items_change" and value < 0:
            cell.text = rng.choice("−–－﹣") + print_number(-value)


def _draw_change(cell: Cell, rng: Random) -> None:
    value = Decimal(rng.choice((-18, -3, 1036, 7, 0)))
    cell.figure = Figure(value)
    cell.text = print_number(value)


def _sign_changes(report: Report, plus: str, minus: str) -> None:
    rng = Random(report.title)
    for cell, _, _ in figure_cells(report, "proactive"):
        if cell.code == "items_change":
            _draw_change(cell, rng)
    for cell, _, value in figure_cells(report, "proactive"):
        if cell.code == "items_change" and value:
            cell.text = (minus if value < 0 else plus) + print_number(abs(value))


def _set_amount(report: Report, value: Decimal, text: str, unit: str) -> None:
    for cell, _, _ in figure_cells(report, "proactive"):
        if cell.code == "amount":
            cell.figure = Figure(value, ValueStatus.REPORTED, unit)
            cell.text = text


@report_quirk("Cell values: units in the cell 251000元, 75394432.52元")
def amount_in_yuan(report: Report, rng: Random) -> None:
    """Prints the amount with 元, whatever the header says."""
    value = Decimal(rng.randrange(10**8, 10**10)).scaleb(-2)
    _set_amount(report, value, f"{value}元", "元")


@report_quirk("Cell values: units in the cell 0.37万元")
def amount_in_ten_thousands(report: Report, rng: Random) -> None:
    """Prints the amount with 万元."""
    value = Decimal(rng.randrange(1, 10**4)).scaleb(-2)
    _set_amount(report, value, f"{value}万元", "万元")


@report_quirk("Cell values: decimals 4166.241619; units none")
def amount_with_decimals(report: Report, rng: Random) -> None:
    """Prints a bare amount with six decimals."""
    value = Decimal(rng.randrange(10**9, 10**10)).scaleb(-6)
    for cell, figure, _ in figure_cells(report, "proactive"):
        if cell.code == "amount":
            cell.figure = Figure(value, ValueStatus.REPORTED, figure.unit)
            cell.text = print_number(value)


@report_quirk("Cell values: notes 22（其中修订 16 件）, 55（含自然失效 29 件）")
def notes_beside_figures(report: Report, rng: Random) -> None:
    """Prints a remark with other numbers beside figures of clause 一."""
    for cell, _, value in figure_cells(report, "proactive"):
        if cell.key and cell.key[1] == "normative_document":
            part = rng.randrange(int(value) + 1)
            cell.text += rng.choice((f"（其中修订 {part} 件）", f"（含自然失效{part}件）", f"(其中修订{part}件)"))


@report_quirk("Cell values: footnotes under the table")
def footnote_below(report: Report, rng: Random) -> None:
    """Prints a footnote with numbers in a paragraph under each table."""
    for number, block in reversed(list(enumerate(report.blocks))):
        if isinstance(block, Table):
            report.blocks.insert(
                number + 1, Text("注：以上数据不含下属 12 家单位，2 件为上年度受理；统计口径与上年 151 件一致。")
            )


@report_quirk("Cell values: footnotes under the table")
def footnote_row(report: Report, rng: Random) -> None:
    """Prints the footnote as the last row of the table."""
    for table in report.tables():
        note = "备注：1.本表数据截至12月31日。2.第5行含跨年度办理3件。"
        table.rows.append([Cell(note, Role.NOTE, columns=table_width(table.rows))])


@report_quirk("Cell values (Chinese numerals where a cell has them)")
def chinese_numerals(report: Report, rng: Random) -> None:
    """Prints the single-digit figures of 表四 in Chinese numerals, zero as 零 or 〇."""
    for cell, _, value in figure_cells(report, "challenge"):
        if value < 10:
            cell.text = rng.choice("零〇") if value == 0 else _CHINESE_DIGITS[int(value)]


@report_quirk("The figures themselves break the identities: results sum to 27 while （七）总计 says 21")
def results_do_not_sum(report: Report, rng: Random) -> None:
    """Prints one outcome too large while the flow still holds."""
    cells = [cell for cell, _, _ in figure_cells(report, "request") if cell.key and cell.key[1] == "granted"]
    for cell in cells:
        if cell.code in ("natural_person", "total"):
            _add(cell, 6)


@report_quirk("The figures themselves break the identities: 表四 10+1+0+0 with 总计 0")
def challenge_totals_zero(report: Report, rng: Random) -> None:
    """Prints 0 as every total of 表四 beside results."""
    for cell, _, _ in figure_cells(report, "challenge"):
        if cell.code == "total":
            cell.figure, cell.text = Figure(Decimal(0)), "0"
        elif cell.code == "upheld":
            _add(cell, 10)


@report_quirk("The figures themselves break the identities (a single wrong cell)")
def one_cell_changed(report: Report, rng: Random) -> None:
    """Prints one random cell of 表三 off by a few."""
    _add(rng.choice([cell for cell, _, _ in figure_cells(report, "request")]), rng.choice((1, 2, 9, 90)))


def _add(cell: Cell, amount: int) -> None:
    if cell.figure is None or cell.figure.value is None:
        raise ValueError("a cell without a number cannot be changed")
    cell.figure = Figure(cell.figure.value + amount)
    cell.text = print_number(cell.figure.value or Decimal(0))


@report_quirk("own: every figure with its unit")
def counts_with_units(report: Report, rng: Random) -> None:
    """Prints 3件 and 0 件 in 表三 and 表四."""
    for table in ("request", "challenge"):
        for cell, _, _ in figure_cells(report, table):
            cell.text += rng.choice(("件", " 件"))


@report_quirk("own: counts as a spreadsheet formats them")
def counts_with_decimals(report: Report, rng: Random) -> None:
    """Prints 3.00 for 3."""
    for cell, _, value in figure_cells(report, "request"):
        cell.text = f"{value:.2f}"


@report_quirk("own: a footnote mark raised beside a figure", containers=WITH_MARKUP)
def superscript_notes(report: Report, rng: Random) -> None:
    """Raises 1 or [2] after figures of 表三; 151 with a raised 1 is not 1511."""
    cells = [cell for cell, _, _ in figure_cells(report, "request")]
    for cell in rng.sample(cells, 3):
        cell.superscript = rng.choice(("1", "[2]", "①"))


@report_quirk("own: Markdown with emphasised headers and figures", containers=frozenset({"pipes"}))
def markdown_marks(report: Report, rng: Random) -> None:
    """Emphasises cells, breaks labels with <br> and escapes dots, as tools do that make Markdown of other formats."""
    for cell in report.cells():
        text = cell.text.replace(".", "\\.")
        half = len(text) // 2
        broken = f"{text[:half]}<br>{text[half:]}" if half > 4 and cell.role is not Role.FIGURE else text
        mark = rng.choice(("", "**", "__", "`"))
        cell.text = f"{mark}{broken}{mark}" if text else text


@report_quirk("own: a corrected figure with the old one struck out", containers=WITH_MARKUP)
def struck_out_figures(report: Report, rng: Random) -> None:
    """Leaves the old number struck out before the new one."""
    cells = [cell for cell, _, _ in figure_cells(report, "request")]
    for cell in rng.sample(cells, 2):
        cell.struck = str(rng.randrange(1, 60))


@report_quirk("own: a figure wrapped in its cell", containers=WITH_SPANS | {"pdf", "ofd"})
def digits_wrapped(report: Report, rng: Random) -> None:
    """Breaks figures of two digits and more inside their cell: 9.0300 over 56 is not 9.03, and may be two figures."""
    for table in ("proactive", "request"):
        for cell, _, _ in figure_cells(report, table):
            if len(cell.text) > 1 and cell.text.isdigit():
                at = rng.randrange(1, len(cell.text))
                cell.text = f"{cell.text[:at]}\n{cell.text[at:]}"
                cell.figure = _ILLEGIBLE


@report_quirk("own: white digits behind a figure", containers=WITH_MARKUP)
def pale_digits(report: Report, rng: Random) -> None:
    """Leaves white digits behind figures of 表三: 9204 is stored where 92 is seen."""
    cells = [cell for cell, _, _ in figure_cells(report, "request")]
    for cell in rng.sample(cells, 5):
        cell.pale, cell.figure = str(rng.randrange(10, 99)), _ILLEGIBLE


@report_quirk("own: reductions in red and without a sign", containers=WITH_MARKUP, forms=frozenset({"2019"}))
def reductions_in_red(report: Report, rng: Random) -> None:
    """Prints reductions as accountants do; what is red for another reason is what it says."""
    for cell, _, value in figure_cells(report, "proactive"):
        cell.is_red = value < 0 or (rng.random() < 0.1 and cell.code != "items_change")
        if value < 0:
            cell.text, cell.figure = print_number(-value), _ILLEGIBLE

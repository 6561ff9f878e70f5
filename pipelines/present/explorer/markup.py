"""Words and pieces of the explorer's pages. Whatever comes from data or from an address is escaped here."""

import tomllib
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from pipelines.load.page.markup import fill_gaps, number, text
from pipelines.present.explorer.request import known_measures

# Nothing may be fetched and nothing run, whatever a report smuggles in.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


@cache
def load_words() -> dict[str, dict[str, str]]:
    """Return the texts by key and language."""
    return tomllib.loads((files("pipelines.present.explorer") / "words.toml").read_text(encoding="utf-8"))


def say(key: str, **facts: object) -> str:
    """Return a text in both languages, of which the page shows one; facts are escaped.

    Raises:
        KeyError: There is no such text, or a gap that no fact fills.
    """
    return fill_gaps(load_words()[key], facts)


def say_in(lang: str, key: str) -> str:
    """Return a text in one language, for attributes and choices, where both cannot stand."""
    return text(load_words()[key][lang])


def name_measure(measure: str, lang: str) -> str:
    """Return a measure's name as plain text: in Chinese its name, in English the column."""
    return known_measures()[measure].name_zh if lang == "zh" else measure.replace("_", " ")


def figure(value: float | None, *, is_share: bool) -> str:
    """Return a number as people read it: nothing for null, a share in percent.

    >>> figure(0.5, is_share=True), figure(1234.0, is_share=False), figure(None, is_share=True)
    ('50.0%', '1,234', '')
    """
    if value is None:
        return ""
    return f"{value * 100:,.1f}%" if is_share else number(round(value, 6))


def bar(value: float | None, most: float) -> str:
    """Return a bar as long as the value is of the greatest."""
    share = 0.0 if value is None or not most else min(1.0, abs(value) / most)
    return f'<span class="track"><span class="bar" style="width:{share * 100:.1f}%"></span></span>'


def table(heads: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]], name: str, numbers: Collection[int]) -> str:
    """Return a table of HTML cells; each row comes with its classes.

    Args:
        heads: HTML of the headings.
        rows: Classes of each row, and the HTML of its cells.
        name: The table's id.
        numbers: Which columns hold numbers, from 0: they are set to the right.
    """
    set_right = [' class="n"' if place in numbers else "" for place in range(len(heads))]
    lines = []
    for kind, cells in rows:
        drawn = "".join(f"<td{right}>{cell}</td>" for right, cell in zip(set_right, cells, strict=True))
        lines.append(f'<tr class="{kind}">{drawn}</tr>')
    titles = "".join(f"<th{right}>{head}</th>" for right, head in zip(set_right, heads, strict=True))
    body = f"<thead><tr>{titles}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<div class="wide"><table class="data" id="{name}">{body}</table></div>'


def link(address: str, shown: str) -> str:
    """Return a link within the explorer; `shown` is HTML."""
    return f'<a href="{text(address, 4000)}">{shown}</a>'


def outside(url: str | None) -> str:
    """Return the address of a report: a link where it is one of the web, and text where it is anything else.

    >>> outside("javascript:alert(1)")
    'javascript:alert(1)'
    """
    if not url:
        return "–"
    shown = text(url)
    if urlsplit(url).scheme not in ("http", "https"):
        return shown
    return f'<a href="{text(url, 4000)}" rel="noopener noreferrer" referrerpolicy="no-referrer">{shown}</a>'


def select(name: str, options: Iterable[tuple[str, str]], chosen: str, label: str) -> str:
    """Return a labelled choice; names of options are plain text."""
    listed = "".join(
        f'<option value="{text(value)}"{" selected" if value == chosen else ""}>{text(shown)}</option>'
        for value, shown in options
    )
    return f'<label>{label}<select name="{name}">{listed}</select></label>'


def closed_select(label: str, shown: str) -> str:
    """Return a choice that another one opens; `shown` says which."""
    return f"<label>{label}<select disabled><option>{shown}</option></select></label>"


def whole_page(lang: str, title: str, body: str) -> str:
    """Return the document: styles inside, no script, nothing from outside."""
    style = (files("pipelines.load.page") / "page.css").read_text(encoding="utf-8")
    own = (files("pipelines.present.explorer") / "explorer.css").read_text(encoding="utf-8")
    language = "zh-CN" if lang == "zh" else "en"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{style}{own}</style></head>"
        f'<body class="only-{lang}"><main>{body}</main></body></html>\n'
    )

"""The explorer's two pages: a choice of agencies with what they add up to, and one agency with its form and sources."""

from collections.abc import Iterator, Sequence

import duckdb

from pipelines.check import mark_report
from pipelines.load.page.form import draw_tables
from pipelines.load.page.markup import both, number, text
from pipelines.load.page.worst import draw_form_legend, name_scope
from pipelines.present.choice import choose_reports
from pipelines.present.explorer import answers
from pipelines.present.explorer.answers import Row, is_rate
from pipelines.present.explorer.markup import (
    bar,
    closed_select,
    figure,
    link,
    load_words,
    name_measure,
    outside,
    say,
    say_in,
    select,
    table,
    whole_page,
)
from pipelines.present.explorer.request import Request, known_measures
from schemas.rule import load_rules

# What stands in place of the levels that open with the next choice: whether a prefecture can be chosen → label, hint.
_CLOSED = {False: ("below_province", "choose_province"), True: ("below_prefecture", "choose_prefecture")}


def compose_list(connection: duckdb.DuckDBPyConnection, request: Request) -> str:
    """Return the page of a choice: its conditions, what the chosen reports add up to, and their agencies."""
    count = choose_reports(connection, request.choice)
    parts = [_top(connection, request, "/"), _form(connection, request)]
    if not count:
        parts.append(f'<p class="notice">{say("nothing")}</p>')
    else:
        parts += [_totals(connection, request), _agencies(connection, request)]
    return whole_page(request.lang, say_in(request.lang, "title"), "".join(parts))


def compose_agency(connection: duckdb.DuckDBPyConnection, request: Request) -> str | None:
    """Return the page of one agency; None where this release has no such agency."""
    agency = answers.ask_agency(connection, request.agency)
    series = answers.ask_series(connection, request) if agency else []
    if agency is None or not series:
        return None
    shown = next((row for row in series if row["year"] == request.year), series[-1] if not request.year else None)
    if shown is None:
        return None
    place = " ".join(
        part for part in (agency["province_name"], agency["prefecture_name"], agency["county_name"]) if part
    )
    parts = [
        _top(connection, request, "/agency"),
        f"<p>{link(request.address('/', agency=0, year=0), say('back'))}</p>",
        f"<h2>{text(agency['agency_name'])}</h2>",
        f'<p class="soft">{text(place)} · {text(agency["sector"] or "")} · agency_id {agency["agency_id"]}</p>',
        _measure_form(request),
        _series(request, series, shown["year"]),
        _peers(connection, request, shown["year"]),
        *_source(connection, request, shown),
    ]
    return whole_page(request.lang, agency["agency_name"], "".join(parts))


def compose_notice(lang: str, key: str, **facts: object) -> str:
    """Return a page that says one thing, and asks the warehouse nothing."""
    body = f'<p class="notice">{say(key, **facts)}</p><p>{link(Request(lang=lang).address("/"), say("back"))}</p>'
    return whole_page(lang, say_in(lang, "title"), body)


def _top(connection: duckdb.DuckDBPyConnection, request: Request, path: str) -> str:
    languages = "".join(
        f"<b>{name}</b>" if lang == request.lang else link(request.address(path, lang=lang), name)
        for lang, name in (("zh", "中文"), ("en", "English"))
    )
    home = link(Request(lang=request.lang).address("/"), say("title"))
    release = say("release", release=answers.ask_release(connection))
    return f'<header class="top"><h1>{home}</h1><span class="chips">{languages}</span></header><p class="soft">{release}</p>'


def _form(connection: duckdb.DuckDBPyConnection, request: Request) -> str:
    """Return the conditions. Below a chosen province stand its prefectures, below a prefecture its counties."""
    lang = request.lang
    everywhere = ("", say_in(lang, "everywhere"))
    years = [(str(year), str(year)) for year in answers.ask_years(connection)]
    levels = answers.ask_regions(connection, request.region)
    fields = [
        select(level, [everywhere, *((row["code"], row["name"]) for row in rows)], chosen, say(level))
        for level, (rows, chosen) in levels.items()
    ]
    if not {"county", "direct"} & set(levels):
        label, shown = _CLOSED["prefecture" in levels]
        fields.append(closed_select(say(label), say_in(lang, shown)))
    sectors = [everywhere, *((sector, sector) for sector in answers.ask_sectors(connection))]
    hint = say_in(lang, "words_hint")
    fields += [
        select("sector", sectors, request.sector, say("sector")),
        f'<label>{say("words")}<input name="words" value="{text(request.words)}" placeholder="{hint}"></label>',
        select("first", [everywhere, *years], str(request.first or ""), say("first")),
        select("last", [everywhere, *years], str(request.last or ""), say("last")),
        _measures(request),
        f'<input type="hidden" name="lang" value="{lang}"><button>{say("show")}</button>',
        link(Request(lang=lang).address("/"), say("reset")),
    ]
    return f'<form class="choose" action="/" method="get">{"".join(fields)}</form>'


def _measures(request: Request) -> str:
    options = [(name, name_measure(name, request.lang)) for name in known_measures()]
    return select("measure", options, request.measure, say("measure"))


def _measure_form(request: Request) -> str:
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{text(getattr(request, name))}">'
        for name in ("agency", "lang", "region", "sector", "words", "first", "last", "year")
        if getattr(request, name)
    )
    return f'<form class="choose" action="/agency" method="get">{_measures(request)}{kept}<button>{say("show")}</button></form>'


def _says_measure(request: Request, key: str, **facts: object) -> str:
    return say(key, measure=name_measure(request.measure, request.lang), **facts)


def _take(request: Request, what: str, *, with_workbook: bool = True) -> str:
    files = [link(request.address(f"/{what}.csv"), "CSV")]
    if with_workbook:
        files.append(link(request.address("/export.xlsx"), "Excel"))
    return f'<p class="take">{say("take")}{"".join(files)}</p>'


def _totals(connection: duckdb.DuckDBPyConnection, request: Request) -> str:
    rows = answers.ask_totals(connection, request.measure)
    share = is_rate(request.measure)
    # Shares of any kind of agency are measured by one bar; counts of departments would not be seen beside governments'.
    most = {
        kind: answers.greatest([row for row in rows if share or row["agency_type"] == kind])
        for kind in {row["agency_type"] for row in rows}
    }
    drawn = [
        ("", [_kind(row["agency_type"], request.lang), str(row["year"]), number(row["reports"]),
              figure(row["value"], is_share=share), bar(row["value"], most[row["agency_type"]])])
        for row in rows
    ]  # fmt: skip
    heads = [say("kind"), say("year"), say("reports"), _plain(request), ""]
    return (
        f'<h2>{_says_measure(request, "totals")}</h2><p class="soft">{say("totals_note")} {_meaning(request)}</p>'
        f"{table(heads, drawn, 'totals', (1, 2, 3))}{_take(request, 'totals')}"
    )


def _agencies(connection: duckdb.DuckDBPyConnection, request: Request) -> str:
    total, most = answers.ask_size(connection, request.measure)
    pages = -(-total // answers.MOST_AGENCIES)
    page = min(request.page, pages)
    rows = answers.ask_agencies(connection, request.measure, page)
    share = is_rate(request.measure)
    drawn = [
        ("", [link(request.address("/agency", agency=row["agency_id"]), text(row["agency_name"])),
              figure(row["value"], is_share=share), bar(row["value"], most), str(row["year"]), number(row["reports"]),
              text(row["sector"] or ""), f'<span class="late">{say("late")}</span>' if row["is_late"] else "",
              number(row["failed_checks"] or None)])
        for row in rows
    ]  # fmt: skip
    names = ("latest_year", "reports", "sector", "late", "checks")
    heads = [say("agency"), _plain(request), "", *(say(name) for name in names)]
    several = say("several", words=request.words, count=number(total)) if request.words and total > 1 else ""
    notice = f'<p class="notice">{several}</p>' if several else ""
    turn = _turn(request, page, pages)
    return (
        f"<h2>{say('agencies', count=number(total))}</h2>{notice}{turn}"
        f"{table(heads, drawn, 'agencies', (1, 3, 4, 7))}{turn}{_take(request, 'agencies')}"
    )


def _turn(request: Request, page: int, pages: int) -> str:
    """Return the links to the pages of a long list: the ends and the neighbours; nothing for a list of one page."""
    if pages == 1:
        return ""
    near = sorted({1, pages, *range(max(1, page - 2), min(pages, page + 2) + 1)})
    links = []
    for before, place in zip([0, *near], near, strict=False):
        gap = "… " if place > before + 1 else ""
        links.append(gap + (f"<b>{place}</b>" if place == page else link(request.address("/", page=place), str(place))))
    return f'<nav class="chips">{say("turn", page=page, pages=pages)} {"".join(links)}</nav>'


def _plain(request: Request) -> str:
    unit = known_measures()[request.measure].unit
    return text(
        f"{name_measure(request.measure, request.lang)}（{unit}）"
        if request.lang == "zh"
        else name_measure(request.measure, "en")
    )


def _meaning(request: Request) -> str:
    """Return what the measure means and what to mind."""
    known = known_measures()[request.measure]
    caveat = f" {text(known.caveat, 400)}" if known.caveat else ""
    return f"<b>{_plain(request)}</b> {both(text(known.zh, 400), text(known.en, 400) + caveat)}"


def _series(request: Request, series: Sequence[Row], year: int) -> str:
    share, most = is_rate(request.measure), answers.greatest(series)
    drawn = []
    for row in series:
        kinds = [kind for kind, holds in (("break", row["is_break"]), ("shown", row["year"] == year)) if holds]
        late = f'<span class="late">{say("late_days", days=row["days_late"])}</span>' if row["is_late"] else ""
        drawn.append((" ".join(kinds), [
            link(request.address("/agency", year=row["year"]), str(row["year"])), text(row["form_code"] or ""),
            figure(row["value"], is_share=share), bar(row["value"], most), figure(row["new_received"], is_share=False),
            figure(row["grant_rate"], is_share=True), f"{row['first_published_date'] or ''} {late}",
            number(row["failed_checks"] or None),
            " ".join(
                say(word)
                for word, holds in (
                    ("revised", row["is_revised"]), ("unread", answers.is_unread(row, request.measure)),
                )
                if holds
            ),
        ]))  # fmt: skip
    heads = [
        say("year"),
        both("格式", "Form"),
        _plain(request),
        "",
        say("received"),
        say("grant_rate"),
        say("published"),
        say("checks"),
        "",
    ]
    return (
        f'<h2>{_says_measure(request, "series")}</h2><p class="soft">{say("series_note")} {_meaning(request)}</p>'
        f"{table(heads, drawn, 'series', (2, 4, 5, 7))}{_take(request, 'series')}"
    )


def _peers(connection: duckdb.DuckDBPyConnection, request: Request, year: int) -> str:
    rows = answers.ask_peers(connection, request, year)
    own = next((row for row in rows if row["is_asked"]), None)
    if own is None:
        return f'<h2>{both("同类机关", "Peers")}</h2><p class="soft">{say("peers_none")}</p>'
    share, most = is_rate(request.measure), answers.greatest(rows)
    head = say(
        "peers", year=year, rank=own["rank"], count=own["peer_count"], median=figure(own["peer_median"], is_share=share)
    )
    near = [row for place, row in enumerate(rows) if place < answers.MOST_PEERS or row["is_asked"]]
    note = say("peers_cut", shown=answers.MOST_PEERS) if len(near) < len(rows) else ""
    drawn = [
        ("asked" if row["is_asked"] else "",
         [str(row["rank"]), link(request.address("/agency", agency=row["agency_id"], year=year), text(row["agency_name"])),
          figure(row["value"], is_share=share), bar(row["value"], most)])
        for row in near
    ]  # fmt: skip
    heads = [say("rank"), say("agency"), _plain(request), ""]
    cut = f'<p class="soft">{note}</p>' if note else ""
    return f"<h2>{head}</h2>{cut}{table(heads, drawn, 'peers', (0, 2))}{_take(request, 'peers', with_workbook=False)}"


def _source(connection: duckdb.DuckDBPyConnection, request: Request, shown: Row) -> Iterator[str]:
    year, source = shown["year"], answers.ask_source(connection, shown["report_id"])
    facts = [
        (say("report_title"), text(source["title"] or "–")),
        (say("file"), text(source["path"], 500)),
        (say("address"), outside(source["url"])),
        (say("dated"), text(source["published_date"] or "–")),
        ("SHA-256", f"<code>{text(source['sha256'] or '')}</code>"),
    ]
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    yield f'<h2>{say("source", year=year)}</h2><dl class="source">{listed}</dl>'
    cells = answers.ask_trace(connection, request, year)
    yield f"<h3>{_says_measure(request, 'cells')}</h3>{_trace(cells)}"
    if cells:
        yield _take(request, "cells", with_workbook=False)
    printed, breaches, suspicions = answers.ask_form(connection, shown["report_id"])
    # A file may be older than the rules at hand.
    breaches = [breach for breach in breaches if breach["rule_id"] in load_rules()]
    pointed = {(cell["table_code"], cell["row_code"], cell["column_code"]) for cell in cells}
    drawn = list(draw_tables(printed, mark_report(breaches, suspicions), pointed=pointed))
    yield f'<h2 id="form">{say("form", year=year)}</h2><p class="soft">{_says_measure(request, "form_note")}</p>'
    yield draw_form_legend()
    yield from drawn
    yield _legacy([cell for cell in printed if cell["table_code"] == "legacy"])


def _trace(cells: Sequence[Row]) -> str:
    if not cells:
        return f'<p class="soft">{say("cells_none")}</p>'
    zeros = [cell for cell in cells if not cell["fact_value"]]
    drawn = [
        ("", [say(f"part_{cell['part']}"), text(cell["raw_label"] or ""), name_scope(cell["table_code"], cell["column_code"]), text(cell["raw_text"]),
              f"{cell['table_number']} · {cell['row_number']} · {cell['column_number']}", text(cell["findings"] or "")])
        for cell in sorted(cells, key=lambda cell: str(cell["part"]), reverse=True) if cell["fact_value"]
    ]  # fmt: skip
    heads = [say("part"), say("label"), say("column"), say("printed"), say("place"), ""]
    left = f'<p class="soft">{say("cells_zero", count=len(zeros))}</p>' if zeros else ""
    return (table(heads, drawn, "cells", (3,)) if drawn else "") + left


def _legacy(cells: Sequence[Row]) -> str:
    """Return the indicators of a provincial form, which no national form draws."""
    rows: dict[object, dict[str, Row]] = {}
    for cell in cells:
        rows.setdefault(cell["indicator_number"], {})[cell["column_code"] or ""] = cell
    if not rows:
        return ""
    drawn = [
        ("", [text(next(iter(row.values()))["raw_label"] or "?"), text(next(iter(row.values()))["unit"] or ""),
              *(text(row[column]["raw_text"]) if column in row else "" for column in ("year", "cumulative"))])
        for row in list(rows.values())[:answers.MOST_INDICATORS]
    ]  # fmt: skip
    heads = [say("label"), both("单位", "Unit"), say("this_year"), say("since")]
    left = len(rows) - len(drawn)
    cut = f'<p class="notice">{say("legacy_cut", count=number(left))}</p>' if left else ""
    return f"<h3>{say('legacy')}</h3>{table(heads, drawn, 'legacy', (2, 3))}{cut}"


def _kind(agency_type: str, lang: str) -> str:
    return text(load_words()["kinds"].get(agency_type, agency_type)) if lang == "zh" else agency_type.replace("_", " ")

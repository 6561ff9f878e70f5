"""Which file of several is current: the matrix of copies, corrections and contradictions."""

from datetime import UTC, date, datetime

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import WarehouseError
from pipelines.load import publish_warehouse
from pipelines.load.versions import Candidate, settle_versions
from schemas.version import version_rank
from schemas.vocabulary import FileStatus, Stage
from tests.load.staged import FakeFile, request, stage_files, workspace_in

EARLY, LATE = date(2022, 1, 20), date(2022, 3, 1)


def candidate(path, published=None, digest="x", count=100, *, sha=None, at=None):
    """`at` is the address that a fetched file came from and the day since which the address holds it."""
    captured = at and (at[0], datetime(2024, 1, at[1], tzinfo=UTC))
    number = len(path) * 1000 + sum(map(ord, path))
    return Candidate(number, path, sha or path, published, version_rank(path), digest, count, captured)


def states(*candidates, parts=()):
    by_id = {each.file_id: each.path for each in candidates}
    return {
        by_id[verdict.file_id]: " ".join(
            filter(None, (verdict.status.value, verdict.reason_code, "!" if verdict.is_conflicting else None))
        )
        for verdict in settle_versions(candidates, {(one.file_id, other.file_id) for one, other in parts})
    }


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([candidate("a")], {"a": "loaded"}),
        # the same figures: the first to say so stands
        ([candidate("a.pdf"), candidate("b.html")], {"a.pdf": "loaded", "b.html": "duplicate same_figures"}),
        ([candidate("a.pdf", LATE), candidate("b.html", EARLY)],
         {"a.pdf": "duplicate same_figures", "b.html": "loaded"}),
        ([candidate("a.pdf"), candidate("b.html", LATE)], {"a.pdf": "duplicate same_figures", "b.html": "loaded"}),
        # no figure at all equals nothing, not even another such report
        ([candidate("a", digest=None, count=0), candidate("b", digest=None, count=0)],
         {"a": "loaded !", "b": "superseded conflicting_versions !"}),
        # dates decide
        ([candidate("a", LATE, "x"), candidate("b", EARLY, "y")], {"a": "loaded", "b": "superseded newer_version"}),
        ([candidate("a", EARLY, "x"), candidate("b更正", EARLY, "y")],
         {"a": "superseded newer_version", "b更正": "loaded"}),
        ([candidate("a更正", EARLY, "x"), candidate("b", LATE, "y")],
         {"a更正": "superseded newer_version", "b": "loaded"}),
        # markers decide where a date is missing
        ([candidate("a", LATE, "x"), candidate("a_v2", None, "y")],
         {"a": "superseded newer_version", "a_v2": "loaded"}),
        ([candidate("a_v2", None, "x"), candidate("a_v3", None, "y")],
         {"a_v2": "superseded newer_version", "a_v3": "loaded"}),
        ([candidate("a", None, "x"), candidate("b更正", EARLY, "y"), candidate("c更正", LATE, "z")],
         {"a": "superseded newer_version", "b更正": "superseded newer_version", "c更正": "loaded"}),
        # nothing decides: the more complete, then the smaller hash
        ([candidate("a", None, "x", 10), candidate("b", None, "y", 20)],
         {"a": "superseded conflicting_versions !", "b": "loaded !"}),
        ([candidate("a", None, "x", sha="f"), candidate("b", None, "y", sha="0")],
         {"a": "superseded conflicting_versions !", "b": "loaded !"}),
        ([candidate("a", EARLY, "x", 10), candidate("b", None, "y", 20)],
         {"a": "superseded conflicting_versions !", "b": "loaded !"}),
        # only the contradicting ones conflict; what is known to be earlier is just earlier
        ([candidate("a", EARLY, "x", 99), candidate("b", LATE, "y", 10), candidate("c", LATE, "z", 20)],
         {"a": "superseded newer_version", "b": "superseded conflicting_versions !", "c": "loaded !"}),
        # a late copy of the first version does not outrank the correction
        ([candidate("a", EARLY, "x"), candidate("b", LATE, "y"), candidate("c.pdf", date(2024, 1, 1), "x")],
         {"a": "superseded newer_version", "b": "loaded", "c.pdf": "duplicate same_figures"}),
    ],
)  # fmt: skip
def test_matrix(candidates, expected):
    assert states(*candidates) == expected
    assert states(*reversed(candidates)) == expected


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        # other figures at the same address: what it holds now is current, whatever it prints
        ([candidate("a", LATE, "x", at=("u", 1)), candidate("b", EARLY, "y", 5, at=("u", 2))],
         {"a": "superseded newer_version", "b": "loaded"}),
        ([candidate("a更正", None, "x", at=("u", 1)), candidate("b", None, "y", at=("u", 2))],
         {"a更正": "superseded newer_version", "b": "loaded"}),
        # the same figures at the same address, the page around them changed: what it holds now is the document
        ([candidate("a", EARLY, "x", at=("u", 1)), candidate("b", EARLY, "x", at=("u", 2))],
         {"a": "superseded newer_version", "b": "loaded"}),
        # back again to the first figures
        ([candidate("a", None, "x", at=("u", 1)), candidate("b", None, "y", at=("u", 2)),
          candidate("c", None, "x", at=("u", 3))],
         {"a": "superseded newer_version", "b": "superseded newer_version", "c": "loaded"}),
        # a PDF of the first version, still there, does not outrank the corrected page
        ([candidate("a", None, "x", at=("u", 1)), candidate("b", None, "y", at=("u", 2)),
          candidate("c.pdf", None, "x", at=("v", 1))],
         {"a": "superseded newer_version", "b": "loaded", "c.pdf": "duplicate same_figures"}),
        # two addresses, and nothing tells which is later
        ([candidate("a", None, "x", 10, at=("u", 1)), candidate("b", None, "y", at=("v", 2))],
         {"a": "superseded conflicting_versions !", "b": "loaded !"}),
    ],
)  # fmt: skip
def test_what_an_address_holds_now_is_the_later_version(candidates, expected):
    assert states(*candidates) == expected
    assert states(*reversed(candidates)) == expected


def test_addresses_that_exchange_their_figures_leave_a_current_one():
    """A: x then y. B: y then x. Each version was replaced somewhere, so addresses tell nothing."""
    found = states(
        candidate("a", None, "x", 9, at=("u", 1)), candidate("b", None, "y", 8, at=("u", 2)),
        candidate("c", None, "y", 8, at=("v", 1)), candidate("d", None, "x", 9, at=("v", 2)),
    )  # fmt: skip
    assert sorted(found.values()) == [
        "duplicate same_figures", "duplicate same_figures", "loaded !", "superseded conflicting_versions !",
    ]  # fmt: skip


def test_the_fuller_of_page_and_attachment_is_the_report():
    page, pdf = candidate("page.html", EARLY, "x", 50), candidate("table.pdf", None, "y", 200)
    assert states(page, pdf, parts=[(page, pdf)]) == {"page.html": "duplicate fuller_document", "table.pdf": "loaded"}
    assert states(page, pdf) == {"page.html": "superseded conflicting_versions !", "table.pdf": "loaded !"}
    empty = candidate("page.html", EARLY, None, 0)
    assert states(empty, pdf, parts=[(empty, pdf)])["table.pdf"] == "loaded"


@given(
    st.lists(
        st.builds(
            candidate,
            st.text("ab更正_v23", min_size=1, max_size=6),
            st.sampled_from([None, EARLY, LATE]),
            st.sampled_from(["x", "y", "z", None]),
            st.integers(0, 3),
            at=st.none() | st.tuples(st.sampled_from("uv"), st.integers(1, 9)),
        ),
        min_size=1,
        max_size=6,
        unique_by=(lambda each: each.path, lambda each: each.file_id),
    )
)
def test_exactly_one_is_loaded_whatever_comes_and_everyone_points_at_a_kept_file(candidates):
    verdicts = settle_versions(candidates)
    assert [v.file_id for v in verdicts] == sorted(each.file_id for each in candidates)
    loaded = [v for v in verdicts if v.status is FileStatus.LOADED]
    assert len(loaded) == 1
    kept = {v.file_id for v in verdicts if v.status is not FileStatus.DUPLICATE}
    for verdict in verdicts:
        is_current = verdict is loaded[0]
        assert (verdict.reason_code is None) == (verdict.kept_file_id is None) == is_current
        assert is_current or verdict.kept_file_id in kept
    assert sum(v.is_conflicting for v in verdicts) != 1
    assert settle_versions(list(reversed(candidates))) == verdicts


@pytest.mark.parametrize(
    ("path", "rank"),
    [("2021/更正/年报.html", 0), ("城市更新局2021年报.html", 0), ("2021/报告(1).html", 0), ("2021/av2.html", 0),
     ("2021/报告 Version 4.html", 4), ("2021/报告（第三版）.doc", 3), ("2021/报告v2", 2), (".v3", 3), ("勘误", 2)],
)  # fmt: skip
def test_markers_in_names(path, rank):
    assert version_rank(path) == rank


@pytest.mark.parametrize(
    ("title", "rank"),
    [("甲局2021年年报（更正版）", 2), ("甲局2021年年报【修订】", 2), ("甲市更正办2021年年报", 0),
     ("甲局2021年年报（送审稿）", -1), ("甲局2021年年报（审定稿）", 0), ("甲局2021年年报（送审稿修订）", 2), (None, 0)],
)  # fmt: skip
def test_markers_in_titles(title, rank):
    """A corrected page has its mark in the title, and its address is a number: both versions were conflicting."""
    assert version_rank("2021/content_1.html", title) == rank


FIGURES = request("granted", 6, 1, total=7)
OTHER = request("granted", 6, 2, total=8)
MATRIX = [
    FakeFile("2021/a.html", "甲局", figures=FIGURES, content="same"),
    FakeFile("2021/b.html", "甲局", figures=FIGURES, content="same"),  # the same bytes
    FakeFile("undated/c.pdf", "甲局", figures=FIGURES | request("new_received", None)),  # the same, a blank more
    FakeFile("2021/d_更正.html", "甲局", figures=OTHER),  # a correction
    FakeFile("2021/e.html", "乙局", figures=FIGURES),
    FakeFile("2021/f.html", "乙局", figures=OTHER | request("denied_by_law", 1)),  # nothing tells which is later
    FakeFile("2021/g.html", "丙局", figures=FIGURES, rejections=((Stage.CHECK, "schema_violation"),)),
    FakeFile("2021/h.html", "丙局", figures=OTHER),  # the other one of the agency is rejected: this is no version of it
    FakeFile("2021/i.html", None, figures=FIGURES),
    FakeFile("2021/j.html", "丁局", None, figures=FIGURES),
    FakeFile("2021/k.html", "丁局", 2007, figures=FIGURES),
    FakeFile("2021/l.html", figures=None,
             rejections=((Stage.NORMALIZE, "no_statistic_table"), (Stage.READ, "broken_document"))),
]  # fmt: skip


def test_of_copies_the_one_in_the_folder_of_its_year_stays_then_the_shortest_path_then_the_first(tmp_path):
    copies = {
        "one": ["2020/a.md", "2021/a.md", "2021/sub/0.md", "undated/0.md"],  # the folder of 2020 is another year's
        "two": ["2021/b.md", "2021/0/copy.md", "2020/b.md"],
        "three": ["2021/c.md", "2021/d.md"],
        "four": ["2020/e.md", "2020/0/longer.md", "undated/e.md"],
    }
    workspace = workspace_in(tmp_path)
    stage_files(
        workspace,
        [
            FakeFile(path, f"{content}市人民政府", figures=request("granted", 1, total=1), content=content)
            for content, paths in copies.items()
            for path in paths
        ],
    )
    publish_warehouse(workspace)
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        loaded = connection.execute("SELECT path FROM source_file WHERE status = 'loaded'").fetchall()
        others = connection.execute("SELECT DISTINCT status, reason_code FROM source_file WHERE status <> 'loaded'")
        assert sorted(loaded) == [("2020/e.md",), ("2021/a.md",), ("2021/b.md",), ("2021/c.md",)]
        assert others.fetchall() == [("duplicate", "same_bytes")]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    workspace = workspace_in(tmp_path_factory.mktemp("house"))
    stage_files(workspace, MATRIX)
    publish_warehouse(workspace)
    connection = duckdb.connect(str(workspace.database), read_only=True)
    yield lambda query: connection.execute(query).fetchall()
    connection.close()


def test_states_of_files(ask):
    assert ask("""SELECT s.path, s.status, s.reason_code, s.stage, k.path FROM source_file AS s
                  LEFT JOIN source_file AS k ON k.file_id = s.kept_file_id ORDER BY 1""") == [
        ("2021/a.html", "superseded", "newer_version", "load", "2021/d_更正.html"),
        ("2021/b.html", "duplicate", "same_bytes", "load", "2021/a.html"),
        ("2021/d_更正.html", "loaded", None, None, None),
        ("2021/e.html", "superseded", "conflicting_versions", "load", "2021/f.html"),
        ("2021/f.html", "loaded", None, None, None),
        ("2021/g.html", "rejected", "schema_violation", "check", None),
        ("2021/h.html", "loaded", None, None, None),
        ("2021/i.html", "rejected", "no_agency", "load", None),
        ("2021/j.html", "rejected", "no_year", "load", None),
        ("2021/k.html", "rejected", "year_out_of_range", "load", None),
        ("2021/l.html", "rejected", "broken_document", "read", None),
        ("undated/c.pdf", "duplicate", "same_figures", "load", "2021/a.html"),
    ]
    reasons = dict(ask("SELECT path, reason FROM source_file WHERE status = 'duplicate'"))
    assert "2021/a.html" in reasons["2021/b.html"]
    assert "2021/a.html" in reasons["undated/c.pdf"]


def test_loaded_and_superseded_versions_keep_their_cells_and_only_current_ones_enter_facts(ask):
    assert ask("""SELECT s.path, r.is_current, count(c.report_id)
                  FROM dim_report AS r JOIN source_file AS s USING (file_id)
                  JOIN reported_cell AS c USING (report_id) GROUP BY ALL ORDER BY 1""") == [
        ("2021/a.html", False, 3), ("2021/d_更正.html", True, 3), ("2021/e.html", False, 3),
        ("2021/f.html", True, 5), ("2021/h.html", True, 3),
    ]  # fmt: skip
    assert ask("""SELECT agency_name, sum(requests) FROM fact_request_outcome JOIN dim_agency USING (agency_id)
                  GROUP BY 1 ORDER BY 1""") == [("丙局", 8), ("乙局", 9), ("甲局", 8)]  # fmt: skip


def test_both_contradicting_versions_carry_a_finding(ask):
    assert ask("""SELECT s.path, f.stage, f.severity, f.report_id IS NOT NULL FROM finding AS f JOIN source_file AS s
                  USING (file_id) WHERE f.reason_code = 'conflicting_versions' ORDER BY 1""") == [
        ("2021/e.html", "load", "error", True), ("2021/f.html", "load", "error", True)]  # fmt: skip


TWICE = (("request", "granted", "natural_person"), 6), (("request", "granted", "business"), 3)
OTHERS = [
    FakeFile("2020/a.html", "戊局", 2020, figures=FIGURES),
    FakeFile("2020/b.pdf", "戊局", 2020, figures=FIGURES, signed="戊"),
    FakeFile("2020/c.html", "己局", 2020, figures=FIGURES, repeated=TWICE),
    FakeFile("2020/d.html", "庚局", 2020, figures={
        ("proactive", "regulation", "amount"): 1, ("challenge", "litigation", "upheld"): 2}),
]  # fmt: skip


PAGE, GONE = "http://a.cn/1.html", datetime(2024, 1, 9, 6)  # noqa: DTZ001 - UTC without saying so
FEW = request("granted", 1, 1, total=2)
FETCHED = [  # a page that was corrected, its PDF that says more, and a report that vanished from its site
    FakeFile("2023/甲/old.html", "甲局", 2023, figures=request("granted", 7, total=7), captured=(PAGE, 1)),
    FakeFile("2023/甲/new.html", "甲局", 2023, figures=FEW, captured=(PAGE, 2)),
    FakeFile("2023/甲/new.pdf", "甲局", 2023, figures=FEW | request("new_received", 5, total=5),
             captured=("http://a.cn/1.pdf", 2), page_url=PAGE),
    FakeFile("2023/乙/x.html", "乙局", 2023, figures=FEW, captured=("http://b.cn/x.html", 3), gone_at=GONE),
    FakeFile("2023/丙.html", "丙局", 2023, figures=FEW),
]  # fmt: skip


@pytest.fixture(scope="module")
def ask_others(tmp_path_factory, plain_publish):
    workspace = workspace_in(tmp_path_factory.mktemp("others"))
    stage_files(workspace, [*OTHERS, *FETCHED])
    publish_warehouse(workspace)
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        yield lambda query: connection.execute(query).fetchall()


def of_agency(name):
    agency = f"(SELECT agency_id FROM dim_agency WHERE agency_name = '{name}')"
    return f"report_id IN (SELECT report_id FROM dim_report WHERE agency_id = {agency})"


def test_aliases_of_copies_in_other_words_are_kept(ask_others):
    names = "FROM dim_agency_alias JOIN dim_agency USING (agency_id) WHERE agency_name = '戊局'"
    assert ask_others(f"SELECT alias {names} ORDER BY 1") == [("戊",), ("戊局",)]


def test_a_figure_that_stands_twice_counts_once_and_a_contradiction_not_at_all(ask_others):
    facts = f"SELECT applicant_code, requests FROM fact_request_outcome WHERE {of_agency('己局')}"
    assert ask_others(facts) == [("natural_person", 6)]
    findings = f"SELECT reason_code, raw_text FROM finding WHERE {of_agency('己局')} ORDER BY ALL"
    assert ask_others(findings) == [("duplicate_row", "1"), ("duplicate_row", "3")]


def test_a_cell_that_no_form_has_enters_no_fact_but_says_so(ask_others):
    assert ask_others(f"SELECT count(*) FROM fact_proactive WHERE {of_agency('庚局')}") == [(0,)]
    assert ask_others(f"SELECT count(*) FROM fact_challenge WHERE {of_agency('庚局')}") == [(0,)]
    findings = f"SELECT reason_code, stage, raw_text FROM finding WHERE {of_agency('庚局')}"
    assert ask_others(findings) == [("unmapped_column", "load", "1")]


def test_a_file_that_no_stage_speaks_of_stops_the_publish(tmp_path):
    workspace = workspace_in(tmp_path)
    stage_files(workspace, [FakeFile("2021/lost.html", figures=None)])
    with pytest.raises(WarehouseError, match=r"neither a report nor a rejection.*2021/lost\.html"):
        publish_warehouse(workspace)


def test_fetched_files_show_their_origin_and_settle_by_it(ask_others):
    rows = ask_others("""SELECT path, status, reason_code, url, source_name, fetched_at, http_status, gone_at
                         FROM source_file WHERE path LIKE '2023/%' ORDER BY path""")
    by_path = {row[0]: row[1:] for row in rows}
    assert by_path["2023/甲/old.html"][:3] == ("superseded", "newer_version", PAGE)
    assert by_path["2023/甲/new.html"][:3] == ("duplicate", "fuller_document", PAGE)
    assert by_path["2023/甲/new.pdf"][:4] == ("loaded", None, "http://a.cn/1.pdf", "甲")
    assert by_path["2023/乙/x.html"][0] == "loaded"
    assert by_path["2023/乙/x.html"][3:] == ("甲", datetime(2024, 1, 3), 200, GONE)  # noqa: DTZ001 - times without a zone, as DuckDB hands them over
    assert by_path["2023/丙.html"][2].startswith("https://example.org/")
    assert by_path["2023/丙.html"][3:] == (None, None, None, None)
    assert ask_others("SELECT count(*) FROM dim_report WHERE is_current AND year = 2023") == [(3,)]

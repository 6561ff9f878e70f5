"""The list of sites and the settings: what is wrong with them is said by line, before anybody is asked anything."""

import re
from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.ingest.fetch import FetchSettings, choose_sources, load_settings, load_sources
from pipelines.ingest.fetch.guard import GuardedTransport
from pipelines.settings import Workspace
from schemas.portal import PagingKind, load_link_words, load_portals, year_in_title
from schemas.vocabulary import PortalReader
from tests.ingest.fetch.conftest import HEADER

EXAMPLE = Path(__file__).parents[3] / "data/sources.example.csv"
GOOD = "甲县,甲县人民政府,static_list,https://gov.invalid/nb/,,2019,"


def load(folder: Path, *lines: str, header: str = HEADER):
    path = folder / "sources.csv"
    path.write_text("\ufeff" + "\n".join([header, *lines]) + "\n", encoding="utf-8")
    return load_sources(path)


def test_a_line_is_a_source(tmp_path):
    (source,) = load(tmp_path, GOOD)
    assert (source.name, source.agency, source.portal.code, source.url) == (
        "甲县", "甲县人民政府", "static_list", "https://gov.invalid/nb/",
    )  # fmt: skip
    assert [source.wants(year) for year in (2018, 2019, 2030, None)] == [False, True, True, True]
    assert source.pattern.search("甲县2023年政府信息公开工作年度报告")
    assert not source.pattern.search("甲县政府信息公开指南")


def test_no_file_is_no_source(tmp_path):
    assert load_sources(tmp_path / "sources.csv") == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("甲/县,甲,static_list,https://a.invalid/,,,", "line 3: source must be"),
        ("..,甲,static_list,https://a.invalid/,,,", "line 3: source must be"),
        (",甲,static_list,https://a.invalid/,,,", "line 3: source must be: .*; it is empty"),
        ("乙县,,static_list,https://a.invalid/,,,", "line 3: agency must be"),
        ("乙县,乙,static,https://a.invalid/,,,", r"line 3: family must be: .* \(jpage_xml, .*'static' is not that"),
        ("乙县,乙,static_list,ftp://a.invalid/,,,", "line 3: url must be: .* http or https"),
        ("乙县,乙,static_list,https://u:p@a.invalid/,,,", "line 3: url must be"),
        ("乙县,乙,static_list,https://[a/,,,", "line 3: url 'https://\\[a/' is no address"),
        ("乙县,乙,static_list,https://xn--/,,,", "line 3: url 'https://xn--/' is no address"),
        ("乙县,乙,static_list,https://a.invalid/,(,,", "line 3: pattern '\\(' is no regular expression"),
        ("乙县,乙,static_list,https://a.invalid/,,2001,", "line 3: from_year must be: .*2008 or later"),
        ("乙县,乙,static_list,https://a.invalid/,,2022,2021", "line 3: from_year 2022 is after to_year 2021"),
        ("乙县,乙,static_list,https://a.invalid/,,soon,", "line 3: from_year must be a year"),
        ("乙县,乙,static_list,https://a.invalid/,,", "line 3: it must have 7 fields"),
        ("乙县,乙,static_list,https://a.invalid/,a,b,,", "line 3: it must have 7 fields"),
        (GOOD, "line 2: source '甲县' stands in the list twice"),
    ],
)
def test_what_is_wrong_is_said_by_line(tmp_path, line, message):
    with pytest.raises(UsageError) as told:
        load(tmp_path, GOOD, line)
    assert re.search(message, str(told.value)), told.value


def test_wrong_columns_are_said(tmp_path):
    with pytest.raises(UsageError, match=f"the first line must be {HEADER}"):
        load(tmp_path, GOOD, header="name,url")


def test_an_unknown_name_is_said_with_those_there_are(tmp_path):
    sources = load(tmp_path, GOOD)
    assert choose_sources(sources, []) == choose_sources(sources, ["甲县"]) == sources
    with pytest.raises(UsageError, match=r"no source is called '乙县'; data/sources\.csv lists 甲县"):
        choose_sources(sources, ["乙县"])


def test_the_example_is_read_whole_and_reaches_nobody():
    sources = load_sources(EXAMPLE)
    assert {source.portal.code for source in sources} == set(load_portals())
    assert all(re.match(r"https?://[^/]+\.invalid(/|$)", source.url) for source in sources)


def test_settings_come_from_the_file(tmp_path):
    workspace = Workspace(tmp_path / "raw", tmp_path / "warehouse")
    assert load_settings(workspace) == FetchSettings()
    workspace.fetch_settings.write_text('contact = "mailto:a@b.c"\ndelay_seconds = 5\nallowed_hosts = ["a:80"]\n')
    found = load_settings(workspace)
    assert (found.contact, found.delay_seconds, found.allowed_hosts) == ("mailto:a@b.c", 5.0, ("a:80",))
    assert found.allows("a", 80)
    assert not found.allows("a", 81)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("delay = 1", "there is no setting 'delay'; there are contact, delay_seconds"),
        ("delay_seconds = -1", "delay_seconds must be a number, 0 or above, not -1"),
        ("attempts = 0", "attempts must be a whole number above 0, not 0"),
        ("attempts = true", "attempts must be a whole number"),
        ('allowed_hosts = "a"', "allowed_hosts must be a list of texts"),
        ('contact = "a\\r\\nX: y"', "contact must be a text of ASCII characters"),
        ("contact =", "cannot be read"),
    ],
)
def test_wrong_settings_are_said(tmp_path, text, message):
    workspace = Workspace(tmp_path / "raw", tmp_path / "warehouse")
    workspace.fetch_settings.write_text(text)
    with pytest.raises(UsageError, match=message):
        load_settings(workspace)


def test_certificates_that_are_not_there_are_said(tmp_path):
    with pytest.raises(UsageError, match="certificates"):
        GuardedTransport(FetchSettings(certificates=str(tmp_path / "none.pem")))


def test_every_family_says_how_it_is_read():
    for portal in load_portals().values():
        entry = portal.entry
        if portal.reader is PortalReader.REPORT:
            assert not portal.paging
            continue
        assert entry.address
        assert entry.title
        assert portal.paging
        assert bool(entry.items) == (portal.reader is PortalReader.JSON)
        assert bool(entry.selector) == (portal.reader is not PortalReader.JSON)
        assert bool(entry.record) == (portal.reader is PortalReader.RECORDS)
        for rule in portal.paging:
            needed = {
                PagingKind.LINK: rule.texts,
                PagingKind.NUMBERED: rule.count and rule.address,
                PagingKind.RECORDS: rule.count and rule.start and rule.end,
                PagingKind.PARAMETER: rule.parameters,
            }
            assert needed[rule.kind]


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("某县2023年政府信息公开工作年度报告", 2023),
        ("某县2023年度政府信息公开工作年度报告（2024年1月）", 2023),
        ("2024-01-30 某县2023年年报", 2023),
        ("某局二〇二一年政府信息公开年度报告", 2021),
        ("某局二0一九年政府信息公开年度报告", 2019),
        ("政府信息公开年度报告(2020)", 2020),
        ("政府信息公开年度报告", None),
        ("12020123号文", None),
    ],
)
def test_year_in_title(title, year):
    assert year_in_title(title) == year


@pytest.mark.parametrize(
    ("title", "is_report"),
    [
        ("甲县人民政府2023年政府信息公开工作年度报告", True),
        ("甲县2018年政府信息公开年报", True),
        ("甲县2023年政务公开工作年度报告", True),
        ("甲县政府信息公开工作报告", True),
        ("甲县政府信息公开指南", False),
        ("甲县2023年政府工作报告", False),
        ("甲县政府信息公开目录", False),
    ],
)
def test_which_titles_are_reports(title, is_report):
    assert bool(re.search(load_link_words().report, title)) == is_report

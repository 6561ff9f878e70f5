"""What a government's site says of itself in its frame: its identification code, its filings with police and ministry.

None of them names an agency, and a county's report may stand on the site of its city or province: they tell a region,
which narrows the places that a name can mean.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import polars as pl

from pipelines.normalize.identity.clue import Clue
from pipelines.normalize.identity.region import lies_within
from schemas.agency import load_site_words
from schemas.region import Region, regions_by_code
from schemas.vocabulary import BlockKind, EvidenceSource

FILINGS = (EvidenceSource.POLICE_FILING, EvidenceSource.ICP_FILING)
"""What only tells where a site is registered: asked where nothing else decides."""

_SITE_SOURCES = (EvidenceSource.SITE_CODE, EvidenceSource.SITE_DOMAIN, *FILINGS)
_FIRST_YEAR = 2014  # sites have codes since 2015: no division that had gone before gave its own
_CODE = re.compile(r"(?<!\d)\d{10}(?!\d)")
_LONGEST_LINE = 1_000
_GOVERNMENT = ".gov.cn"
_HOST_IN = re.compile(r"[\w.-]+\.gov\.cn(?![\w.-])", re.ASCII)
_HOST = re.compile(r"\s*(?:https?://)?([\w.-]+\.gov\.cn)(?![\w.-])", re.IGNORECASE | re.ASCII)


def frame_lines(text: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Return file_id and line of what may tell below a file's last table whose site it is, the line behind it included.

    A sentence is none: an article may speak of another site's code. Above a table, which may be one of links, a line
    must say who runs the site or how it is filed besides.

    Args:
        text: The blocks without the tables, in reading order.
        blocks: Frame `blocks`.
    """
    is_same = pl.col("file_id").shift(-1) == pl.col("file_id")
    told = (
        text.with_columns(pl.when(is_same).then(pl.col("text").shift(-1)).alias("behind"))
        .filter(
            pl.col("text").str.contains_any(list(load_site_words().marks))
            & (pl.col("kind") != BlockKind.METADATA.value)
            & ~pl.col("text").str.contains("。", literal=True)
        )
        .filter(pl.col("text").str.len_bytes() <= _LONGEST_LINE)
    )
    if told.is_empty():
        return told.select("file_id", "text")
    last = (
        blocks.filter(pl.col("kind") == BlockKind.TABLE.value)
        .group_by("file_id")
        .agg(pl.col("block_number").max().alias("last"))
    )
    below = told.join(last, on="file_id", how="left", maintain_order="left").filter(
        pl.col("last").is_null()
        | (pl.col("block_number") > pl.col("last"))
        | pl.col("text").str.contains(load_site_words().frame)
    )
    return below.select("file_id", pl.concat_str("text", "behind", separator="\n", ignore_nulls=True))


def find_site_clues(
    metadata: Sequence[tuple[str, str]], frame: Sequence[str], lines: Sequence[str] = (), address: str | None = None
) -> list[Clue]:
    """Return the clues that a site gives, code and domain before the filings.

    Several codes make one clue, since nothing tells which is the site's own. Filings count on a government's page that
    tells no code, be it a ministry's: a company's page is filed where the company is.

    Args:
        metadata: Labels in lower case, and values.
        frame: Lines below the last table.
        lines: The first lines of the text, which may say where the report can be had.
        address: Where the page was fetched.

    >>> [clue.text for clue in find_site_clues([("siteidcode", "3201060001")], ["苏ICP备05004952号"])]
    ['3201060001']
    >>> [str(clue.source) for clue in find_site_clues([], ["主办：鼓楼区人民政府 苏ICP备05004952号"])]
    ['icp_filing']
    >>> find_site_clues([], ["某某科技有限公司 京ICP备05004952号"])
    []
    """
    words = load_site_words()
    host = next(_hosts(metadata, address), None)
    told = host or _host_in(lines)
    domain = [Clue(EvidenceSource.SITE_DOMAIN, told)] if told is not None else []
    stated = [value.strip() for label, value in metadata if label in words.codes]
    codes = [value for value in stated if _CODE.fullmatch(value)]
    codes += ["".join(match["digits"].split()) for line in frame for match in words.code.finditer(line)]
    if codes:
        name = next((value for label, value in metadata if label in words.names), "")
        return [Clue(EvidenceSource.SITE_CODE, " ".join([*dict.fromkeys(codes), name]).strip()), *domain]
    is_central = any(words.central_code.search(text) for text in (*stated, *frame))
    if is_central or (host is None and not any(words.official.search(line) for line in frame)):
        return domain
    return [*domain, *_filings(frame)]


def _filings(frame: Sequence[str]) -> Iterator[Clue]:
    """Yield the filings of which a page tells one: of several nobody knows which is the site's own."""
    words = load_site_words()
    police = {match["digits"][:4]: match["digits"] for line in frame for match in words.police.finditer(line)}
    found = (match for line in frame for match in words.icp.finditer(line))
    icp = {match["province"]: match[0] for match in found if match["province"] in words.provinces}
    for source, told in ((EvidenceSource.POLICE_FILING, police), (EvidenceSource.ICP_FILING, icp)):
        if len(told) == 1:
            yield Clue(source, *told.values())


def _hosts(metadata: Sequence[tuple[str, str]], address: str | None) -> Iterator[str]:
    """Yield the hosts of governments at which a page says that it stands, the one first at which it was fetched."""
    stated = ((label, value) for label, value in metadata if label in load_site_words().domains)
    for value in (address, *(value for _, value in sorted(stated, key=_place_of_label))):
        match = _HOST.match(value) if value is not None else None
        if match is not None:
            yield match[1].lower()


def _host_in(lines: Sequence[str]) -> str | None:
    """Return the one host of a government that lines of a text name (电子版可在…网站(www.….gov.cn)下载)."""
    found = {match[0].lower() for line in lines if _GOVERNMENT in line for match in _HOST_IN.finditer(line)}
    return found.pop() if len(found) == 1 else None


def _place_of_label(stated: tuple[str, str]) -> int:
    return load_site_words().domains.index(stated[0])


def is_of_site(clue: Clue) -> bool:
    """Tell whether a clue is what a site says of itself."""
    return clue.source in _SITE_SOURCES


@lru_cache(maxsize=16_384)
def places_of_site(clue: Clue) -> frozenset[Region]:
    """Return the divisions that a site's code or filing is of, the lowest where several codes are told.

    The map of any year since there are codes counts, as a site keeps its code when its division is recoded. A code that
    no map has may be a functional area's or a police station's: its prefecture is told. So it is by any filing with the
    police, which a neighbouring station may have taken, and by an area's site, whose county is one of several.

    >>> sorted(place.name for place in places_of_site(Clue(EvidenceSource.SITE_CODE, "3201060001")))
    ['鼓楼区']
    >>> sorted(place.name for place in places_of_site(Clue(EvidenceSource.SITE_CODE, "3713720004")))
    ['临沂市']
    >>> sorted(place.name for place in places_of_site(Clue(EvidenceSource.POLICE_FILING, "32010602010119")))
    ['南京市']
    """
    words = load_site_words()
    if clue.source == EvidenceSource.SITE_DOMAIN:
        return frozenset()
    if clue.source == EvidenceSource.ICP_FILING:
        return _divisions(words.provinces[clue.text[0]])
    if clue.source == EvidenceSource.POLICE_FILING:
        return _lowest_known(clue.text[:4] + "00")
    kept = 4 if words.area.search(clue.text) else 6
    found = frozenset(place for code in _CODE.findall(clue.text) for place in _lowest_known(code[:kept].ljust(6, "0")))
    return frozenset(
        place
        for place in found
        if not any(lies_within(other, place) for other in found if other.place_code != place.place_code)
    )


def is_of_prefecture(text: str, region_code: str) -> bool:
    """Tell whether one of the site's codes in a clue's text is of a region's prefecture or municipality.

    >>> [is_of_prefecture("3201060001", code) for code in ("320102", "320115", "320302")]
    [True, True, False]
    """
    above = _divisions(region_code[:2] + "0000")
    told = 2 if any(place.is_municipality for place in above) else 4
    return any(code[:told] == region_code[:told] for code in _CODE.findall(text))


def _lowest_known(code: str) -> frozenset[Region]:
    """Return the division under a code or, where no map has it, the prefecture or municipality."""
    above = _divisions(code[:2] + "0000")
    return (
        _divisions(code) or _divisions(code[:4] + "00") or frozenset(place for place in above if place.is_municipality)
    )


def _divisions(code: str) -> frozenset[Region]:
    spans = regions_by_code().get(code, ())
    return frozenset(span for span in spans if span.valid_to is None or span.valid_to >= _FIRST_YEAR)

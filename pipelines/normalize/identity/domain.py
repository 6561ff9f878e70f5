"""The places that a government site's domain can mean, of those that a name leaves open: their names in pinyin.

A label spells a place's name, that of its prefecture or province, or two of these, each in full or by initials:
`gl.fuzhou`, `njgl`, `bjchy`, `nc`. Alone it tells little (`fz` is 福州 and 抚州), among a few places much.
"""

from functools import cache, lru_cache
from itertools import permutations, product

from pipelines.normalize.identity.region import lies_within, region_stem
from schemas.agency import load_site_words
from schemas.region import Region, RegionLevel, lineage_of, load_regions, read_pinyin, regions_by_place

_GOVERNMENT = ".gov.cn"
_FIRST_YEAR = 2007  # a site may keep the name that its place had when it opened
_SHORTEST_NAME = 5  # of a label below the domain: others are bureaus (zjj is 住建局, and not 张家界)
_TWO_LETTERS = ("zh", "ch", "sh")


def places_of_domain(host: str, places: frozenset[Region]) -> frozenset[Region]:
    """Return those of the places whose names the domain spells; none where it spells none or contradicts itself.

    The registered label decides; a label below it only as a name in full. Initials of one name are believed among
    places of one name, which are all there are; elsewhere more must be spelled, as the right place may be none of them.

    >>> from schemas.region import regions_by_code
    >>> gulou = frozenset(regions_by_code()[code][-1] for code in ("320106", "320302", "350102", "410204"))
    >>> [
    ...     [place.code for place in places_of_domain(host, gulou)]
    ...     for host in ("www.njgl.gov.cn", "gl.fuzhou.gov.cn", "sjj.xz.gov.cn", "www.njgl.com")
    ... ]
    [['320106'], ['350102'], ['320302'], []]
    >>> len(places_of_domain("gulou.gov.cn", gulou))
    4
    """
    if not host.endswith(_GOVERNMENT):
        return frozenset()
    *below, own = host.removesuffix(_GOVERNMENT).split(".")
    amount = {
        place: 2 if below and _is_below(below[-1], own, place.place_code) else _names_spelled(own, place.place_code)
        for place in places
    }
    least = 1 if len(places) > len({place.name for place in places}) == 1 else 2
    is_told = max(amount.values(), default=0) >= least
    spelled = frozenset(place for place in places if is_told and amount[place])
    names = [label for label in below if len(label) >= _SHORTEST_NAME]
    named = frozenset(place for place in places if any(label in _full_names(place.place_code) for label in names))
    return spelled & named if spelled and named else spelled or named


@lru_cache(maxsize=16_384)
def places_spelled(host: str) -> frozenset[Region]:
    """Return the cities and counties of any year since 2007 whose own name the registered label spells in full.

    >>> sorted(place.name for place in places_spelled("www.lingyuan.gov.cn"))
    ['凌源市']
    >>> sorted({place.name for place in places_spelled("www.linyi.gov.cn")})
    ['临沂市', '临猗县', '临邑县']
    >>> places_spelled("tjj.gov.cn"), places_spelled("www.lingyuan.com")
    (frozenset(), frozenset())
    """
    if not host.endswith(_GOVERNMENT):
        return frozenset()
    own = host.removesuffix(_GOVERNMENT).rpartition(".")[2]
    return frozenset(place for text in _bare_labels(own) for place in _places_by_spelling().get(text, ()))


def is_of_another_prefecture(host: str, place: Region) -> bool:
    """Tell whether a domain spells places in full of which none contains a place, lies in it or shares its city.

    >>> from schemas.region import region_in_year
    >>> zijin = region_in_year("441621")
    >>> [is_of_another_prefecture(f"www.{label}.gov.cn", zijin) for label in ("gaobeidian", "zijin", "heyuan", "zj")]
    [True, False, False, False]
    """
    spelled = places_spelled(host)
    own = _cities(place.place_code)
    return bool(spelled) and not any(
        lies_within(other, place) or lies_within(place, other) or own & _cities(other.place_code) for other in spelled
    )


@cache
def _cities(place_code: str) -> frozenset[str]:
    """Return the prefectures, or the municipality, that a place has lain in."""
    above = (
        region for region in _lineage(place_code) if region.level == RegionLevel.PREFECTURE or region.is_municipality
    )
    return frozenset(region.place_code for region in above)


@cache
def _places_by_spelling() -> dict[str, list[Region]]:
    found: dict[str, list[Region]] = {}
    for region in load_regions():
        if region.level != RegionLevel.PROVINCE and (region.valid_to is None or region.valid_to >= _FIRST_YEAR):
            for text in _spellings(region)[0]:
                found.setdefault(text, []).append(region)
    return found


@lru_cache(maxsize=65_536)
def _names_spelled(label: str, place_code: str) -> int:
    """Return how much of a place a label spells: 2 with two of its names or one in full, 1 by one's initials, or 0."""
    names = _lineage_names(place_code)
    found = 0
    for text in _bare_labels(label):
        if text in _full_names(place_code) or any(_is_made_of(text, *pair) for pair in permutations(names, 2)):
            return 2
        found = found or int(any(text in spellings for spellings in names))
    return found


@lru_cache(maxsize=65_536)
def _is_below(label: str, own: str, place_code: str) -> bool:
    """Tell whether a label spells a place itself, by initials too, below one that spells a division above: yc.cq."""
    here = regions_by_place()[place_code][-1]
    above = [region for region in _lineage(place_code) if region.place_code != place_code]
    return any(label in names for names in _spellings(here)) and any(
        own in names for region in above for names in _spellings(region)
    )


def _bare_labels(label: str) -> tuple[str, ...]:
    """Return a label, and what is left of it without the words for a government or the country."""
    words = load_site_words()
    return (label, *(bare for mark in words.domain_ends if (bare := label.removesuffix(mark)) != label and bare), *(
        bare for mark in words.domain_starts if (bare := label.removeprefix(mark)) != label and bare
    ))  # fmt: skip


def _is_made_of(text: str, first: frozenset[str], second: frozenset[str]) -> bool:
    return any(text[:cut] in first and text[cut:] in second for cut in range(1, len(text)))


@cache
def _lineage_names(place_code: str) -> tuple[frozenset[str], ...]:
    """Return the spellings of each name of a place and of the divisions above it, one set a name."""
    return tuple(dict.fromkeys(full | short for full, short in map(_spellings, _lineage(place_code))))


@cache
def _full_names(place_code: str) -> frozenset[str]:
    return frozenset(name for region in _lineage(place_code) for name in _spellings(region)[0])


@cache
def _lineage(place_code: str) -> tuple[Region, ...]:
    spans = (span for span in regions_by_place()[place_code] if span.valid_to is None or span.valid_to >= _FIRST_YEAR)
    return tuple(dict.fromkeys(region for span in spans for region in lineage_of(span, span.valid_to)))


@cache
def _spellings(region: Region) -> tuple[frozenset[str], frozenset[str]]:
    """Return a region's name in pinyin, in full and by initials, with and without its ending."""
    readings = read_pinyin(region.name)
    stem = readings[: len(region_stem(region))]
    ending = readings[-1] if len(stem) < len(readings) else ""
    full = "".join(stem)
    initials = {
        "".join(letters)
        for letters in product(*({word[0], word[:2]} if word[:2] in _TWO_LETTERS else word[0] for word in stem))
    }
    return (
        frozenset((full, full + ending, full + ending[:1], *load_site_words().spellings.get(region.name, ()))),
        frozenset(short + end for short in initials for end in ("", ending[:1]) if len(short + end) > 1),
    )

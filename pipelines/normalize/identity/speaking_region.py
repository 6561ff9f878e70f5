"""The government in whose name a report speaks that has no title: 2022年，合江县认真贯彻…, 2023年，全区共收到….

The government's office and every bureau speak of the region too. So nothing of a body's own may stand in the lines
(我局, 局党组), and the page must name the government besides: whom to ask or, where it says nothing of that, whose site
it is, be it by a domain that spells the region in full. An introduction that calls the report the region's own
(现将我旗2019年政府信息公开工作报告如下) needs no more than the region's name.
"""

from collections.abc import Iterable, Iterator, Sequence

from pipelines.normalize.folding import fold_characters
from pipelines.normalize.identity.agency_name import NameOption, read_name
from pipelines.normalize.identity.domain import places_spelled
from pipelines.normalize.identity.region import fits_marker
from pipelines.normalize.identity.subject import with_shared_word
from schemas.agency import AgencyType, load_name_rules, load_wordings
from schemas.region import Region

_OFFICIAL = frozenset((AgencyType.GOVERNMENT, AgencyType.GOVERNMENT_OFFICE))
_LEAST_MENTIONS = 2  # of 全区 on a page of which only the site's name tells whose it may be


def find_speaking_governments(
    lines: Iterable[str], asked: Sequence[str], sites: Iterable[str], host: str = ""
) -> Iterator[str]:
    """Yield the names by which a page calls the government that speaks in its lines.

    Args:
        lines: The first lines of the text.
        asked: Bodies that the readers are sent to.
        sites: Names of the site.
        host: Domain of the site; empty where nothing tells it.

    >>> lines = ["2022年，合江县认真贯彻条例。", "2022年，我县收到申请17件。"]
    >>> list(find_speaking_governments(lines, ["合江县人民政府办公室"], []))
    ['合江县人民政府']
    >>> list(find_speaking_governments([*lines, "我局按期答复。"], ["合江县人民政府办公室"], []))
    []
    >>> list(find_speaking_governments(lines, [], [], "www.hejiang.gov.cn"))
    ['合江县人民政府']
    >>> list(find_speaking_governments(["现将我旗2019年政府信息公开工作报告如下:", "2019年，东乌旗认真公开。"], [], []))
    ['东乌旗人民政府']
    """
    words = load_wordings()
    texts = [fold_characters(line) for line in lines]
    if any(words.own_body.search(text) for text in texts):
        return
    subjects = [match["name"] for text in texts for match in words.subject.finditer(text)]
    regions = _regions_named(subjects)
    levels = load_name_rules().markers
    markers = {levels[match["marker"]] for text in texts for match in words.region_speaks.finditer(text)}
    if not regions and not markers:
        return
    mentions = sum(len(words.region_self.findall(text)) for text in texts)
    bodies = list(asked)
    if not bodies and mentions >= _LEAST_MENTIONS:
        bodies = list(sites)
    for name in bodies:
        government = _government_of(name)
        if government is not None and _is_meant(government[1], regions, markers):
            yield government[0]
    if regions and not any(map(_is_of_body, subjects)):
        introduced = {levels[match["marker"]] for text in texts for match in words.region_introduces.finditer(text)}
        # A bureau that speaks of its region sends its readers to itself.
        spelled = places_spelled(host) if mentions and not asked else frozenset()
        yield from _governments_speaking(subjects, introduced, frozenset(place.place_code for place in spelled))


def _governments_speaking(names: Iterable[str], introduced: set[str], spelled: frozenset[str]) -> Iterator[str]:
    """Yield the governments of the regions among the names that an introduction or the site's domain means."""
    for name in names:
        places = _regions_named([name])
        is_introduced = any(fits_marker(place, marker) for place in places for marker in introduced)
        if places and not name.endswith("政府") and (is_introduced or any(p.place_code in spelled for p in places)):
            yield f"{name}人民政府"


def _is_of_body(name: str) -> bool:
    """Tell whether the subject of a sentence is a body below a government."""
    return any(option.unit.agency_type not in _OFFICIAL for option in read_name(name))


def _regions_named(names: Iterable[str]) -> frozenset[Region]:
    """Return the regions that the subjects of sentences can be, where they are regions and nothing more."""
    options = [option for name in names for option in read_name(name)]
    return frozenset(
        place for option in options if option.unit.agency_type == AgencyType.GOVERNMENT for place in option.places
    )


def _government_of(text: str) -> tuple[str, NameOption] | None:
    """Return the government's name and its reading where a text is that of a government, its office or its site."""
    words = load_wordings()
    full = words.site_of.sub("", fold_characters(text))
    name = words.office.sub("", full)
    name = with_shared_word(name, full[len(name) :])
    options: Sequence[NameOption] = read_name(name)
    if len(options) != 1 or options[0].unit.agency_type not in _OFFICIAL or not options[0].places:
        return None
    if "政府" not in name or options[0].is_short:
        return None
    return name[: name.index("政府") + 2], options[0]


def _is_meant(option: NameOption, regions: frozenset[Region], markers: set[str]) -> bool:
    if regions:
        return bool({place.place_code for place in option.places} & {region.place_code for region in regions})
    return any(fits_marker(place, marker) for place in option.places for marker in markers)

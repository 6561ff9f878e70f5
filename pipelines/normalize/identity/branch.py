"""A branch that is printed without its bureau (怀宁分局, 交通警察支队): the bureau's own line tells whose it is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipelines.normalize.identity.agency_name import NameOption, read_name
from pipelines.normalize.identity.clue import Clue
from pipelines.normalize.identity.region import lies_within
from schemas.region import Region

BRANCH = "分局"
_OF_POLICE = ("支队", "大队")
_POLICE = "公安局"
_BUREAU_ENDS = ("局", "委员会")
_LINES_ABOVE = 6


def with_bureaus(clues: Iterable[Clue], head: Sequence[str]) -> Iterator[Clue]:
    """Yield clues, a branch that stands alone under the bureau that another clue or one of the first lines names.

    A clue that names both goes first. Where no bureau is named, or several, the branch keeps its name, and nobody is
    certain.

    Args:
        clues: In the order in which they are believed.
        head: First lines of the document, in which the bureau may stand above its branch.
    """
    rest = iter(clues)
    for clue in rest:
        if not clue.names_agency or not clue.text.endswith((BRANCH, *_OF_POLICE)) or not _is_bare(clue.text):
            yield clue
            continue
        behind = list(rest)
        named = [other for other in behind if other.names_agency]
        yield from (other for other in named if other.text.endswith(clue.text) and not _is_bare(other.text))
        lines = (line.strip() for line in head[:_LINES_ABOVE])
        above = {text for text in (*lines, *(other.text for other in named)) if _is_bureau_of(text, clue.text)}
        yield replace(clue, text=next(iter(above)) + clue.text) if len(above) == 1 else clue
        yield from behind


def _is_bare(text: str) -> bool:
    """Tell whether a name says no more than a place and 分局, or is that of a branch or a unit of the police alone."""
    options = read_name(text)
    return bool(options) and all(
        option.unit.key == BRANCH or (not option.places and option.unit.key.endswith((BRANCH, *_OF_POLICE)))
        for option in options
    )


def _is_bureau_of(text: str, branch: str) -> bool:
    """Tell whether a text names a bureau of the place in which a branch lies, or of one above."""
    if not text.endswith(_BUREAU_ENDS) or text.endswith(BRANCH):
        return False
    options = read_name(text)
    is_police = branch.endswith(_OF_POLICE)
    own = frozenset(place for option in read_name(branch) for place in option.places)
    return bool(options) and all(
        bool(option.places) and (option.unit.key == _POLICE if is_police else _lies_above(option, own))
        for option in options
    )


def _lies_above(bureau: NameOption, places: frozenset[Region]) -> bool:
    return not places or any(
        lies_within(place, above) and place.place_code != above.place_code
        for place in places
        for above in bureau.places
    )

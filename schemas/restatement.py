"""What tells a sentence of the narrative that restates a figure, and of whom and of when it speaks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from schemas.agency import AgencyType
from schemas.entry import SchemaDataError, read_data


@dataclass(frozen=True, slots=True)
class Scope:
    """Words before a figure that say whether it is the report's own; the last of them decides.

    Attributes:
        note: What is remarked of a figure that is not.
        reach: How far back to look: `sentence` or `clause`.
        whole: Regular expression, in a text without white space, of words by which it is.
        part: Of words by which it is not; tried after `whole` where both begin at one place.
        agency_types: Agencies in whose reports the words mean that: 我局 is a part of a government, and all of a
            bureau. Empty for all.
        is_another_report: What is said is another report's, so that a table which it fits says nothing either.
    """

    note: str
    reach: str
    whole: str
    part: str
    agency_types: tuple[str, ...] = ()
    is_another_report: bool = False


@dataclass(frozen=True, slots=True)
class Restatement:
    """What every sentence has that restates a figure; the patterns of text rules run over no other.

    Attributes:
        counted: Regular expression of a figure that counts something, or of what says that there was none.
        topics: Regular expression of what it may be about, in a text without white space.
        numeral: Regular expression of a number in Chinese characters before what it counts, with what must not stand
            before it.
        ignored: Regular expressions of what is cut out of the words before a figure before a scope is looked for.
        clause: Regular expression with one group, the last clause of those words.
        aside: Regular expression of words after the figure by which it is none of the table's.
        body: Regular expression with one group, in a clause: the body that is named as having done it.
        scopes: Of whom and of when the words may speak, the first that applies first.
    """

    counted: str
    topics: str
    numeral: str
    ignored: tuple[str, ...]
    clause: str
    aside: str
    body: str
    scopes: tuple[Scope, ...]


@cache
def load_restatement() -> Restatement:
    """Return what tells a sentence that restates a figure.

    Raises:
        SchemaDataError: The data file lacks an entry, or names a reach or a type of agency that does not exist.
    """
    content: dict[str, Any] = read_data("rules/text.toml")
    try:
        context = content["context"]
        found = Restatement(
            content["counted"], content["topics"], content["numeral"], tuple(context["ignored"]), context["clause"],
            context["aside"], context["body"], tuple(_read_scopes(content["scopes"])),
        )  # fmt: skip
    except KeyError as error:
        raise SchemaDataError(f"text.toml: {error} is missing") from error
    plain = (found.counted, found.topics, found.numeral, found.aside, *found.ignored)
    for pattern, groups in (*((p, 0) for p in plain), (found.clause, 1), (found.body, 1)):
        if re.compile(pattern).groups != groups:
            raise SchemaDataError(f"text.toml: pattern {pattern!r} must have {groups} groups")
    return found


def _read_scopes(entries: list[dict[str, Any]]) -> Iterator[Scope]:
    for entry in entries:
        scope = Scope(**entry | {"agency_types": tuple(entry.get("agency_types", ()))})
        if unknown := set(scope.agency_types) - set(AgencyType):
            raise SchemaDataError(f"text.toml: a scope names types of agency that do not exist: {sorted(unknown)}")
        if scope.reach not in ("sentence", "clause"):
            raise SchemaDataError(f"text.toml: reach {scope.reach!r} is neither sentence nor clause")
        for pattern in (scope.whole, scope.part):
            if re.compile(pattern).groups:
                raise SchemaDataError(f"text.toml: pattern {pattern!r} must have no groups")
        yield scope

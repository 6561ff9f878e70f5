"""What a data file says of one thing, proved word by word before an object is made of it.

Whoever edits the files is told the file, the entry, the word and what may stand there, in the words of the file.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING
from dataclasses import fields as dataclass_fields
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

_T = TypeVar("_T")
_PLAIN = {str: "text in quotes", int: "whole number", bool: "true or false"}


class SchemaDataError(Exception):
    """A data file under `schemas/` contradicts itself or another; the message names the table and what to mend."""


def read_data(name: str) -> dict[str, Any]:
    """Return the content of the data file `name` below `schemas/`.

    Raises:
        SchemaDataError: It is no TOML; the message names the file and the line.
    """
    return parse_data((files("schemas") / name).read_text(encoding="utf-8"), name)


def parse_data(text: str, source: str) -> dict[str, Any]:
    """Return the content of the data file `source`, whose text is given.

    Raises:
        SchemaDataError: It is no TOML; the message names the file and the line.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SchemaDataError(f"{source}: {error}") from error


def prove_entry(kind: type, entry: Mapping[str, Any], where: str, *, may_be_empty: Iterable[str] = ()) -> None:
    """Refuse an entry that has a word too many or too few, or one of another type, for an object of `kind`.

    Args:
        kind: The dataclass that would be made of it.
        entry: The words as the file has them; lists stand for tuples.
        where: File and entry.
        may_be_empty: Texts that the dataclass needs and that may be ""; every other one says something.

    Raises:
        SchemaDataError: See above.
    """
    hints = _hints(kind)
    if unknown := sorted(set(entry) - set(hints)):
        meant = get_close_matches(unknown[0], [name for name in hints if name not in entry], 1)
        raise SchemaDataError(
            f"{where}: {unknown} is none of {sorted(hints)}" + (f"; is {meant[0]} meant?" if meant else "")
        )
    needed = [f.name for f in dataclass_fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    if missing := sorted(set(needed) - set(entry)):
        raise SchemaDataError(f"{where}: lacks {missing}")
    for name, value in entry.items():
        if (wanted := _other_than(value, hints[name])) is not None:
            raise SchemaDataError(f"{where}: {name} is {value!r}, and no {wanted}")
        if value == "" and name in needed and name not in may_be_empty:
            raise SchemaDataError(f"{where}: {name} is empty: say something")


def make_entry(kind: type[_T], entry: Mapping[str, Any], where: str, *, may_be_empty: Iterable[str] = ()) -> _T:
    """Return the object of the dataclass `kind` that an entry describes, its lists and patterns as the fields are.

    Raises:
        SchemaDataError: As `prove_entry` says.
    """
    prove_entry(kind, entry, where, may_be_empty=may_be_empty)
    made: type = kind
    hints = _hints(made)
    return kind(**{name: _convert(value, hints[name], f"{where}: {name}") for name, value in entry.items()})


def make_sections(kinds: Mapping[str, type], data: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return the objects that the sections of a data file describe, by section.

    Raises:
        SchemaDataError: A section is lacking or none of `kinds`; else as `prove_entry` says.
    """
    if unknown := sorted(set(data) - set(kinds)):
        raise SchemaDataError(f"{source}: {unknown} are none of its sections: {', '.join(kinds)}")
    return {name: make_entry(kind, data.get(name, {}), f"{source} [{name}]") for name, kind in kinds.items()}


def _convert(value: object, hint: object, where: str) -> object:
    make = _compile if re.Pattern[str] in (hint, *get_args(hint)) else lambda part, _: part
    if isinstance(value, list):
        parts = (make(part, where) for part in value)
        return frozenset(parts) if get_origin(hint) is frozenset else tuple(parts)
    return value if isinstance(value, tuple | frozenset) else make(value, where)


def _compile(text: object, where: str) -> object:
    if not isinstance(text, str):
        raise SchemaDataError(f"{where} is {text!r}, and no {_PLAIN[str]}")
    try:
        return re.compile(text)
    except re.error as error:
        raise SchemaDataError(f"{where} is no regular expression ({error}): {text}") from error


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclass_fields(kind)}


def _other_than(value: object, hint: object) -> str | None:
    """Return what a value should be and is not; None where it may be so, or where only its maker can tell."""
    choices = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    texts = not {tuple[str, ...], frozenset[str]}.isdisjoint(choices)
    plain = [choice for choice in choices if choice in _PLAIN]
    if value is None and type(None) in choices:
        return None
    if texts and not plain:
        is_list = isinstance(value, list | tuple | frozenset) and all(isinstance(item, str) for item in value)
        return None if is_list else 'list of texts: write ["…"]'
    if not plain or any(get_origin(choice) is not None for choice in choices):
        return None
    is_plain = any(type(value) is choice for choice in plain)
    return None if is_plain else " or ".join(_PLAIN[choice] for choice in plain)

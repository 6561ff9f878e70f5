"""No pattern of the house may be made to try its text in all ways, which doubles the time with every piece of it.

Text comes from thousands of sites, and normalizing has no bound on the time of one document. So each pattern is given
what its own repeated parts match, over and over, before something that they do not match. Where a part can be taken in
two ways, such as a run of digits by `(\\d{1,2}|20\\d\\d)*`, that never ends; everything else takes microseconds.
"""

import importlib
import inspect
import pkgutil
import random
import re
import signal
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

import pipelines
import schemas

_PARSER: Any = importlib.import_module("re._parser")
_REPEATS = 28
_SECONDS = 0.5  # of processor time
_SAMPLES, _PARTS, _LONGEST_PART = 12, 24, 14
_REPEATERS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_OF_CATEGORY = {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a"}
_ANY = "啊a0 -"


def _patterns_in(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 5 and isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _patterns_in(item, depth + 1)
    elif depth < 5 and isinstance(value, dict):
        yield from _patterns_in([*value.values()], depth + 1)
    elif depth < 5 and is_dataclass(value) and not isinstance(value, type):
        yield from _patterns_in([getattr(value, field.name, None) for field in fields(value)], depth + 1)


def _house_patterns() -> dict[tuple[Any, int], str]:
    """Return where each pattern stands that a module holds, or that a function without parameters loads once."""
    found: dict[tuple[Any, int], str] = {}
    for package in (pipelines, schemas):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".orchestrate" in module.name or module.name.endswith("__main__"):
                continue
            try:
                held = vars(importlib.import_module(module.name))
            except ImportError:  # an optional extra is not installed
                continue
            for name, value in held.items():
                is_loader = hasattr(value, "cache_info") and not inspect.signature(value).parameters
                for pattern in _patterns_in(value() if is_loader else value):
                    found.setdefault((pattern.pattern, pattern.flags), f"{module.name}.{name}")
    return found


def _sample(operations: Iterable[Any], chance: random.Random, parts: set[str]) -> str:
    """Return a text that parsed operations match, near enough, and add what their repeated parts match to `parts`."""
    return "".join(_sample_one(str(name), value, chance, parts) for name, value in operations)


def _sample_one(name: str, value: Any, chance: random.Random, parts: set[str]) -> str:
    if name == "LITERAL":
        return chr(value)
    if name in ("ANY", "NOT_LITERAL"):
        return chance.choice(_ANY)
    if name == "IN":
        return _sample_set([(str(kind), inner) for kind, inner in value], chance)
    if name == "BRANCH":
        return _sample(chance.choice(value[1]), chance, parts)
    if name in ("SUBPATTERN", "ATOMIC_GROUP"):
        return _sample(value[-1] if name == "SUBPATTERN" else value, chance, parts)
    if name in _REPEATERS:
        least, _, repeated = value
        parts.add(_sample(repeated, chance, parts))
        return "".join(_sample(repeated, chance, parts) for _ in range(chance.randint(least, least + 2)))
    return ""  # what is looked at and not taken


def _sample_set(items: list[tuple[str, Any]], chance: random.Random) -> str:
    kind, value = chance.choice(items)
    if items[0][0] == "NEGATE":
        return chance.choice(_ANY)
    if kind == "RANGE":
        return chr(chance.randint(*value))
    return _OF_CATEGORY.get(str(value), "啊") if kind == "CATEGORY" else chr(value)


def _blow_up(pattern: re.Pattern[Any], where: str) -> str | None:
    """Return a text over which a pattern takes longer than any should, None where there seems to be none."""
    is_bytes = isinstance(pattern.pattern, bytes)
    source = pattern.pattern.decode("latin1") if is_bytes else pattern.pattern
    chance = random.Random(where)
    parts: set[str] = set()
    operations = _PARSER.parse(source, pattern.flags & ~re.UNICODE if is_bytes else pattern.flags)
    heads = [_sample(operations, chance, parts) for _ in range(_SAMPLES)]
    tried = sorted(part for part in parts if 0 < len(part) <= _LONGEST_PART)
    for part in chance.sample(tried, min(len(tried), _PARTS)):
        for head in ("", *heads[:3]):
            text = head[: chance.randint(0, len(head))] + part * _REPEATS + "啊\n"
            if _is_endless(pattern, text.encode("latin1", "replace") if is_bytes else text):
                return text
    return None


class _EndlessError(Exception):
    """A pattern was still at work."""


def _is_endless(pattern: re.Pattern[Any], text: str | bytes) -> bool:
    def stop(*_: object) -> None:
        raise _EndlessError

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
        pattern.match(text)
        pattern.search(text)
    except _EndlessError:
        return True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return False


@pytest.mark.parametrize(
    "source", [r"(?:\d{1,2}|20\d\d)*$", r"(?:<!--.*?-->)*<p", r"(?:统计表?|表)*$", r"(?:\(.*\))*$"]
)
def test_a_pattern_that_can_be_blown_up_is_found(source: str) -> None:
    assert _blow_up(re.compile(source), source) is not None


def test_no_pattern_can_be_blown_up() -> None:
    patterns = _house_patterns()
    assert len(patterns) > 400
    blown = {where: _blow_up(re.compile(*key), where) for key, where in patterns.items()}
    assert {where: text for where, text in blown.items() if text is not None} == {}

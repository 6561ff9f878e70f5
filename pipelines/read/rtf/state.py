"""What a group of RTF inherits from the one around it, and the control words that change nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from lxml import etree

from pipelines.read.rtf.tables import Story
from pipelines.read.word.build import PLAIN, Look

_DEFAULT_HEIGHT = 6  # half points that \up and \dn move text where they do not say how many


@dataclass(slots=True)
class State:
    r"""What a group inherits and its end restores.

    Attributes:
        destination: What the group is for; empty for the text itself.
        skipped_by: The destination because of which nothing is read; empty where it is.
        is_wide: The next font is the one of characters of two bytes.
        substitute: Characters behind a `\u` that stand for it where Unicode is not known.
        depth: In how many tables the paragraph stands.
    """

    destination: str = ""
    skipped_by: str = ""
    look: Look = PLAIN
    font: int | None = None
    wide_font: int | None = None
    is_wide: bool = False
    substitute: int = 1
    depth: int = 0
    level: int | None = None
    ground: str | None = None

    def set_look(self, name: str, value: str | None) -> None:
        """Give the text behind a property of its look, or take it away."""
        self.look = self.look.having(name, value)


def _reset_paragraph(state: State, _: int | None) -> None:
    state.depth, state.level, state.ground = 0, None, None


def _reset_look(state: State, _: int | None) -> None:
    state.look = PLAIN
    state.is_wide = False


def _enter_table(state: State, number: int | None) -> None:
    state.depth = max(state.depth, 1) if number != 0 else 0


def _set_depth(state: State, number: int | None) -> None:
    state.depth = max(number or 0, 0)


def _set_level(state: State, number: int | None) -> None:
    state.level = number


def _set_substitute(state: State, number: int | None) -> None:
    state.substitute = max(1 if number is None else number, 0)


def _delete(state: State, number: int | None) -> None:
    state.look = replace(state.look, is_deleted=number != 0)


def _move_up(state: State, number: int | None) -> None:
    _move(state, _DEFAULT_HEIGHT if number is None else number)


def _move_down(state: State, number: int | None) -> None:
    _move(state, -(_DEFAULT_HEIGHT if number is None else number))


def _move(state: State, height: int) -> None:
    state.set_look("position", str(height) if height else None)


def _begin_wide(state: State, _: int | None) -> None:
    state.is_wide = True


def _end_wide(state: State, _: int | None) -> None:
    state.is_wide = False


STATE_WORDS: dict[str, Callable[[State, int | None], None]] = {
    "pard": _reset_paragraph,
    "outlinelevel": _set_level,
    "intbl": _enter_table,
    "itap": _set_depth,
    "plain": _reset_look,
    "deleted": _delete,
    "up": _move_up,
    "dn": _move_down,
    "dbch": _begin_wide,
    "hich": _end_wide,
    "loch": _end_wide,
    "uc": _set_substitute,
}


@dataclass(slots=True)
class OpenStory:
    """A story in the making, the runs of its next paragraph, and the boxes that hang at that."""

    story: Story
    runs: list[tuple[Look, str]] = field(default_factory=list)
    behind: list[etree._Element] = field(default_factory=list)

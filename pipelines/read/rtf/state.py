"""What a group of RTF inherits from the one around it."""

from dataclasses import dataclass, field

from lxml import etree

from pipelines.read.rtf.tables import Story
from pipelines.read.word.build import PLAIN, Look


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


@dataclass(slots=True)
class OpenStory:
    """A story in the making, the runs of its next paragraph, and the boxes that hang at that."""

    story: Story
    runs: list[tuple[Look, str]] = field(default_factory=list)
    behind: list[etree._Element] = field(default_factory=list)

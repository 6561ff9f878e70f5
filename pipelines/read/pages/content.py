"""What one laid-out page prints, whatever drew it: a PDF, an OFD or the picture of a sheet."""

from dataclasses import dataclass, field

from pipelines.read.pages.plane import Box
from pipelines.read.pages.ruling import Character, Segment

PAGE_IMAGE = 0.5  # share of the page that a scan covers


@dataclass(slots=True)
class PageContent:
    """What a page prints, in points from its upper left corner.

    Attributes:
        width, height: Size as displayed.
        characters: In the order of the content; U+FFFD where it is not known what is shown.
        pictures: Boxes of images.
        shapes: Boxes of what is drawn in dark ink and is neither a border nor an area: text made of curves, marks.
        areas: Boxes of what is filled, where there are many.
        image_share: Share of the page that images cover, at most 1.
    """

    width: float
    height: float
    characters: list[Character] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    shapes: list[Box] = field(default_factory=list)
    areas: list[Box] = field(default_factory=list)
    image_share: float = 0.0

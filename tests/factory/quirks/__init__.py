"""Every quirk, registered by importing the modules that define them."""

from tests.factory.quirks import containers, labels, portals, structure, values, words
from tests.factory.quirks.registry import QUIRKS, Plan, Quirk

__all__ = ["QUIRKS", "Plan", "Quirk", "containers", "labels", "portals", "structure", "values", "words"]

"""The factory of test documents: figures drawn from a seed, laid out as agencies do it, written into any container.

`make_document` is the whole way: truth → official layout → quirks → container, with the expected figures read off the
model that was written.
"""

from tests.factory.document import MadeDocument, expected_csv, fits, make_document
from tests.factory.quirks import QUIRKS
from tests.factory.truth import Truth, broken_identities, make_truth
from tests.factory.writers import CONTAINERS

__all__ = [
    "CONTAINERS",
    "QUIRKS",
    "MadeDocument",
    "Truth",
    "broken_identities",
    "expected_csv",
    "fits",
    "make_document",
    "make_truth",
]

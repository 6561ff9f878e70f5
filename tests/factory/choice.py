"""A random but reproducible mixture of editions, containers and quirks, as a year's downloads would be."""

from collections.abc import Iterator
from random import Random

from schemas.form import load_forms
from tests.factory.agencies import agency_name
from tests.factory.document import MadeDocument, fits, make_document
from tests.factory.quirks import QUIRKS
from tests.factory.writers import CONTAINERS, Container

# Shares of containers among what agencies publish; the text shapes are what crawlers and converters leave.
_SHARES = {
    "html": 58, "docx": 14, "pdf": 12, "xlsx": 3, "ofd": 1, "zip": 1, "tabs": 3, "pipes": 3, "lines": 1, "lines_bar": 1,
    "spaces": 1, "run_together": 1, "deduplicated": 1,
}  # fmt: skip
_LAST_YEAR = 2025
_YEARS = {
    form.code: range(form.first_year, (form.last_year or max(form.first_year, _LAST_YEAR)) + 1)
    for form in load_forms().values()
}
# Most quirks of each kind in one document: an agency words and fills the form in its own way, but has one layout.
_MOST = {"plan": 1, "label": 2, "value": 1, "layout": 1, "style": 2}


def stream_documents(
    count: int, seed: int, *, containers: tuple[str, ...] = (), with_quirks: bool = True
) -> Iterator[MadeDocument]:
    """Yield documents one by one, no two of the same agency and year.

    Args:
        count: How many.
        seed: Everything depends on it alone.
        containers: Only these; the usual shares where empty.
        with_quirks: False for official layouts throughout.
    """
    shares = {name: share for name, share in _SHARES.items() if not containers or name in containers}
    years = [(form, year) for form, inside in _YEARS.items() for year in inside]
    for number in range(count):
        rng = Random(f"stream/{seed}/{number}")
        # Agencies in turn and years inside: a hundred thousand documents are 14,300 agencies over seven years.
        agency, turn = divmod(number, len(years))
        form, year = years[turn]
        (container,) = rng.choices(list(shares), list(shares.values()))
        quirks = choose_quirks(rng, form, CONTAINERS[container]) if with_quirks else []
        yield make_document(rng.randrange(10**9), form, container, quirks, year=year, agency=agency_name(agency))


def choose_quirks(rng: Random, form_code: str, container: Container) -> list[str]:
    """Return names of quirks that go together, wording and figures before layout, which may move them."""
    chosen: list[str] = []
    for kind, most in _MOST.items():
        # A clause of another edition lacks the labels that a quirk of this edition would reword.
        is_mixed = bool(chosen) and kind == "label"
        fitting = [
            quirk.name
            for quirk in QUIRKS.values()
            if quirk.kind == kind and fits(quirk, form_code, container) and not (is_mixed and quirk.forms)
        ]
        count = min(len(fitting), rng.choice((0, *range(most + 1))))
        chosen += sorted(rng.sample(fitting, count))
    return chosen

"""Figures → a document of any container, layout and spelling → figures: what comes back is what was printed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import fresh_cases
from tests.fidelity import score_cases


@settings(max_examples=settings().max_examples // 20)  # each example is twelve documents
@given(st.integers(min_value=0, max_value=100_000))
def test_no_figure_comes_back_as_another(seed: int) -> None:
    """Containers, sizes, blanks, spans, label variants, typos and page breaks are drawn by the seed.

    A cell that is not read is the reader's loss and says so; one that is read as another is never allowed.
    """
    wrong = {score.case.name: score.wrong for score in score_cases(list(fresh_cases(12, seed))) if score.wrong}
    assert not wrong


def test_plain_documents_come_back_whole() -> None:
    cases = [case for case in fresh_cases(150, 5) if not case.quirks and case.refused is None]
    assert len(cases) > 5
    assert all(score.is_perfect for score in score_cases(cases))

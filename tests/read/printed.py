"""What a document that prints a whole report must have been read as, whatever its container."""

from pipelines.read.model import Document
from schemas.form import load_forms


def grid_of(cells) -> dict[tuple[int, int], str]:
    """Return the text at every place of the grid and prove that no two cells overlap."""
    places: dict[tuple[int, int], str] = {}
    for first_row, first_column, down, across, text in cells:
        for row_number in range(first_row, first_row + down):
            for column in range(first_column, first_column + across):
                assert (row_number, column) not in places
                places[row_number, column] = text
    return places


def check_report(document: Document, figures, codes=("proactive", "request", "challenge")) -> None:
    """Prove that each figure stands at its row and column of the form."""
    for code, cells in zip(codes, document.tables, strict=True):
        places = grid_of(cells)
        rows, columns = max(r for r, _ in places), max(c for _, c in places)
        assert len(places) == rows * columns, "the grid has holes"
        expected = [value for (table_code, _, _), value in figures.items() if table_code == code]
        printed = [text for *_, text in sorted(cells) if text.isdigit()]
        assert printed == expected
        if code == "request":
            labels = [label.code for label in load_forms()["2021"].table("request").clauses[0].rows]
            assert len(labels) == 25
            assert (rows, columns) == (28, 10)
            for number, label in enumerate(labels, start=4):
                found = [places[number, column] for column in range(4, 11)]
                assert found == [v for (t, r, _), v in figures.items() if (t, r) == ("request", label)]

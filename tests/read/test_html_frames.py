"""Pages that frames hold in their own attribute."""

from html import escape

import pytest

from pipelines.read import read_document

TABLE = "<table>" + "".join(f"<tr><td>结果{n}维持</td><td>{n}</td></tr>" for n in range(9)) + "</table>"


@pytest.mark.parametrize("quote", ["<p>见下表</p>{}", "<html><head><title>表</title></head><body>{}</body></html>"])
@pytest.mark.parametrize("place", ["{}", "<table><tr><td>{}</td></tr></table>"])
def test_a_page_within_a_frame_is_read_where_the_frame_stands(quote: str, place: str) -> None:
    """A report in the attribute of a frame was no table at all."""
    frame = f'<iframe srcdoc="{escape(quote.format(TABLE))}"></iframe>'
    page = f"<h1>某局2022年报告</h1><p>前</p>{place.format(frame)}<p>后</p>"
    document = read_document("x.html", page.encode())
    assert [[cell[4] for cell in cells if cell[1] == 2] for cells in document.tables] == [[str(n) for n in range(9)]]
    kinds = [block.table_number or block.text for block in document.blocks if block.text in ("前", "后", "")]
    assert kinds == ["前", 1, "后"]


@pytest.mark.parametrize("hidden", ["style='display:none'", "hidden"])
def test_a_frame_that_is_hidden_hides_its_page(hidden: str) -> None:
    frame = f'<iframe {hidden} srcdoc="{escape(TABLE)}"></iframe>'
    assert read_document("x.html", f"<h1>某局2022年报告</h1>{frame}".encode()).tables == []

"""One writer a container, from a finished report to bytes."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.factory.model import Report
from tests.factory.style import Style
from tests.factory.writers import html, office, pages, text


@dataclass(frozen=True, slots=True)
class Container:
    """A container and what survives in it.

    Attributes:
        extension: Of the document's file name.
        write: The writer.
        keeps_blanks: An empty cell leaves a trace.
        refused: Reason code with which a reader must set the document aside, unless it can prove the only reading.
    """

    name: str
    extension: str
    write: Callable[[Report, Style], bytes]
    keeps_blanks: bool = True
    refused: str | None = None


def _write_zip(report: Report, style: Style) -> bytes:
    return office.zip_parts({"附件/年度报告.docx": office.write_docx(report, style)})


CONTAINERS: dict[str, Container] = {
    container.name: container
    for container in (
        Container("html", "html", html.write_html),
        Container("docx", "docx", office.write_docx),
        Container("xlsx", "xlsx", office.write_xlsx),
        Container("pdf", "pdf", pages.write_pdf),
        Container("ofd", "ofd", pages.write_ofd),
        Container("zip", "zip", _write_zip),
        Container("tabs", "md", text.write_tabs),
        Container("csv", "csv", text.write_csv),
        Container("pipes", "md", text.write_pipes),
        Container("lines", "txt", text.write_lines, keeps_blanks=False),
        Container("lines_bar", "txt", text.write_lines_bar),
        Container("spaces", "txt", text.write_spaces, keeps_blanks=False),
        Container("run_together", "txt", text.write_run_together, keeps_blanks=False, refused="figures_run_together"),
        Container("deduplicated", "txt", text.write_deduplicated, keeps_blanks=False, refused="figures_run_together"),
    )
}

"""Documents by other hands: what the factory makes, saved anew by LibreOffice or printed by Chromium, and scored.

`python -m tests.office [--count N --seed S --only LABEL]` prints the scoreboard by source, program and container. The
factory's own writers can share a mistake with the readers; these programs cannot. What a program itself loses on the
way (`LOST`) is no fault of a reader, so documents with such a quirk are left out of that way.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from tests.browser import CHROMIUM, FLAGS
from tests.cases import Case, read_expected
from tests.factory.choice import stream_documents
from tests.factory.document import MadeDocument, expected_csv
from tests.factory.writers.office import zip_parts

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
_SECONDS = 600
_PAGE_WIDTH = 9_000  # twips between the margins; the factory states no widths, and columns must not leave the page
_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
_ROW_POINTS = 48  # so that a label of three lines is printed whole


@dataclass(frozen=True, slots=True)
class Way:
    """How a document is saved anew.

    Attributes:
        source: Container that the factory writes.
        extension: Of the file that comes out.
        target: LibreOffice's name of the filter that writes it; empty where Chromium prints.
    """

    source: str
    extension: str
    target: str = ""

    @property
    def label(self) -> str:
        """Source, program and container."""
        return f"{self.source} > {'LibreOffice' if self.target else 'Chromium'} {self.extension}"


WAYS = (
    Way("docx", "doc", "doc:MS Word 97"),
    Way("docx", "rtf", "rtf:Rich Text Format"),
    Way("docx", "odt", "odt:writer8"),
    Way("docx", "docx", "docx:MS Word 2007 XML"),
    Way("docx", "html", "html:HTML (StarWriter)"),
    Way("docx", "pdf", "pdf:writer_pdf_Export"),
    Way("html", "doc", "doc:MS Word 97"),
    Way("html", "rtf", "rtf:Rich Text Format"),
    Way("html", "html", "html:HTML (StarWriter)"),
    Way("html", "pdf", "pdf:writer_pdf_Export"),
    Way("html", "pdf"),
    Way("xlsx", "xls", "xls:MS Excel 97"),
    Way("xlsx", "ods", "ods:calc8"),
    Way("xlsx", "xlsx", "xlsx:Calc MS Excel 2007 XML"),
    Way("xlsx", "html", "html:HTML (StarCalc)"),
    Way("xlsx", "pdf", "pdf:calc_pdf_Export"),
)
# What is lost on the way, by source and container: text in boxes without a size of their own, the mark of a deletion,
# white text on paper (the figure before it is read), form fields, a script's tables, a page in columns.
_BOXES = frozenset({"text_boxes"})
_ON_PAPER = frozenset({"pale_digits", "portal_page", "layout_tables"})
LOST: dict[str, frozenset[str]] = {
    "docx > LibreOffice doc": frozenset(),
    "docx > LibreOffice rtf": _BOXES,
    "docx > LibreOffice odt": _BOXES,
    "docx > LibreOffice html": _BOXES | {"tracked_changes"},
    "docx > LibreOffice pdf": _BOXES | _ON_PAPER,
    "html > LibreOffice doc": frozenset({"figures_in_fields", "tables_in_scripts"}),
    "html > LibreOffice rtf": frozenset({"figures_in_fields", "tables_in_scripts"}),
    "html > LibreOffice html": frozenset({"figures_in_fields", "tables_in_scripts"}),
    "html > LibreOffice pdf": _ON_PAPER | {"figures_in_fields", "tables_in_scripts"},
    "html > Chromium pdf": _ON_PAPER | {"utf16_encoded"},
}


def convert_documents(way: Way, documents: Sequence[MadeDocument]) -> Iterator[tuple[MadeDocument, bytes]]:
    """Yield the documents as they come out of a way, all made by one call of the program.

    Raises:
        FileNotFoundError: The program wrote no file for one of them.
    """
    with tempfile.TemporaryDirectory(prefix="gongkai-office-") as folder:
        home, out = Path(folder, "in"), Path(folder, "out")
        home.mkdir()
        out.mkdir()
        sources = []
        for number, made in enumerate(documents):
            sources.append(home / f"{number:04d}.{made.container.extension}")
            sources[-1].write_bytes(_drawn(made))
        if way.target:
            _save_anew(way, sources, out, Path(folder, "profile"))
        else:
            _print_pages(sources, out)
        for made, source in zip(documents, sources, strict=True):
            yield made, (out / f"{source.stem}.{way.extension}").read_bytes()


def _save_anew(way: Way, sources: Sequence[Path], out: Path, profile: Path) -> None:
    command = [str(SOFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    if way.source == "html":
        command.append("--infilter=HTML (StarWriter)")
    command += ["--convert-to", way.target, "--outdir", str(out), *map(str, sources)]
    subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)


def _print_pages(sources: Sequence[Path], out: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        for source in sources:
            page.goto(source.as_uri())
            (out / f"{source.stem}.pdf").write_bytes(page.pdf(prefer_css_page_size=True, print_background=True))
        browser.close()


def _drawn(made: MadeDocument) -> bytes:
    """Return a document with the borders and widths that programs draw and the factory leaves out."""
    if made.container.name not in ("docx", "xlsx"):
        return made.content
    with zipfile.ZipFile(BytesIO(made.content)) as package:
        parts: dict[str, str | bytes] = {name: package.read(name).decode() for name in package.namelist()}
    for name, content in parts.items():
        if name == "word/document.xml":
            parts[name] = _draw_word(str(content))
        elif name.startswith("xl/worksheets/"):
            parts[name] = _draw_sheet(str(content))
    if made.container.name == "xlsx":
        _add_sheet_styles(parts)
    return zip_parts(parts)


def _draw_word(markup: str) -> str:
    sides = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in _SIDES)
    markup = markup.replace("<w:tblPr/>", f"<w:tblPr><w:tblBorders>{sides}</w:tblBorders></w:tblPr>")

    def narrow(grid: re.Match[str]) -> str:
        return grid[0].replace('w:w="900"', f'w:w="{_PAGE_WIDTH // max(grid[0].count("<w:gridCol "), 1)}"')

    return re.sub(r"<w:tblGrid>.*?</w:tblGrid>", narrow, markup)


def _draw_sheet(markup: str) -> str:
    def draw(row: re.Match[str]) -> str:
        if row[0].count("<c ") < 2:  # a line of text runs over the columns beside it
            return row[0]
        tall = row[0].replace("<row ", f'<row ht="{_ROW_POINTS}" customHeight="1" ', 1)
        return tall.replace("<c ", '<c s="1" ')

    markup = re.sub(r"<row .*?</row>", draw, markup)
    page = '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
    fit = '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
    return markup.replace("<sheetData>", f"{fit}<sheetData>", 1).replace("</worksheet>", f"{page}</worksheet>")


def _add_sheet_styles(parts: dict[str, str | bytes]) -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"
    thin = "".join(f'<{side} style="thin"/>' for side in ("left", "right", "top", "bottom"))
    parts["xl/styles.xml"] = (
        f'<?xml version="1.0" encoding="UTF-8"?><styleSheet xmlns="{main}"><fonts count="1"><font><sz val="9"/></font>'
        f'</fonts><fills count="1"><fill/></fills><borders count="2"><border/><border>{thin}</border></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf borderId="1" applyBorder="1" '
        'applyAlignment="1"><alignment wrapText="1"/></xf></cellXfs></styleSheet>'
    )
    for name, end, added in (
        ("[Content_Types].xml", "</Types>", f'<Override PartName="/xl/styles.xml" ContentType="{kind}"/>'),
        ("xl/_rels/workbook.xml.rels", "</Relationships>", f'<Relationship Id="s" Type="{link}" Target="styles.xml"/>'),
    ):
        parts[name] = str(parts[name]).replace(end, added + end)


def choose_documents(way: Way, count: int, seed: int) -> list[MadeDocument]:
    """Return the first documents of a stream that a way loses nothing of."""
    lost = LOST.get(way.label, frozenset())
    made = stream_documents(count * 2, seed, containers=(way.source,))
    return [document for document in made if not lost.intersection(document.quirks)][:count]


def cases_of(way: Way, pairs: Sequence[tuple[MadeDocument, bytes]]) -> list[Case]:
    """Return what to score: each document as it came out, beside the factory's truth."""
    return [
        Case(
            name=f"{way.label} {number:04d} {made.form_code}",
            path=f"{made.truth.year}/{way.label}/{number:04d}.{way.extension}",
            container=way.label,
            load=partial(bytes, content),
            expected=read_expected(expected_csv(made.figures).splitlines()),
            quirks=made.quirks,
            refused=made.refused,
            year=made.truth.year,
            agency_name=made.truth.agency_name,
        )
        for number, (made, content) in enumerate(pairs)
    ]


def main(arguments: list[str] | None = None) -> int:
    """Print the scoreboard; 1 where a cell is wrong."""
    from tests.fidelity import print_scores, score_cases

    parser = argparse.ArgumentParser(prog="python -m tests.office", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="ways whose label holds this")
    options = parser.parse_args(arguments)
    scores = []
    for way in WAYS:
        if options.only in way.label:
            made = choose_documents(way, options.count, options.seed)
            scores += list(score_cases(cases_of(way, list(convert_documents(way, made)))))
    print_scores(scores, sys.stdout.write)
    return 1 if any(result.wrong for result in scores) else 0


if __name__ == "__main__":
    sys.exit(main())

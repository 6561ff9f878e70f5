"""What a report costs beside the floor: the least that any reader of its container must do, measured in the same run.

`python -m tests.bench [--rounds N]`, or `make bench`. Every time is processor time of this process, the best of N, and
floor and reading take turns, so that a busy machine slows both. Nothing here fails: the numbers and what they are
aimed at stand side by side, and docs/performance.md keeps those of a quiet machine.
"""

import argparse
import gc
import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pypdfium2
import pypdfium2.raw as pdfium
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from pipelines.normalize import normalize_batch
from pipelines.read import document_frames, read_document
from schemas.table import table
from tests.factory import CONTAINERS, make_document, make_truth
from tests.factory.layout import lay_out
from tests.factory.style import Style
from tests.house import SEED

ROOT = Path(__file__).resolve().parents[1]
BATCH = 256
AIMS = {"HTML": 2.0, "DOCX": 3.0, "PDF": 1.5}
_NARRATIVE = "<p class='MsoNormal'>" + "本机关依法公开政府信息，及时回应社会关切，并接受群众监督。" * 12 + "</p>"

# How a page is pasted from Word, by its size: each style of paste that portals keep makes the page larger.
WORD_PAGES: dict[str, Style] = {
    "plain": Style(word_paste=True, portal=True, after_body=[_NARRATIVE]),
    "span per character": Style(
        word_paste=True, portal=True, span_per_character=True, break_as="p", after_body=[_NARRATIVE]
    ),
    "heavy styles": Style(word_paste=True, portal=True, heavy_styles=True, break_as="p", after_body=[_NARRATIVE] * 20),
}


@dataclass(frozen=True, slots=True)
class Ratio:
    """One measurement: milliseconds a report of the floor and of our own way."""

    what: str
    floor: float
    ours: float
    aim: float

    @property
    def times(self) -> float:
        return self.ours / self.floor

    def __str__(self) -> str:
        verdict = "held" if self.times <= self.aim else "missed"
        return (
            f"| {self.what} | {self.floor:.2f} ms | {self.ours:.2f} ms | {self.times:.2f} | {self.aim:g} | {verdict} |"
        )


def floor_of_html(data: bytes) -> int:
    """Parse, and walk rows and cells with their spans and text in the quickest of the ways that were tried."""
    taken: dict[tuple[int, int], str] = {}
    for row_number, row in enumerate(LexborHTMLParser(data).css("tr")):
        column = 0
        for cell in row.iter():
            taken[row_number, column] = cell.text()
            column += int(cell.attributes.get("colspan") or 1)
    return len(taken)


def floor_of_docx(data: bytes) -> int:
    """Unpack the main part and parse its XML."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return len(etree.fromstring(package.read("word/document.xml")))


def floor_of_pdf(data: bytes) -> int:
    """Ask PDFium for every character with its box, and for every segment of every path."""
    count = 0
    left, right, bottom, top = (pdfium.c_double() for _ in range(4))
    x, y = pdfium.c_float(), pdfium.c_float()
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            text = pdfium.FPDFText_LoadPage(page.raw)
            for index in range(pdfium.FPDFText_CountChars(text)):
                count += bool(pdfium.FPDFText_GetUnicode(text, index))
                pdfium.FPDFText_GetCharBox(text, index, left, right, bottom, top)
            pdfium.FPDFText_ClosePage(text)
            for index in range(pdfium.FPDFPage_CountObjects(page.raw)):
                drawn = pdfium.FPDFPage_GetObject(page.raw, index)
                if pdfium.FPDFPageObj_GetType(drawn) == pdfium.FPDF_PAGEOBJ_PATH:
                    for number in range(pdfium.FPDFPath_CountSegments(drawn)):
                        segment = pdfium.FPDFPath_GetPathSegment(drawn, number)
                        count += bool(pdfium.FPDFPathSegment_GetPoint(segment, x, y))
    return count


def word_page(size: str, seed: int = 1) -> bytes:
    """Return one report as a page of about that size."""
    return CONTAINERS["html"].write(lay_out(make_truth(seed, "2021", size="city")), WORD_PAGES[size])


def read_to_frames(name: str, pages: Sequence[bytes]) -> dict[str, pl.DataFrame]:
    return document_frames([(number, read_document(name, page)) for number, page in enumerate(pages)])


def read_to_figures(name: str, pages: Sequence[bytes]) -> int:
    """Read a batch as a stage does, to its figures."""
    count = len(pages)
    files = pl.DataFrame(
        {
            "file_id": range(count),
            "path": [f"2021/{number}/{name}" for number in range(count)],
            "partition": ["2021"] * count,
            "folder_year": [2021] * count,
            "bytes": [len(page) for page in pages],
            "modified_ns": [0] * count,
        }
    )
    read = read_to_frames(name, pages)
    conformed = table("files").conform(files)
    return normalize_batch(conformed, read["documents"], read["blocks"], read["cells"])["figures"].height


def take_turns(ways: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Return the least processor time in milliseconds of each way, after one round that warms caches."""
    for way in ways:
        way()
    best = [float("inf")] * len(ways)
    for _ in range(rounds):
        for number, way in enumerate(ways):
            gc.collect()
            started = time.process_time_ns()
            way()
            best[number] = min(best[number], (time.process_time_ns() - started) / 1e6)
    return best


def list_documents(count: int) -> Iterator[tuple[str, list[bytes], Callable[[bytes], object]]]:
    """Yield what is measured: its label, different reports of its kind, and its floor."""
    for size in WORD_PAGES:
        yield f"HTML {size}", [word_page(size, seed) for seed in range(count)], floor_of_html
    # Of PDF fewer: what a batch costs once is little beside the documents, which take thirty times as long.
    for container, floor, many in (("docx", floor_of_docx, count), ("pdf", floor_of_pdf, max(1, count // 8))):
        made = (make_document(seed, "2021", container, size="city").content for seed in range(many))
        yield container.upper(), list(made), floor


def measure_container(label: str, pages: Sequence[bytes], floor: Callable[[bytes], object], rounds: int) -> list[str]:
    """Return the lines for one document's reading and for the batch's way to frames and to figures."""
    container = label.split(maxsplit=1)[0]
    name, one, count = f"a.{container.lower()}", pages[0], len(pages)
    least, read = take_turns([lambda: floor(one), lambda: read_document(name, one)], rounds * 5)
    batch = take_turns(
        [
            lambda: [floor(page) for page in pages],
            lambda: read_to_frames(name, pages),
            lambda: read_to_figures(name, pages),
        ],
        rounds,
    )
    least_of_all, frames, figures = (each / count for each in batch)
    measured = [
        Ratio("read", least, read, AIMS[container]),
        Ratio(f"to frames, {count} reports", least_of_all, frames, AIMS[container]),
        Ratio(f"to figures, {count} reports", least_of_all, figures, AIMS[container]),
    ]
    return [f"| {label}, {len(one) / 1000:.0f} KB {ratio}" for ratio in measured]


def measure_check() -> tuple[float, float]:
    """Return the user and system seconds of `gongkai check` on the seed, in a process of its own."""
    command = [sys.executable, "-c", "import sys; from pipelines.cli import main; sys.exit(main())", "check", str(SEED)]
    best = (float("inf"), 0.0)
    for _ in range(7):
        before = os.times()
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        best = min(best, (after.children_user - before.children_user, after.children_system - before.children_system))
    return best


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="best of so many (%(default)s)")
    parser.add_argument("--batch", type=int, default=BATCH, help="reports of a batch (%(default)s)")
    options = parser.parse_args(arguments)
    say = sys.stdout.write
    say(
        "| document | way | floor | ours | times the floor | aim | |\n| --- | --- | ---: | ---: | ---: | ---: | --- |\n"
    )
    for label, pages, floor in list_documents(options.batch):
        for line in measure_container(label, pages, floor, options.rounds):
            say(f"{line}\n")
            sys.stdout.flush()
    user, system = measure_check()
    say(f"\n`gongkai check` of the seed: {user:.2f} s user, {system:.2f} s system\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

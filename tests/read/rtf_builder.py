"""RTF as Word writes it in China: bytes of GBK in the font for wide characters, cells by their right edges."""

from collections.abc import Iterator

from pipelines.read.model import Cell, Document
from schemas.vocabulary import BlockKind

HEAD = (
    r"{\rtf1\ansi\ansicpg936\deff0\deflang1033"
    r"{\fonttbl{\f0\froman\fcharset0\fprq2 Times New Roman;}{\f13\fnil\fcharset134 \'cb\'ce\'cc\'e5;}}"
    r"{\colortbl;\red0\green0\blue0;\red255\green255\blue255;\red255\green0\blue0;}"
    r"{\stylesheet{\ql \snext0 Normal;}}{\info{\author \'d5\'c5}{\creatim\yr2022}}"
    r"{\*\generator Msftedit 5.41;}{\header\pard 1\par}"
)
_WIDTH = 900


def escape(text: str, *, as_unicode: bool = False) -> str:
    r"""Return a text as bytes of GBK, or as UTF-16 units with a substitute.

    >>> escape("规1"), escape("规", as_unicode=True)
    ("\\'b9\\'e61", '\\u-30268?')
    """
    made = []
    for character in text:
        if character == "\n":
            made.append(r"\line ")
        elif character in "\\{}":
            made.append("\\" + character)
        elif character < "\x7f":
            made.append(character)
        elif as_unicode:
            units = character.encode("utf-16-le")
            pairs = (int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2))
            made += (rf"\u{unit}?" for unit in pairs)
        else:
            made += (rf"\'{byte:02x}" for byte in character.encode("gb18030"))
    return "".join(made)


def run(text: str, properties: str = "", *, as_unicode: bool = False) -> str:
    return rf"{{\rtlch\af0 \ltrch\loch\af0\hich\af0\dbch\f13{properties} {escape(text, as_unicode=as_unicode)}}}"


def paragraph(content: str, properties: str = "") -> str:
    return rf"\pard\plain {properties}\fs21 {content}\par "


def row(*cells: tuple[int, str, str]) -> str:
    """Return a row of cells, each its right edge in twips, words about it, and its content."""
    shape = r"\trowd \trgaph108\trleft0 " + "".join(rf"{words}\cellx{edge}" for edge, words, _ in cells)
    content = "".join(rf"\pard\plain \intbl {text}\cell " for _, _, text in cells)
    return rf"{shape}{content}\pard\plain \intbl {{{shape}\row}}"


def build_rtf(*content: str) -> bytes:
    return (HEAD + "".join(content) + "}").encode("ascii")


def rtf_of(document: Document, *, as_unicode: bool = False) -> bytes:
    """Return a document as laid out, written as RTF."""
    parts: list[str] = []
    for block in document.blocks:
        if block.kind is BlockKind.TABLE and block.table_number is not None:
            parts += _rows(document.tables[block.table_number - 1], as_unicode=as_unicode)
            parts.append(r"\pard\plain \par ")
        else:
            parts.append(paragraph(run(block.text, as_unicode=as_unicode)))
    return build_rtf(*parts)


def _rows(cells: list[Cell], *, as_unicode: bool) -> Iterator[str]:
    taken: dict[int, list[tuple[int, int, str, str]]] = {}
    for top, left, down, across, text in cells:
        for number in range(down):
            words = "" if down == 1 else r"\clvmgf" if number == 0 else r"\clvmrg"
            content = run(text, as_unicode=as_unicode) if number == 0 and text else ""
            taken.setdefault(top + number, []).append((left, (left + across - 1) * _WIDTH, words, content))
    for _, entries in sorted(taken.items()):
        yield row(*((edge, words, content) for _, edge, words, content in sorted(entries)))

"""The few sentences of a narrative that restate a figure, with the place of each."""

import polars as pl

from schemas.numeral import read_chinese_number
from schemas.restatement import load_restatement

# Converted pages break their lines anywhere; a line ends a sentence where the next begins with a numeral or a bracket.
_SOFT_BREAK = r"([^。；！？：:\s])\n([^（(一二三四五六七八九十\s])"
_ENDS = r"。；！？\n"
_PIECE = f"[^{_ENDS}]*[{_ENDS}]?"
_LONGEST_SENTENCE = 6_000  # bytes; what goes on for longer is no sentence, and each pattern would go through it
_FULL_WIDTH = dict(zip("０１２３４５６７８９", "0123456789", strict=True))


def find_sentences(sections: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, section_number, offset, sentence and plain of every sentence that may restate a figure.

    The offset counts characters from the section's start. A line break within a sentence is a space in `sentence`;
    `plain` is what the patterns are held against, without white space and with plain digits, in place of Chinese
    numerals too.

    Args:
        sections: Frame `sections`.
    """
    restatement = load_restatement()
    text, sentence = pl.col("text"), pl.col("sentence")
    # Most sections count nothing: they are passed over before anything is copied.
    counting = sections.filter(text.str.contains(restatement.counted)).select(
        "file_id", "section_number", text=text.str.replace_all(_SOFT_BREAK, "$1 $2")
    ).rechunk()  # fmt: skip
    # Every piece of the text with its length: to look for each sentence in its section again would take the square.
    pieces = counting.select(row=pl.int_range(pl.len()), sentence=text.str.extract_all(_PIECE)).explode(
        "sentence", empty_as_null=False, keep_nulls=False
    )
    length = sentence.str.len_chars().cast(pl.Int64)
    found = (
        pieces.with_columns(offset=length.cum_sum().over("row") - length)
        .filter(sentence.str.len_bytes() <= _LONGEST_SENTENCE, sentence.str.contains(restatement.counted))
        # Blanks stand anywhere, in words too; one after a digit keeps two numbers apart.
        .with_columns(plain=sentence.str.replace_many(_FULL_WIDTH).str.replace_all(r"([^0-9\s])\s+", "$1"))
        .filter(pl.col("plain").str.contains(restatement.topics))
    )
    places = counting.select("file_id", "section_number")[found["row"]]
    told = found.select("sentence", _write_digits(found["plain"]).alias("plain"), "offset")
    return pl.concat([places, told], how="horizontal")


def _write_digits(sentences: pl.Series) -> pl.Series:
    """Return sentences with digits in place of numbers in Chinese characters that count something."""
    written = sentences.str.extract_all(load_restatement().numeral).explode().drop_nulls().unique()
    digits = {text: _digits_for(text) for text in written}
    # The longest first, or 十二件 would be found in 二十二件; what stays as it is keeps its parts from being found.
    order = sorted(digits, key=lambda text: (-len(text), text))
    return sentences.str.replace_many(order, [digits[text] for text in order], leftmost=True) if order else sentences


def _digits_for(text: str) -> str:
    number = None if text == "一起" else read_chinese_number(text[:-1])
    return text if number is None else f"{number}{text[-1]}"

"""What a file's name says about its place among the versions of a report: the markers of `schemas/versions.toml`."""

import re
from functools import cache

from schemas.entry import read_data
from schemas.numeral import read_chinese_number

_REMARK = re.compile(r"[(（【\[](.*?)[)）】\]]")


def version_rank(path: str, title: str | None = None) -> int:
    """Return the rank that a file's name or title states for its version, 0 where none does; the greatest is latest.

    Only the last part of the path counts: a folder called 修订 may hold whatever it likes. Of the title only remarks in
    brackets do: agencies are called 城市修补办公室 or the like.

    >>> [version_rank(name) for name in ("2021/年报.html", "2021/年报更正.html", "2021/年报_V3.pdf", "2021/第二版.doc")]
    [0, 2, 3, 2]
    >>> [version_rank("2021/1.html", f"甲局2021年年报{remark}") for remark in ("（更正版）", "（送审稿）", "（全文）")]
    [2, -1, 0]
    """
    name = path.rpartition("/")[2]
    texts = [name.rpartition(".")[0] or name, *_REMARK.findall(title or "")]
    found = (_rank(pattern, rank, text.lower()) for pattern, rank in _markers() for text in texts)
    return max((rank for rank in found if rank is not None), default=0)


def _rank(pattern: re.Pattern[str], rank: int | None, stem: str) -> int | None:
    match = pattern.search(stem)
    if match is None:
        return None
    return rank if rank is not None else _number(match.group(1))


def _number(digits: str) -> int | None:
    return int(digits) if digits.isdecimal() else read_chinese_number(digits)


@cache
def _markers() -> tuple[tuple[re.Pattern[str], int | None], ...]:
    markers = read_data("versions.toml")["markers"]
    return tuple((re.compile(marker["pattern"]), marker.get("rank")) for marker in markers)

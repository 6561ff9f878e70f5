"""Years that sentences name: the year of the report that they introduce, and of the work that they tell of."""

import re
from collections.abc import Iterable

from pipelines.normalize.folding import fold_characters
from schemas.agency import load_wordings

_QUOTED = re.compile(r"《[^《》]*》|“[^“”]*”")


def introduced_year(lines: Iterable[str]) -> tuple[int, str] | None:
    """Return the year of the report that a sentence introduces, and its words; None where none does.

    Only what stands before the report's parts is looked at: behind, one tells that last year's report was published.

    >>> introduced_year(["按照《条例》,现将我局2014年政府信息公开情况报告如下。"])
    (2014, '现将我局2014年政府信息公开情况报告')
    >>> introduced_year(["一、总体情况", "(一)主动公开。按时发布2013年政府信息公开年度报告。"]) is None
    True
    """
    words = load_wordings()
    for line in lines:
        text = _QUOTED.sub("", fold_characters(line))
        part = words.first_part.search(text)
        found = words.introduced_year.search(text if part is None else text[: part.start()])
        if found is not None:
            return int(found["year"]), found[0]
        if part is not None:
            return None
    return None


def told_year(lines: Iterable[str]) -> tuple[int, str] | None:
    """Return the one year with which sentences begin (2021年,我局…), and how they do; None where there are several.

    >>> told_year(["一、总体情况 2021年,我局按照要求公开。及时公布了2020年部门决算。"])
    (2021, '2021年,我局')
    >>> told_year(["2013年,我局公开信息41条。", "2012年,我局的工作运行良好。"]) is None
    True
    """
    found: dict[int, str] = {}
    for line in lines:
        for match in load_wordings().told_year.finditer(_QUOTED.sub("", fold_characters(line))):
            found.setdefault(int(match["year"]), match["words"])
    return next(iter(found.items())) if len(found) == 1 else None

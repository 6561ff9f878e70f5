"""Two agencies and three years with one of everything: totals, blanks, units, a breach, files that do not load."""

from datetime import date

from schemas.rule import load_rules
from schemas.vocabulary import Stage
from tests.load.staged import FakeFile, request

JIA, YI = "甲市人民政府", "乙县审计局"
RULE = next(iter(load_rules()))


def flows(new, carried, handled, forward):
    return (
        request("new_received", new, 1, total=new + 1)
        | request("carried_in", carried, 0, total=carried)
        | request("handled_total", handled, 1, total=handled + 1)
        | request("carried_forward", forward, 0, total=forward)
    )


FILES = [
    FakeFile(
        "2021/甲_2021.html", JIA, 2021, form="2021", published=date(2022, 1, 20), signed="甲市政府",
        figures=flows(10, 2, 9, 3)
        | request("granted", 6, 1, total=7)
        | request("partly_granted", 1, None, total=1)
        | request("denied_state_secret", 1, "/", total=1)
        | request("other_not_rectified", 1, 0, total=1)
        | request("other_misc", None, 0, total=0)
        # a printed group beside its members must not count twice
        | {("request", "other", "natural_person"): 1}
        | {
            ("challenge", "reconsideration", "upheld"): 3,
            ("challenge", "reconsideration", "corrected"): 1,
            ("challenge", "reconsideration", "pending"): 2,
            ("challenge", "reconsideration", "total"): 6,
            ("challenge", "litigation_direct", "upheld"): 1,
            ("challenge", "litigation_direct", "corrected"): None,
            ("proactive", "normative_document", "issued"): 12,
            ("proactive", "regulation", "issued"): None,
            ("proactive", "fee", "amount"): (3.8050, "万元"),
        },
        unknown_rows=(("其他主动公开文件", 5),),
        sections=("总体情况……", "存在问题……"),
        quality=((RULE, "total", "fail"), (RULE, "business", "pass")),
        suspicions=(("request", "granted", "total", 7, 8),),
        findings=((Stage.NORMALIZE, "unmapped_row"),),
    ),
    FakeFile(
        "2020/甲_2020.html", JIA, 2020, form="2019",
        figures=flows(5, 0, 5, 0)
        | request("granted", 3, 1, total=4)
        | request("other", 2, 0, total=2)
        | {("proactive", "procurement", "amount"): (75394432.52, "元"), ("proactive", "fee", "items_change"): -18},
    ),
    FakeFile(
        "2020/乙_2020.html", YI, 2020, form="2019",
        figures=request("new_received", None, None, total=4)
        | {("proactive", "procurement", "amount"): (4166.241619, None), ("proactive", "licensing", "decisions"): 7},
    ),
    FakeFile(
        "2019/乙_2019.html", YI, 2019, form="2019",
        figures={("proactive", "procurement", "amount"): (2, "亿元"), ("proactive", "fee", "amount"): (0, None)},
    ),
    FakeFile("2019/坏.bin", None, None, figures=None, rejections=((Stage.READ, "unknown_format"),)),
    FakeFile("2019/空.html", ingest_reason="empty_file", figures=None),
]  # fmt: skip

"""Rules about who reports for which year: statements of one fact, found in different places, that must agree."""

from collections.abc import Iterator

import polars as pl

from pipelines.check.linear import judge
from pipelines.normalize.identity.agency import resolve_agency
from pipelines.normalize.identity.clue import Clue
from schemas.check import AgreementCheck
from schemas.numeral import DIGITS
from schemas.rule import Rule, load_rules
from schemas.table import table
from schemas.vocabulary import EvidenceSource, RuleStatus

SHOWN_COLUMNS = (*table("quality").polars_schema.names(), "anchor_row", "anchor_column")
"""Outcomes with the cell to show for each; here there is none."""

_CHINESE_YEAR = r"二[〇○零0O][〇○零0O一二三四五六七八九]{2}"
_DIGITS = {character: str(digit) for character, digit in {**DIGITS, "O": 0}.items()}
_SIGNATURE_LINES = 8
_DATE_AT_END = r"[（(]?[0-9二][0-9〇○零Oo一二三四五六七八九]{3}[年.．/-][^年]{1,5}[月.．/-][^月]{1,4}日?[）)]?$"


def judge_agreement(reports: pl.DataFrame, sections: pl.DataFrame, files: pl.DataFrame | None) -> pl.DataFrame:
    """Return the outcomes (`SHOWN_COLUMNS`) of the rules about year and agency that one report answers by itself.

    A statement that is not there makes the outcome `not_assessable` and the note says which.

    Args:
        reports: Frame `reports`.
        sections: Frame `sections`.
        files: Frame `files`, which knows the folder; None where there is none.
    """
    titled = _read_titles(reports)
    parts = [table("quality").empty_frame().with_columns(_no_anchor())]
    for rule, check in _agreements():
        if check.what == "year_of_folder":
            parts.append(_judge_folder(rule, titled, files))
        elif check.what == "year_of_period":
            parts.append(_judge_period(rule, check, titled, sections))
        elif check.what == "agency":
            parts.append(_judge_signature(rule, check, titled, sections))
    return pl.concat([part.select(SHOWN_COLUMNS) for part in parts])


def judge_currency(reports: pl.DataFrame) -> pl.DataFrame:
    """Return the outcomes (`SHOWN_COLUMNS`) of the rule that an agency has one current report a year.

    Args:
        reports: Current reports; `versions` counts those that claim to be current, 1 where the column is absent.
    """
    counted = reports if "versions" in reports.columns else reports.with_columns(versions=pl.lit(1))
    left, right = pl.col("versions").cast(pl.Float64), pl.lit(1.0)
    parts = [
        _outcomes(counted, rule, left=left, right=right, note=pl.lit(None, dtype=pl.String))
        for rule, check in _agreements()
        if check.what == "one_current"
    ]
    return pl.concat([table("quality").empty_frame().with_columns(_no_anchor()), *parts])


def _agreements() -> Iterator[tuple[Rule, AgreementCheck]]:
    for rule in load_rules().values():
        for check in rule.checks:
            if isinstance(check, AgreementCheck):
                yield rule, check


def _read_titles(reports: pl.DataFrame) -> pl.DataFrame:
    """Return the reports with `title_years`, every year that the title names, in Arabic or Chinese digits."""
    chinese = pl.col("title").str.extract_all(_CHINESE_YEAR).list.eval(
        pl.element().str.replace_many(list(_DIGITS), list(_DIGITS.values()))
    )  # fmt: skip
    arabic = pl.col("title").str.normalize("NFKC").str.replace_all(r"\s+", "").str.extract_all(r"(?:19|20)\d\d")
    years = arabic.list.concat(chinese).list.eval(pl.element().cast(pl.Int32))
    return reports.with_columns(title_years=pl.coalesce(years, pl.lit([], dtype=pl.List(pl.Int32))))


def _judge_folder(rule: Rule, titled: pl.DataFrame, files: pl.DataFrame | None) -> pl.DataFrame:
    folders = (files if files is not None else table("files").empty_frame()).select("file_id", "folder_year")
    return _compare_years(rule, titled.join(folders, on="file_id", how="left"), "folder_year")


def _judge_period(rule: Rule, check: AgreementCheck, titled: pl.DataFrame, sections: pl.DataFrame) -> pl.DataFrame:
    # Every stated period names its last or first day; few sections do, so the patterns run over few.
    telling = sections.filter(pl.col("text").str.contains(r"12\s*月|1231|1\s*月\s*1\s*日|20\d\d0?10?1|[.．/]\s*12"))
    squeezed = telling.select("file_id", "section_number", text=pl.col("text").str.replace_all(r"\s+", ""))
    year = pl.coalesce(pl.col("text").str.extract(pattern, 1) for pattern in check.patterns).cast(pl.Int32)
    periods = (
        squeezed.select("file_id", "section_number", period_year=year)
        .drop_nulls("period_year")
        .sort("file_id", "section_number")
        .unique("file_id", keep="first")
    )
    return _compare_years(rule, titled.join(periods, on="file_id", how="left"), "period_year")


def _compare_years(rule: Rule, stated: pl.DataFrame, other: str) -> pl.DataFrame:
    """Compare one of the title's years with a year stated elsewhere: the title may name that of publication too."""
    agrees = pl.col("title_years").list.contains(pl.col(other))
    chosen = pl.when(agrees).then(pl.col(other)).otherwise(pl.col("title_years").list.last())
    note = (
        pl.when(pl.col("title_years").list.len() == 0)
        .then(pl.lit("no_title_year"))
        .when(pl.col(other).is_null())
        .then(pl.lit(f"no_{other}"))
    )
    return _outcomes(stated, rule, left=chosen.cast(pl.Float64), right=pl.col(other).cast(pl.Float64), note=note)


def _outcomes(frame: pl.DataFrame, rule: Rule, *, left: pl.Expr, right: pl.Expr, note: pl.Expr) -> pl.DataFrame:
    """Return one outcome a report: two numbers that must be equal, not assessable where there is a note."""
    is_known = note.is_null() & left.is_not_null() & right.is_not_null()
    return frame.select(
        "file_id",
        *_no_anchor(),
        rule_id=pl.lit(rule.id),
        scope=pl.lit(rule.scope),
        status=judge(left == right, is_known),
        left_value=pl.when(is_known).then(left),
        right_value=pl.when(is_known).then(right),
        delta=pl.when(is_known).then(left - right),
        note=note,
    ).select(SHOWN_COLUMNS)


def _judge_signature(rule: Rule, check: AgreementCheck, titled: pl.DataFrame, sections: pl.DataFrame) -> pl.DataFrame:
    """Compare the agency that signs with the one in the title; what plain comparison leaves open is resolved."""
    # The evidence says what the agency was recognised by: only then does the title name it.
    is_titled = pl.col("agency_evidence").str.starts_with("title") & pl.col("signed_name").is_not_null()
    stated = titled.join(_find_signatures(check, sections), on="file_id", how="left").with_columns(
        name=pl.when(is_titled).then("signed_name"), full=pl.col("agency_name").fill_null("")
    )
    signature, name = pl.col("signature"), pl.col("name")
    is_same = (
        (signature == name) | pl.col("full").str.ends_with(signature) | signature.str.ends_with(name)
        | name.str.ends_with(signature)
    )  # fmt: skip
    offices = f"^(?:{check.signs_for})$"
    by_office = pl.any_horizontal(
        signature.str.starts_with(title) & signature.str.slice(title.str.len_chars()).str.contains(offices)
        for title in (name, pl.col("full"))
    ) & (pl.col("full") != "")
    note = (
        pl.when(name.is_null())
        .then(pl.lit("no_titled_agency"))
        .when(signature.is_null())
        .then(pl.lit("no_signature"))
        .when(by_office)
        .then(pl.lit("signed_by_office"))
        .when(~pl.col("is_dated") & ~is_same)
        .then(pl.lit("undated_signature"))
    )
    is_known = name.is_not_null() & signature.is_not_null() & (pl.col("is_dated") | is_same | by_office)
    judged = stated.with_columns(note=note, status=judge(is_same | by_office, is_known))
    is_open = judged["status"] == RuleStatus.FAIL
    if is_open.any():
        judged = pl.concat([judged.filter(~is_open), _resolve_signatures(judged.filter(is_open))])
    nothing = pl.lit(None, dtype=pl.Float64)
    return judged.select(
        "file_id", "status", "note", *_no_anchor(), rule_id=pl.lit(rule.id), scope=pl.lit(rule.scope),
        left_value=nothing, right_value=nothing, delta=nothing,
    )  # fmt: skip


def _find_signatures(check: AgreementCheck, sections: pl.DataFrame) -> pl.DataFrame:
    """Return file_id, signature and is_dated: the line that reads as an agency's name among the text's last lines.

    A name beside a date signs, the last of several; one alone may as well be a line of the page's foot.
    """
    last = sections.filter(pl.col("text") != "").sort("file_id", "section_number").unique("file_id", keep="last")
    lines = pl.col("text").str.tail(200).str.split("\n").list.tail(_SIGNATURE_LINES)
    squeezed = pl.col("line").str.replace_all(r"\s+", "")
    name = pl.when("has_date").then(pl.col("line").str.replace(_DATE_AT_END, "")).otherwise("line")
    file_id, has_date = pl.col("file_id"), pl.col("has_date")
    beside = (has_date.shift(step) & (file_id == file_id.shift(step)) for step in (-1, 1))
    return (
        last.select("file_id", line=lines)
        .explode("line", empty_as_null=False, keep_nulls=False)
        .with_columns(line=squeezed)
        .filter(pl.col("line") != "")
        .with_columns(has_date=pl.col("line").str.contains(_DATE_AT_END))
        .with_columns(
            signature=pl.coalesce(name.str.extract(pattern, 1) for pattern in check.patterns),
            is_dated=pl.any_horizontal(has_date, *beside).fill_null(value=False),
        )
        .drop_nulls("signature")
        .sort("file_id", "is_dated", maintain_order=True)
        .unique("file_id", keep="last", maintain_order=True)
        .select("file_id", "signature", "is_dated")
    )


def _resolve_signatures(judged: pl.DataFrame) -> pl.DataFrame:
    """Judge what differs in words: the same agency under another name, another one, or a name that tells none."""
    rows: list[tuple[int, str, str | None]] = []
    for file_id, signature, name, agency_id, year in judged.select(
        "file_id", "signature", "name", "agency_id", "year"
    ).iter_rows():
        found = resolve_agency([Clue(EvidenceSource.SIGNATURE, signature)], year, str, "")
        if agency_id is not None and found.agency_id == agency_id:
            rows.append((file_id, RuleStatus.PASS.value, None))
        elif found.agency_id is None or found.reason_code is not None or agency_id is None:
            rows.append((file_id, RuleStatus.NOT_ASSESSABLE.value, "unresolved_signature"))
        else:
            rows.append((file_id, RuleStatus.FAIL.value, f"the title names {name}, {signature} signs"))
    schema = {"file_id": pl.Int64, "status": pl.String, "note": pl.String}
    decided = pl.DataFrame(rows, schema=schema, orient="row")
    return judged.drop("status", "note").join(decided, on="file_id").select(judged.columns)


def _no_anchor() -> list[pl.Expr]:
    return [pl.lit(None, dtype=pl.String).alias(name) for name in ("anchor_row", "anchor_column")]

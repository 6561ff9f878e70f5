"""Groups and characters of RTF by their control words."""

# Groups whose text is not printed where they stand, among those that do not begin with \*.
SKIPPED = frozenset(
    (
        *("stylesheet", "info", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"),
        *("ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "xe", "tc", "rxe", "txe", "upr", "shprslt"),
        *("nonesttables", "nonshppict", "filetbl", "revtbl", "private", "sp"),
    )
)
# Groups that begin with \* (which says: skip it if you do not know it) and are read, or hold such as are.
KNOWN = frozenset(("shpinst", "nesttableprops", "shppict", "do", "shptxt", "listtext", "pntext", "fldinst"))
STORIES = frozenset(("shptxt", "dptxbxtext", "footnote"))
NESTED = "nesttableprops"
DESTINATIONS = STORIES | {NESTED, "fldinst", "fonttbl", "colortbl", "pict", "listtext", "pntext"}
# Formulas as Word draws them: what stands there is not the digits in reading order.
FORMULAS = frozenset(("mmath", "moMath", "moMathPara"))
TABLES = frozenset(("fonttbl", "colortbl"))
CHARACTERS = {
    **dict(zip(("tab", "line", "softline", "page", "~", "_", "-"), "\t\n\n\n\u00a0-\u00ad", strict=True)),
    **dict(zip(("emdash", "endash", "bullet", "emspace", "enspace", "qmspace"), "—–•\u2003\u2002\u2005", strict=True)),
    **dict(zip(("lquote", "rquote", "ldblquote", "rdblquote", "\\", "{", "}"), "‘’“”\\{}", strict=True)),
}

# What a word sets of a run, and of a cell, as WordprocessingML says it; a run's ends where the word has the number 0.
LOOKS: dict[str, tuple[str, str | None]] = {
    "v": ("vanish", "1"),
    "strike": ("strike", "1"),
    "striked": ("dstrike", "1"),
    "super": ("vertAlign", "superscript"),
    "sub": ("vertAlign", "subscript"),
    "nosupersub": ("vertAlign", None),
}
MEASURES = {"fs": "sz", "charscalex": "w"}
MERGES = {
    "clvmgf": ("vertical", "restart"),
    "clvmrg": ("vertical", "continue"),
    "clmgf": ("horizontal", "restart"),
    "clmrg": ("horizontal", "continue"),
}

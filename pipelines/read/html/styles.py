"""What a style says that leaves open whether, where or as which digits its element is shown.

Every expression is looked for in inline styles and, as declarations of a rule are one line, in those of sheets.
"""

import re

# White and nearly white, whichever way it is written; a background's colour is another property.
_PALE = (
    r"(?:#[ef]{3,4}(?![0-9a-f])|#(?:[ef][0-9a-f]){3}(?:[0-9a-f]{2})?(?![0-9a-f])|(?:floral|ghost)?white(?:smoke)?(?![\w-])"
    r"|transparent|snow|ivory|canvas(?![\w-])|buttonface|hwb\(|light-dark\(|contrast-color\(|mintcream|azure|aliceblue"
    r"|honeydew|seashell|lavenderblush|lightyellow|oldlace|rgba?\(\s*(?:from\b|(?:2[3-5]\d|9\d%|100%)"
    r"\s*[,\s]\s*(?:2[3-5]\d|9\d%|100%)\s*[,\s]\s*(?:2[3-5]\d|9\d%|100%))"
    r"|(?:rgb|hsl)a?\([^)]*(?:/|,[^),]*,[^),]*,)\s*0?(?:\.[0-2]\d*|\.?0*)\s*\)"
    r"|hsla?\([^)]*(?:8[5-9]|9\d|100)(?:\.\d+)?%\s*[,/)]|(?:ok)?l(?:ab|ch)\(|color(?:-mix)?\("
    r"|#(?:[0-9a-f]{3}0(?![0-9a-f])|[0-9a-f]{6}0[0-9a-f](?![0-9a-f])))"
)
_RED = (
    r"(?:red(?![\w-])|crimson|firebrick|#[c-f][0-9a-f](?:[0-3][0-9a-f]){2}(?![0-9a-f])|#[c-f][0-3]{2}(?![0-9a-f])"
    r"|rgba?\(\s*2\d\d\s*,\s*[1-5]?\d\s*,\s*[1-5]?\d(?!\d))"
)
_PALE_TEXT = rf"(?<![\w-])color\s*:\s*{_PALE}"
# White text is seen on a ground of a colour.
_NO_COLOUR = r"(?:none|inherit|initial|unset|revert|transparent|currentcolor|url|var|linear)"
_GROUND = (
    rf"(?<![\w-])(?:background(?:-color)?\s*:\s*|box-shadow\s*:\s*inset\s+0\s+0\s+0\s+\d{{3,}}px\s+)"
    rf"(?!{_PALE}|{_NO_COLOUR})[a-z#]"
)
# Every property begins here: an expression of many is tried at beginnings alone.
_AT = r"(?<![\w-])(?:-webkit-)?"
_LITTLE = r"(?:[1-9](?:\.\d+)?px|(?:[01](?:\.\d+)?|\.\d+)(?:ch|r?em))(?![\w.])"  # no room for two digits
_NARROW = rf"(?:max-)?(?:width|height)\s*:\s*{_LITTLE}"
_CUTS = r"overflow(?:-[xy])?\s*:\s*(?:hidden|clip)"
_LINES = r"(?:(?:[3-9]\d|\d{3})(?:\.\d+)?p[xt]|(?:[2-9]|\d{2})(?:\.\d+)?r?em)"  # the height of a line or more
_FAR = rf"(?:\d{{3}}|{_LINES})"
_SHIFT = rf"(?:(?:left|right)\s*:\s*-?(?:[3-9]\d|\d{{3}}|{_LINES})|(?:top|bottom|inset[a-z-]*)\s*:[^;]*?{_LINES})"
_UNSET = r"(?!\s*(?:none|auto|normal|inherit|initial|unset|revert))"
# Where nobody looks for a figure, be it the whole of its cell, or the cell itself: at least the half of a column away.
_AWAY = (
    rf"(?:bidi|isolate)-override|position\s*:\s*relative[^{{}}]{{0,80}}(?<![\w-]){_SHIFT}"
    rf"|{_SHIFT}[^{{}}]{{0,80}}position\s*:\s*relative|margin-(?:left|right)\s*:\s*-(?:[4-9]\d|\d{{3}})"
    rf"|margin-(?:top|bottom)\s*:\s*-{_LINES}|rotate\s*:\s*(?!0|none)"
    r"|scale\s*:\s*(?:[\d.]+\s+)?(?:-|0(?:\.[0-2]\d*)?(?![.\d])|\.[0-2])"
    rf"|translate\s*:[^;]*{_FAR}|offset(?:-path)?\s*:[^;]*\("
    r"|transform\s*:[^;]*(?:scale\w*\(\s*(?:[\d.]+\s*,\s*)?(?:-|0(?:\.[0-2]\d*)?\s*[,)]|\.[0-2])|rotate\w*\(\s*-?0*[1-9.]"
    rf"|skew\w*\(\s*-?[4-9]\d|matrix\((?!\s*1\s*,\s*0\s*,\s*0\s*,\s*1\s*,\s*0\s*,\s*0\s*\))|translate\w*\([^)]*{_FAR})"
)
# Not to be seen, or not as it is written, wherever it stands.
_FADED = (
    rf"(?:clip(?:-path)?|mask(?:-image|-box-image(?:-source)?)?)\s*:{_UNSET}"
    r"|text-indent\s*:\s*-(?:\d{3}|(?:[4-9]|\d{2})(?:\.\d+)?r?em)"
    r"|mix-blend-mode\s*:\s*(?:screen|differ|exclu|light|overlay|plus|color-)"
    r"|opacity\s*:\s*(?:0?\.[0-2]|[12]?\d%|[-+]|(?!in|un|re)[a-z]|[\d.]+e)|zoom\s*:\s*(?:0?\.[0-3]|0(?![.\d])|[12]?\d%)"
    r"|font-size\s*:\s*(?:(?:0?\.\d+|[1-3](?:\.\d+)?)p[xt]|0?\.[0-3]\d*em|0?\.0\d*rem|[123]?\d%"
    r"|calc\([^);]*(?:-|\*\s*0)|(?:calc|min|max|clamp)\(\s*0(?![.\d]))"
    r"|font\s*:[^;{}]{0,60}?(?<![\d./\w])(?:0(?:p[xt]|r?em|%)?|[1-3]p[xt])(?=[\s/])"
    r"|filter\s*:\s*(?:opacity|brightness|invert|contrast|blur)|text-(?:security|fill-color)\s*:"
    r"|text-stroke(?:-width)?\s*:\s*(?:[2-9]|\d{2})|content-visibility\s*:\s*hidden|(?:display|visibility)\s*:\s*var\("
    r"|font-family\s*:\s*[\"']?(?:wing|web)dings|font-feature-settings\s*:\s*[\"'](?:su[pb]s|sinf|frac|afrc|ordn)"
    r"|letter-spacing\s*:\s*-(?:0?\.[3-9]\d*r?em|[1-9][\d.]*(?:r?em|ch)|(?:[4-9]|\d{2})[\d.]*p[xt])"
    rf"|content\s*:\s*(?:url|image-set|[a-z-]*gradient)\(|background(?:-color)?\s*:\s*currentcolor"
    rf"|color\s*:\s*(?!{_NO_COLOUR})(?P<ink>[#a-z][\w]*)\s*;[^{{}}]{{0,80}}background(?:-color)?\s*:\s*(?P=ink)(?![\w(-])"
    rf"|background(?:-color)?\s*:\s*(?!{_NO_COLOUR})(?P<ground>[#a-z][\w]*)\s*;[^{{}}]{{0,80}}(?<![\w-])color\s*:\s*"
    rf"(?P=ground)(?![\w(-])|{_AWAY}"
)
# Out of sight wherever the rest of its line is. A cell grows with its text, so its own size hides nothing.
_GONE = (
    r"(?:max-)?(?:width|height)\s*:\s*0(?![.\d])|(?:margin-)?(?:left|top|right)\s*:\s*-\d{3}"
    rf"|flex-direction\s*:\s*\w+-reverse|{_FADED}"
    rf"|{_NARROW}[^{{}}]{{0,80}}{_CUTS}|{_CUTS}[^{{}}]{{0,80}}(?<![\w-]){_NARROW}"
)
# Moved to another place of its line, turned or mirrored; the whole of a line may be moved.
_MOVED = (
    r"(?<![\w-])(?:position\s*:\s*(?:absolute|fixed)|float\s*:\s*(?:left|right)"
    r"|(?:-webkit-)?transform\s*:(?!\s*(?:none|in|un|re))|direction\s*:\s*rtl"
    r"|order\s*:\s*-?\d|(?:margin|margin-left|letter-spacing|text-indent)\s*:\s*-"
    r"|vertical-align\s*:\s*(?:sub|text-bottom|-)|text-raise\s*:\s*-)"
)
# Set out in another way than as a piece of its line.
_LAID_OUT = r"(?<![\w-])display\s*:\s*(?:block|flex|grid|table|list-item)(?![\w-])"
# A picture behind an element may be of a digit, and one of a line may strike it out.
_DRAWN = r"background(?:-image)?\s*:[^;]*(?:url\(|gradient\()|background-position\s*:"
# What is drawn over the figure that it stands beside.
_OVER = r"position\s*:\s*(?:absolute|fixed)"
_LINE = r"(?<![\w-])(?:border|background|box-shadow|outline)(?:-\w+)*\s*:\s*(?!0|none|transparent)"


def _say(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | flags)


PALE, PALE_NAME = _say(_PALE_TEXT), _say(_PALE)
PALE_RULE = _say(rf"^(?!.*{_GROUND}).*{_PALE_TEXT}", re.MULTILINE)
GROUND, PALE_GROUND = _say(_GROUND), _say(rf"(?<![\w-])background(?:-color)?\s*:\s*(?!transparent){_PALE}")
RED_TEXT, RED_NAME = _say(rf"(?<![\w-])color\s*:\s*{_RED}"), _say(_RED)
ANY_COLOUR = _say(r"(?<![\w-])color\s*:")
GONE = _say(rf"{_AT}(?:{_GONE})")
FADED_CELL = _say(rf"{_AT}(?:{_FADED})")
ASIDE = _say(rf"{_AT}(?:{_AWAY})")
TINY = _say(r"font-size\s*:\s*0?\.[12]\d*rem")  # small by the root's own size
MOVED, LAID_OUT, DRAWN = _say(_MOVED), _say(_LAID_OUT), _say(_DRAWN)
COVERING = _say(rf"{_OVER}[^{{}}]{{0,200}}{_LINE}|{_LINE}[^{{}}]{{0,200}}{_OVER}")
# Turns the order of the cells in a row, or of the rows; takes a cell or a row out of its place.
TURNED = _say(r"flex-direction\s*:\s*\w+-reverse|(?<![\w-])direction\s*:\s*rtl")
PLACED = _say(r"(?<![\w-])(?:order\s*:\s*-?[1-9]|position\s*:\s*fixed)")
FREED = _say(
    r"(?<![\w-])(?:position\s*:\s*(?:absolute|fixed)|float\s*:\s*(?:left|right)"
    r"|display\s*:\s*(?:block|inline|flex|grid|table(?!-)))"
)
# Ink that nothing colours is black, and unseen on black: so Word marks what is blacked out.
BLACK_GROUND = _say(r"(?<![\w-])background(?:-color)?\s*:\s*(?:black|#000(?:000)?|rgb\(0,\s*0,\s*0\))(?![\w-])")
DOUBTS = _say("|".join(way.pattern for way in (PALE, BLACK_GROUND, RED_TEXT, GONE, MOVED, LAID_OUT, DRAWN)))

"""What a page says of its site without showing it: where the page stands, and the site's code."""

import re
from collections.abc import Iterator
from html import unescape

from selectolax.lexbor import LexborNode

ADDRESS = "site_address"
"""Label of the address at which a page says that it stands."""

_CODE = "sitecode"
_OWN = 'base[href],link[rel="canonical" i]'
_SAVED = re.compile(rb"<!--\s*saved from url=\(\d+\)(\S+)")
_FIRST = 1024  # bytes in which a browser says where it saved the page
# 我为政府网站找错: a button at the foot of every government's page since 2015, called with the site's own code.
_REPORTING = b"jiucuo"
_REPORTED = re.compile(rb"site_?code\s*(?:=|%3D|:)\s*\\?[\"']?((?:bm)?\d{8,10})(?!\d)", re.IGNORECASE)
_LAST = 8 * 1024  # bytes of a page's foot
_AROUND = 500


def find_site_facts(head: LexborNode | None, markup: bytes) -> Iterator[tuple[str, str]]:
    """Yield label and value of what a page says of its site beside its text, the most certain first.

    Args:
        head: The page's head.
        markup: Its bytes. Only their ends are searched: every search of a whole page costs more than all else here.

    >>> list(find_site_facts(None, b"<!-- saved from url=(0029)http://www.njgl.gov.cn/1.html -->"))
    [('site_address', 'http://www.njgl.gov.cn/1.html')]
    >>> list(find_site_facts(None, b"<script id='_jiucuo_' sitecode='3201060001' src='//pucha.kaipuyun.cn/'></script>"))
    [('sitecode', '3201060001')]
    """
    if b"saved from url" in markup[:_FIRST] and (saved := _SAVED.search(markup, 0, _FIRST)):
        yield ADDRESS, unescape(saved[1].decode(errors="replace"))
    stated = head.css(_OWN) if head is not None else []
    for node in sorted(stated, key=lambda node: node.tag or "", reverse=True):  # a base is often that of the site
        if address := node.attributes.get("href"):
            yield ADDRESS, address.strip()
    place = markup.rfind(_REPORTING, max(len(markup) - _LAST, 0))
    if place >= 0:
        told = set(_REPORTED.findall(markup, max(place - _AROUND, 0), place + _AROUND))
        yield from ((_CODE, code.decode()) for code in sorted(told))

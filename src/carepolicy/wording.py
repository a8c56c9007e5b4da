"""Wording: what canned replies must not say, where a template says it, and what to say instead.

No text is written here: a host runs its templates, or its filled-in replies, past these rules before they are used.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

import attrs
from attrs import field

from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import words

WRONG_NAME, WRONG_PARTNER = "wrong name", "wrong partner"


@attrs.frozen
class WordingRule:
    r"""Something that a reply must not say.

    Args:
        name: What is wrong with it.
        pattern: A regular expression that finds it; capitals and small letters are the same, `\s+` between words lets
            a line end there.
        why: Why it must not be said.
        instead: What to say instead, for whoever writes the template.

    Raises:
        InvalidPolicyError: If something is left empty, or the pattern cannot be read or finds nothing.
    """

    name: str
    pattern: str
    why: str
    instead: str

    def __attrs_post_init__(self) -> None:
        for said in ("name", "pattern", "why", "instead"):
            if not getattr(self, said).strip():
                raise InvalidPolicyError(f"wording rule lacks its {said}: {self.name!r}; say it")
        try:
            finds_nothing = self.found_in("") != ()
        except re.error as error:
            raise InvalidPolicyError(f"pattern cannot be read: {self.pattern!r}, {error}; mend it") from error
        if finds_nothing:
            raise InvalidPolicyError(f"pattern finds nothing everywhere: {self.pattern!r}; let it ask for a word")

    def found_in(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where a text says it: from which character up to which."""
        return tuple(match.span() for match in re.finditer(self.pattern, text, re.IGNORECASE))


@attrs.frozen
class Names:
    """Who is meant by a reply, as far as the host knows.

    Args:
        customer: What the customer is called, in any form that is right: ("Ann Smith", "Dr Smith"); nothing where it is
            not known.
        partners: The partners of this case.
        all_partners: All partners there are: one of these that is not of this case is a wrong one.
    """

    customer: tuple[str, ...] = field(default=(), converter=words)
    partners: tuple[str, ...] = field(default=(), converter=words, kw_only=True)
    all_partners: tuple[str, ...] = field(default=(), converter=words, kw_only=True)


@attrs.frozen
class Flag:
    """Something that a text says and must not.

    Args:
        start: At which character it begins.
        found: The words found.
        rule: What is wrong with it.
        why: Why it must not be said.
        instead: What to say instead.
    """

    start: int
    found: str
    rule: str
    why: str
    instead: str

    @property
    def end(self) -> int:
        """At which character it ends."""
        return self.start + len(self.found)

    def __str__(self) -> str:
        return f"{self.rule}: {self.found!r} at {self.start}; {self.why}; instead: {self.instead}"


STANDARD = (
    WordingRule(
        "not affiliated",
        r"\b(?:not|(?:are|is|am|were)n['’]t)\s+(?:\w+ly\s+)?(?:affiliated|associated|connected)\s+(?:with|to)\b"
        r"|\bno\s+(?:affiliation|connection|association)\s+(?:with|to)\b",
        "the customer has one matter and not two companies",
        "what we know of it, who does what, and that we see to it",
    ),
    WordingRule(
        "contact them yourself",
        r"\b(?:contact|call|ask|reach\s+out\s+to|get\s+in\s+touch\s+with|follow\s+up\s+with|check\s+with)\b"
        r"(?!\s+(?:us|me|our|my)\b)[^.!?]{1,80}?\b(?:yourself|yourselves|directly|on\s+your\s+own)\b"
        r"|\b(?:please|you\s+(?:will\s+)?(?:need|have)\s+to|you\s+(?:must|should))\s+"
        r"(?:contact|call|ask|reach\s+out\s+to|check\s+with)\s+(?:the|your)\b[^.!?,;]{0,60}",
        "it hands our work to the customer",
        "who of us contacts them, and by when the customer hears what came of it",
    ),
    WordingRule(
        "no reply",
        r"\b(?:will\s+not|won['’]t)\s+(?:receive|get)\s+(?:a|any)\s+(?:\w+\s+)?(?:reply|response|answer)\b"
        r"|\b(?:do\s+not|don['’]t|cannot)\s+(?:reply|respond)\s+to\s+this\b|\b(?:un|not\s+)monitored\b|\bno-?reply\b",
        "nobody is asked or told anything whose answer nobody reads",
        "who reads the reply, and by when they answer",
    ),
    WordingRule(
        "not our job",
        r"\b(?:not|isn['’]t)\s+(?:our|my)\s+(?:department|responsibility|problem|area|fault)\b"
        r"|\b(?:beyond|outside|out)\s+(?:of\s+)?(?:our|my)\s+(?:control|scope|remit|hands)\b",
        "whoever is asked owns the question until somebody else has taken it over",
        "who has it now, by name, and when they get in touch",
    ),
    WordingRule(
        "closed on the customer",
        r"\bwill\s+be\s+(?:\w+\s+)?closed\s+(?:if|unless)\b"
        r"|\bconsider(?:ed)?\s+(?:this|it|the|your)\b[^.!?]{0,30}?\b(?:resolved|closed|settled)\b",
        "silence is no word of the customer",
        "what we take to be done, and the question whether it is",
    ),
    WordingRule(
        "any inconvenience",
        r"\b(?:any|the)\s+inconvenience\b",
        "it names nothing that happened to them",
        "what went wrong, in the customer's own words, and what we do about it",
    ),
    WordingRule(
        "placeholder left",
        r"\{\{[^{}]*\}\}|\$\{[^{}]*\}|\{[a-z_][\w. ]*\}|<<[^<>]*>>|%[a-z_]{2,}%|(?-i:\[[A-Z][A-Z_ ]+\])"
        r"|\blorem\s+ipsum\b|\b(?:todo|tbd|xxx+)\b|\b(?:dear|hello|hi)\s+(?:none|null|nan|undefined)\b",
        "it was filled in by nobody",
        "what belongs there, or a sentence that does without it",
    ),
)
"""Rules to begin with, for English; a host adds its own, and its own languages: `(*STANDARD, WordingRule(…))`."""

_SALUTATION = re.compile(
    r"^[ \t]*(?:dear|hello|hi|hey|good\s+(?:morning|afternoon|evening))[ \t,]+([^\W\d_][^,!:;\n]{0,60}?)"
    r"(?=[,!:;\n]|(?<!\bdr)(?<!\bmr)(?<!\bms)(?<!\bmrs)(?<!\bprof)\.(?:\s|$)|\s*\Z)",
    re.IGNORECASE | re.MULTILINE,
)
_NOBODY = frozenset(
    {"customer", "valued", "sir", "madam", "or", "all", "team", "there", "everyone", "everybody", "ladies", "and"}
    | {"gentlemen", "friend"}
)
"""What may stand for a name where nobody in particular is meant."""
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "madam"})


def _plain(text: str) -> tuple[str, ...]:
    """The words of a name without accents, capitals and stops."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return tuple(re.findall(r"[^\W_]+", bare.casefold()))


def _names(text: str, names: Names) -> Iterator[tuple[int, int, str, str, str]]:
    """Where a text names somebody else than is meant."""
    known = [set(_plain(name)) for name in names.customer]
    for match in _SALUTATION.finditer(text) if known else ():
        said = set(_plain(match[1])) - _TITLES
        if said - _NOBODY and not any(said <= name for name in known):
            why = f"the customer is {' or '.join(names.customer)}"
            yield match.start(1), match.end(1), WRONG_NAME, why, "their own name"
    right = {_plain(name) for name in names.partners}
    meant = [m.span() for name in names.partners for m in re.finditer(re.escape(name), text, re.IGNORECASE)]
    for partner in sorted({p for p in names.all_partners if p.strip() and _plain(p) not in right}):
        for match in re.finditer(rf"(?<!\w){re.escape(partner)}(?!\w)", text, re.IGNORECASE):
            if not any(a <= match.start() and match.end() <= b for a, b in meant):  # a part of the right name
                whose = ", ".join(names.partners) or "nobody"
                yield match.start(), match.end(), WRONG_PARTNER, f"the partner of this case is {whose}", "the right one"


def check_wording(text: str, rules: Iterable[WordingRule] = STANDARD, names: Names | None = None) -> tuple[Flag, ...]:
    """What a text says and must not, in the order of the text; nothing where all is well.

    Args:
        text: A template, or better a reply as it would go out: only there can a wrong name be seen.
        rules: What must not be said.
        names: Who is meant; nobody's name is looked at when left out.

    >>> for flag in check_wording("Dear Bob, please contact the shop directly.", names=Names("Ann Smith")):
    ...     print(flag.start, flag.rule, flag.found, sep=" | ")
    5 | wrong name | Bob
    10 | contact them yourself | please contact the shop directly
    """
    found = [(start, end, rule.name, rule.why, rule.instead) for rule in rules for start, end in rule.found_in(text)]
    found += _names(text, names or Names())
    flags = {Flag(start, text[start:end], *said) for start, end, *said in found}
    return tuple(sorted(flags, key=lambda f: (f.start, f.end, f.rule, f.why, f.instead)))

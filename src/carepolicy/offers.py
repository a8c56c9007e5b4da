"""Offers: something of value after a good talk, a favour asked while all is well, nothing sold into trouble."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Flag, Instant, both, latest, where
from carepolicy.aftercare import MENDED, RETURNED
from carepolicy.answers import NoLowAnswer
from carepolicy.billing import dunning_guard
from carepolicy.caps import AttemptCap
from carepolicy.conflict import STANDARD_PAIRS, Conflict, NoConflict
from carepolicy.consent import Consented
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import THEM, Fact, Facts, Which, conversation, words
from carepolicy.folds import Last
from carepolicy.outreach import QuietHours
from carepolicy.policy import AllOf, all_of
from carepolicy.sequence import FirstSince, LastTold
from carepolicy.span import Span, days
from carepolicy.survey import Actionable, standard_guard
from carepolicy.touch import CLASSES
from carepolicy.trouble import NothingRegistered, NoTrouble

GOOD, BAD = ("good",), ("bad",)
"""The `outcome` of an answer, to a survey or in a talk, that says that all is well, or that it is not."""
_BROKEN = (Which("incident"), *RETURNED)
_MAILED = Which("contact", by=THEM, direction="outbound", purpose=("marketing", "offer", "taste"))
_FAVOUR = Which("contact", by=THEM, direction="outbound", purpose=("reference", "review", "referral"))


def _heard(scope: str, good: tuple[str, ...], bad: tuple[str, ...]) -> dict[str, Fact]:
    """The last answer, the last good one, and the last bad one."""
    return {
        "answered": Last("answer", scope=scope),
        "said_good": Last(Which("answer", outcome=good), scope=scope),
        "said_bad": Last(Which("answer", outcome=bad), scope=scope),
    }


def _glad(f: Facts) -> Flag:
    """Whether the last answer is a good one: not one that nobody can read, and of two at one instant no bad one."""
    return both(f.said_good > ALWAYS, f.said_good >= f.answered, f.said_good > f.said_bad)


@attrs.frozen
class OfferAfterGoodTalk(NoTrouble):
    """Something of value is offered only after the checks have passed and a good talk, and never into trouble.

    Every check was told since the last fault was mended; then there was a live talk, and the customer's last
    answer is a good one.

    Args:
        cool_off, scope: As for `NoTrouble`.
        checks: What must have been told: names of facts; those of `Aftercare` when left out.

        good, bad: The outcomes of an answer that say that all is well, or that it is not.

    Raises:
        InvalidPolicyError: If a check has no name or the same as another.
    """

    checks: tuple[str, ...] = field(default=("used?", "working?", "in use by whom?"), converter=words, kw_only=True)
    good: tuple[str, ...] = field(default=GOOD, converter=words, kw_only=True)
    bad: tuple[str, ...] = field(default=BAD, converter=words, kw_only=True)

    awaits: ClassVar[str] = "the checks to be told, then a good talk, and no trouble"

    def __attrs_post_init__(self) -> None:
        if len(set(self.checks)) < len(self.checks) or "" in self.checks:
            raise InvalidPolicyError(f"checks are not names, each once: {self.checks!r}; leave out what is there twice")

    def needs(self) -> Mapping[str, Fact]:
        """What is open or wrong, the last fault and its mending, what was told, the last talk and the last answers."""
        return {
            **super().needs(),
            "broken": Last(_BROKEN, scope=self.scope),
            "mended": FirstSince(MENDED, since=_BROKEN, scope=self.scope),
            **{f"check_{n}": LastTold(check, scope=self.scope) for n, check in enumerate(self.checks, 1)},
            "talked": Last(conversation, scope=self.scope),
            **_heard(self.scope, self.good, self.bad),
        }

    def _since(self, f: Facts) -> Instant:
        """Since when all is told and well; NEVER where it is not."""
        told = [getattr(f, f"check_{n}") for n in range(1, len(self.checks) + 1)]
        mended = where(f.broken > ALWAYS, f.mended, ALWAYS)
        passed = [both(at > ALWAYS, at >= mended) for at in told]
        last = latest(mended, *told)
        well = both(_glad(f), f.said_good >= last, f.talked >= last, *passed)
        return where(well, latest(f.said_good, f.talked), NEVER)

    def opens(self, f: Facts) -> Instant:
        """After the good talk, unless there is trouble, and `cool_off` after the last trouble ended."""
        return latest(super().opens(f), self._since(f))

    def cycle(self, f: Facts) -> Instant:
        """The good word: it is offered once for each."""
        return f.said_good

    def explain(self) -> str:
        """The rule in plain words."""
        told = f"they said: {', '.join(self.checks)}; then " if self.checks else ""
        return f"{told}there was a good talk, and {super().explain()}"


@attrs.frozen
class ReferenceAsked(NoTrouble):
    """A reference or a review is asked for only when things are well: the last answer was good, nothing is open.

    Args:
        cool_off, scope: As for `NoTrouble`.
        good, bad: The outcomes of an answer that say that all is well, or that it is not.
    """

    good: tuple[str, ...] = field(default=GOOD, converter=words, kw_only=True)
    bad: tuple[str, ...] = field(default=BAD, converter=words, kw_only=True)

    awaits: ClassVar[str] = "a good answer, and no trouble"

    def needs(self) -> Mapping[str, Fact]:
        """What is open or wrong, the last fault or trouble, and the last good and bad answer."""
        return {
            **super().needs(),
            "broken": Last(_BROKEN, scope=self.scope),
            **_heard(self.scope, self.good, self.bad),
        }

    def opens(self, f: Facts) -> Instant:
        """The good answer, where it is the last and came after the last fault; `cool_off` after the last trouble."""
        well = both(_glad(f), f.said_good > f.broken)
        return latest(super().opens(f), where(well, f.said_good, NEVER))

    def cycle(self, f: Facts) -> Instant:
        """The good answer."""
        return f.said_good

    def explain(self) -> str:
        """The rule in plain words."""
        return f"the last answer was good, and {super().explain()}"


def marketing_guard(
    zone: str,
    message: str = "",
    *,
    pairs: tuple[Conflict, ...] = STANDARD_PAIRS,
    cool_off: Span | None = None,
    at_most: int = 2,
    per: Span | None = None,
    must_agree: bool = True,
) -> AllOf:
    """The guard of whatever is sold that we recommend: to who agreed, never into trouble, rarely, in waking hours.

    Args:
        zone: The zone of customers whose own is not known.
        message: What the message is called, where pairs of a conflict name it.
        pairs: What does not go together.
        cool_off: How long after trouble; 14 days when left out.
        at_most: How many messages of marketing in `per`, all of them together.
        per: In any stretch of this length; 30 days when left out.
        must_agree: Whether the customer must have agreed to marketing; otherwise only a refusal blocks.

    Source: in the United States a seller may call between 8:00 and 21:00 where the customer is (47 CFR 64.1200(c)(1)),
    in Florida until 20:00 (Florida Statutes 501.616(6)(a)); the other numbers are ours.

    >>> from carepolicy.facts import Facts
    >>> guard = marketing_guard(zone="America/Denver", message="refinance", must_agree=False)
    >>> told = guard.decide_facts(Facts(wrecked_car_since="2017-11-20T05:55-07:00"), at="2017-12-12T10:00-07:00")
    >>> told.verdict, told.codes[0]
    (Verdict.WAIT, 'NoConflict.opens')
    """
    return all_of(
        Consented("marketing", must_agree),
        *((NoConflict(message, pairs=pairs),) if message else ()),
        NoTrouble(days(14) if cool_off is None else cool_off),
        NothingRegistered(),
        NoLowAnswer(),
        AttemptCap(at_most, days(30) if per is None else per, _MAILED),
        QuietHours(zone, quiet="20:00-08:00", days="Mon-Sat"),
    )


def reference_guard(zone: str, *, cool_off: Span | None = None, rest: Span | None = None) -> AllOf:
    """The guard of a favour that we ask for (a reference, a review) that we recommend.

    Args:
        zone: The zone of customers whose own is not known.
        cool_off: How long after trouble; 30 days when left out.
        rest: How long after we last asked for one; 180 days when left out.
    """
    return all_of(
        ReferenceAsked(days(30) if cool_off is None else cool_off),
        Consented("reference", required=False),
        NothingRegistered(),
        NoLowAnswer(),
        Actionable(),
        AttemptCap(1, days(180) if rest is None else rest, _FAVOUR),
        QuietHours(zone),
    )


def guard_of_class(touch_class: str, zone: str) -> AllOf:
    """The guard that we recommend for a class of touch: what is safe, legal or service always passes.

    Args:
        touch_class: One of `CLASSES`.
        zone: The zone of customers whose own is not known.

    Raises:
        InvalidPolicyError: If the class is not known.

    >>> guard_of_class("service", "Europe/Paris")
    all_of()
    """
    if touch_class not in CLASSES:
        raise InvalidPolicyError(f"touch_class is not known: {touch_class!r}; use one of {', '.join(CLASSES)}")
    if touch_class == "marketing":
        return marketing_guard(zone)
    if touch_class == "billing":
        return dunning_guard(zone)
    return standard_guard(zone) if touch_class == "survey" else all_of()

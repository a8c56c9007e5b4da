"""Informing: who else must know, or must hold back, while something is wrong at a customer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field

from carepolicy._holds import Holds
from carepolicy._instant import ALWAYS, NEVER, in_words, maybe_moment, to_micros
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import Parties, Which
from carepolicy.levels import EscalationState
from carepolicy.severity import NAMES, Severity, known_band
from carepolicy.span import Span, elapsed, forward, not_backward, working, working_days
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

TELL, HOLD, RESUME = "tell", "hold", "resume"
EXECUTIVES = "executives"
"""The role that stands for whichever executive is in proportion to the account."""
_BEGINS = Which(("trouble", "incident", "reopened"))
_ENDS = (Which("trouble_over"), Which(("completed", "closed"), whole=True))


def _what(instance: object, attribute: attrs.Attribute[Any], value: str) -> None:
    if value not in (TELL, HOLD):
        raise InvalidPolicyError(f"{attribute.name} is not known: {value!r}; use 'tell' or 'hold'")


def _a_share(name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise InvalidPolicyError(f"{name} must be a share from 0 to 1, got {value!r}")


def _share(instance: object, attribute: attrs.Attribute[Any], value: float) -> None:
    _a_share(attribute.name, value)


@attrs.frozen
class Informed:
    """A role that must know, or hold back, under some conditions; every one that is given must hold.

    Args:
        role: Who: sales, marketing, support, training, billing, …; "executives" for the one that the account reaches.
        by: How long after the news they must know.
        when: Events since the trouble began that are the news; the trouble itself when left out.
        level: From which rank of an escalation on; 0 for any.
        severity: From which band on; any when left out, also where none is known.
        what: "tell", or "hold": stop what they send to the customer until the trouble is over.

    Raises:
        InvalidPolicyError: If a span points backward, or a band or `what` is not known.
    """

    role: str
    by: Span = field(validator=not_backward)
    when: Which | None = None
    level: int = 0
    severity: str = field(default=NAMES[0], validator=known_band)
    what: str = field(default=TELL, validator=_what)


@attrs.frozen
class Access:
    """Which executive a customer reaches, from which share of the revenue on, and within which time.

    Args:
        role: The executive.
        from_share: From 0 to 1.
        within: How soon they must know.

    Raises:
        InvalidPolicyError: If the share is none, or the span does not point forward.
    """

    role: str
    from_share: float = field(validator=_share)
    within: Span = field(validator=forward)


def access_of(share: float, access: Iterable[Access]) -> Access:
    """The executive in proportion to an account: of those whose share it reaches, the one that asks for most.

    Raises:
        InvalidPolicyError: If two ask for one share, or none takes the smallest account.
    """
    ladder = sorted(access, key=lambda a: a.from_share)
    shares = [a.from_share for a in ladder]
    if shares[:1] != [0] or len(set(shares)) < len(shares):
        raise InvalidPolicyError(f"access is not one ladder from 0: {shares}; give each share once, and one from 0")
    return [a for a in ladder if a.from_share <= share][-1]


STANDARD = (
    Informed("support", working(hours=1)),
    Informed("sales", working(hours=4)),
    Informed("marketing", elapsed(hours=0), what=HOLD),
    Informed("billing", elapsed(hours=0), what=HOLD),
    Informed("training", working_days(2), when=Which("failed")),
    Informed(EXECUTIVES, elapsed(hours=0), level=2, severity="serious"),
)
"""Who must know unless a team says otherwise."""
ACCESS = (
    Access("head-of-service", 0.0, working_days(2)),
    Access("vice-president", 0.02, working_days(1)),
    Access("chief-executive", 0.1, working(hours=4)),
)
"""Which executive an account reaches unless a team says otherwise."""


@attrs.frozen
class Notice(Holds):
    """Somebody who must be told, or must hold back or may go on again.

    Args:
        role: Who.
        what: "tell", "hold" or "resume".
        since_us: Of when the news is, in UTC microseconds.
        by_us: By when they must know, in UTC microseconds.
        why: The news, in words.
        key: The same for the same notice wherever and whenever it is computed; reserve it before telling.
        review_us: When the next event known already becomes visible, in UTC microseconds: until then this holds.
        zone: The zone that instants are said in.
    """

    role: str
    what: str
    since_us: int
    by_us: int
    why: str
    key: str
    review_us: int = NEVER
    zone: str = "UTC"

    @property
    def by(self) -> pendulum.DateTime | None:
        """By when they must know."""
        return maybe_moment(self.by_us, self.zone)

    def __str__(self) -> str:
        return f"{self.what} {self.role} by {in_words(self.by_us, self.zone)}: {self.why}"


def who_must_know(
    timeline: Timeline,
    *,
    at: datetime | str,
    customer: str = "",
    case: str = "",
    level: EscalationState | None = None,
    severity: Severity | None = None,
    account: float = 0.0,
    rules: Iterable[Informed] = STANDARD,
    access: Iterable[Access] = ACCESS,
    calendar: Calendar | None = None,
    parties: Parties | None = None,
) -> tuple[Notice, ...]:
    """Who must still be told about the trouble of one case, or hold back, the most urgent first.

    Trouble begins with an event of kind trouble, incident or reopened, or where an escalation calls for somebody; it is
    over with trouble_over, or when the case as a whole is completed or closed. Who was told is a `note` of that party
    whose purpose is "tell", "hold" or "resume", or an `escalated` to it. Who held back may go on again once it is over.

    Args:
        timeline: The log.
        at: The instant to judge at.
        customer, case: Whom and what it is about.
        level: How far up the case is, as of `at`.
        severity: How severe it is, as of `at`; None for not known.
        account: The share of the revenue that the customer brings, from 0 to 1; weigh it by tier before, if you do.
        rules: Who must know when.
        access: Which executive the account reaches.
        calendar: In which spans are counted.
        parties: Who is who.

    Raises:
        InvalidTimeError: If `at` has no zone.
        InvalidPolicyError: If the account is no share, or the access no ladder.
    """
    _a_share("account", account)
    now, hours = to_micros(at), calendar or Calendar.always()
    log = [e for e in timeline.known(now) if (e.customer, e.case) == (customer, case)]
    reached = access_of(account, access)
    who = parties or Parties()
    over = max((e.at_us for e in log if any(which.matches(e, who) for which in _ENDS)), default=ALWAYS)
    began = min((e.at_us for e in log if e.at_us > over and _BEGINS.matches(e, who)), default=NEVER)
    if level is not None and level.since_us > over:
        began = min(began, level.since_us)
    notices = []
    for rule in rules:
        role = reached.role if rule.role == EXECUTIVES else rule.role
        by = reached.within if rule.role == EXECUTIVES else rule.by
        told = {what: _told(log, role, what) for what in (TELL, HOLD, RESUME)}
        news = _news(rule, log, began, level, severity, who, hours.zone) if began < NEVER else None
        what = rule.what
        if began >= NEVER and rule.what == HOLD and told[HOLD] > told[RESUME]:
            what, news = RESUME, (over, "the trouble is over")
        if news is not None and told[what] < news[0]:
            until = int(hours._add(news[0], by))  # noqa: SLF001  (the calendar's form for ticks)
            key = "/".join(_escaped(part) for part in (customer, case, what, role)) + f"/{news[0]}"
            notices.append(Notice(role, what, news[0], until, news[1], key, timeline.next_visible(now), hours.zone))
    first: dict[str, Notice] = {}
    for notice in sorted(notices, key=lambda n: (n.by_us, n.role, n.what, n.since_us, n.why)):
        first.setdefault(notice.key, notice)
    return tuple(first.values())


def _told(log: list[Event], role: str, what: str) -> int:
    """When a role was last told so."""
    return max(
        (
            e.at_us
            for e in log
            if e.party == role
            and ((e.kind == "note" and e.purpose == what) or (e.kind == "escalated" and what == TELL))
        ),
        default=ALWAYS,
    )


def _news(
    rule: Informed,
    log: list[Event],
    began: int,
    level: EscalationState | None,
    severity: Severity | None,
    parties: Parties,
    zone: str,
) -> tuple[int, str] | None:
    """Of when the news is that a rule asks for, and what it is; None where there is none."""
    since, words = began, [f"trouble since {in_words(began, zone)}"]
    if rule.when is not None:
        found = [e.at_us for e in log if e.at_us >= began and rule.when.matches(e, parties)]
        if not found:
            return None
        since = max(since, *found)
    if rule.level:
        if level is None or level.rank < rule.level:
            return None
        since = max(since, level.reached_us)
        words.append(f"with {level.who} since {in_words(level.reached_us, zone)}")
    if rule.severity != NAMES[0]:
        if severity is None or not severity.at_least(rule.severity):
            return None
        words.append(severity.band)
    return since, "; ".join(words)


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")

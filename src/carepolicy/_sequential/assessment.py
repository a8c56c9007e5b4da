"""What is known of drift at an instant: each kind apart, and the most pressing one in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from carepolicy._holds import Holds
from carepolicy._instant import NEVER, maybe_moment
from carepolicy._sequential.course import Stand
from carepolicy.errors import UnknownNameError

if TYPE_CHECKING:
    import pendulum

RHYTHM, VOICE, MAIL, INITIATIVE = "rhythm", "voice", "mail", "initiative"
BUDGET = {RHYTHM: 1 / 2, VOICE: 1 / 6, MAIL: 1 / 6, INITIATIVE: 1 / 6}
"""Which part of the stated false alarms each kind of drift may spend."""


@attrs.frozen(kw_only=True)
class Trend(Holds):
    """What is known of one kind of drift at one customer. It speaks of instants, and holds until `review_at`.

    Args:
        kind: "rhythm", "voice", "mail" or "initiative".
        is_alarm: Whether the alarm has gone off and still stands.
        enough: Whether there is the minimum of evidence; without it there is no alarm.
        since_us: After which contact it most likely began, in UTC microseconds; NEVER where nothing points to drift.
        confidence: From 0 to 1, in steps: the probability that a whole year without drift never shows as much evidence.
        alarm_us: When the alarm went off, or will if nothing happens; NEVER if it will not.
        review_us: Until when all this holds if nothing happens.
        was, now: The rate (agreed intervals kept) or the share, before and since; None where nothing is known of it.
        before, evidence: The ids of the contacts before that instant, and from it on.
        why: One sentence.
        zone: The zone that instants are given in.
    """

    kind: str
    is_alarm: bool = False
    enough: bool = False
    since_us: int = NEVER
    confidence: float = 0.0
    alarm_us: int = NEVER
    review_us: int = NEVER
    was: float | None = None
    now: float | None = None
    before: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    why: str = ""
    zone: str = "UTC"

    @property
    def since(self) -> pendulum.DateTime | None:
        """The contact after which it most likely began: the maximum-likelihood change point."""
        return maybe_moment(self.since_us, self.zone)

    @property
    def alarm_at(self) -> pendulum.DateTime | None:
        """When the alarm went off, or will if nothing happens; None if it will not."""
        return maybe_moment(self.alarm_us, self.zone)

    @property
    def alarmed_at(self) -> pendulum.DateTime | None:
        """When the alarm that stands went off; None while none does."""
        return self.alarm_at if self.is_alarm else None

    @property
    def pressing(self) -> tuple[bool, float, int]:
        """How trends are ordered: an alarm first, then the surest, then the next."""
        return (not self.is_alarm, -self.confidence, self.alarm_us)


@attrs.frozen(kw_only=True)
class Assessment(Holds):
    """Whether the care of one customer drifts: each kind apart, and the most pressing one in short.

    Args:
        customer: Whom it is about.
        trends: One for each kind of drift.
        review_us: Until when all of it holds, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    customer: str
    trends: tuple[Trend, ...]
    review_us: int
    zone: str

    def trend(self, kind: str) -> Trend:
        """The trend of one kind.

        Raises:
            UnknownNameError: If there is none.
        """
        for trend in self.trends:
            if trend.kind == kind:
                return trend
        raise UnknownNameError(f"kind of drift is not known: {kind!r}; use one of {', '.join(BUDGET)}")

    @property
    def leading(self) -> Trend:
        """The most pressing trend: an alarm first, then the surest."""
        return min(self.trends, key=lambda trend: trend.pressing)

    @property
    def kind(self) -> str:
        """The kind of the most pressing trend."""
        return self.leading.kind

    @property
    def is_alarm(self) -> bool:
        """Whether an alarm stands."""
        return self.leading.is_alarm

    @property
    def since(self) -> pendulum.DateTime | None:
        """Since when the most pressing trend drifts."""
        return self.leading.since

    @property
    def confidence(self) -> float:
        """How sure that is."""
        return self.leading.confidence

    @property
    def alarm_at(self) -> pendulum.DateTime | None:
        """When the first alarm went off, or will if nothing happens."""
        return maybe_moment(min(trend.alarm_us for trend in self.trends), self.zone)

    @property
    def alarmed_at(self) -> pendulum.DateTime | None:
        """When the alarm that stands went off; None while none does."""
        return self.leading.alarmed_at

    @property
    def evidence(self) -> tuple[str, ...]:
        """The ids of the contacts since then, the last one before it among them."""
        return self.leading.evidence

    @property
    def rate(self) -> float | None:
        """How many talks that we began there are in an agreed interval, since the rhythm changed."""
        return self.trend(RHYTHM).now

    @property
    def voice_share(self) -> float | None:
        """The share of talks among the contacts that we began, since it changed."""
        return self.trend(VOICE).now

    @property
    def why(self) -> str:
        """The most pressing trend in one sentence."""
        return self.leading.why


def trend_of(kind: str, stand: Stand, now_us: int, why: str, zone: str) -> Trend:
    """What a stand of the evidence means at an instant."""
    return Trend(
        kind=kind,
        is_alarm=stand.alarm_us <= now_us,
        enough=stand.enough,
        since_us=stand.since_us,
        confidence=stand.confidence,
        alarm_us=stand.alarm_us,
        review_us=stand.review_us,
        was=stand.was,
        now=stand.now,
        before=stand.before,
        evidence=stand.evidence,
        why=why,
        zone=zone,
    )

"""The time box of a handover: until an accepted read-back the case stays with its sender, and the asking goes up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._holds import Holds
from carepolicy._instant import NEVER, in_words, maybe_moment, to_micros
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import words
from carepolicy.handover.accepting import holder
from carepolicy.span import Span, elapsed, forward

if TYPE_CHECKING:
    import pendulum

    from carepolicy.handover.handover import Handover

WAITS, ACCEPTED, WENT_UP, STAYS = "waits", "accepted", "went up", "stays"


@attrs.frozen(kw_only=True)
class Standing(Holds):
    """Who has a case that is being handed on, and who is asked to take it.

    Args:
        owner: Who has it: the sender, until somebody accepted.
        state: "accepted"; "waits" for the receiver; "went up" to somebody above; or "stays" with the sender, as
            everybody was asked.
        asked: Who is asked now; "" for nobody any more.
        since_us: Since when that is so, in UTC microseconds.
        review_us: Until when it is so unless somebody accepts.
        zone: The zone that instants are given in.
        why: One sentence.
    """

    owner: str
    state: str
    asked: str = ""
    since_us: int
    review_us: int = NEVER
    zone: str = "UTC"
    why: str

    @property
    def since(self) -> pendulum.DateTime | None:
        """Since when that is so."""
        return maybe_moment(self.since_us, self.zone)


@attrs.frozen
class TimeBox:
    """How long a receiver may take to read back, and who is asked after them.

    Args:
        within: How long each has.
        up: Whom it goes to, one after another; each another person than the one before.
        repeats: How often the last one is asked in all.
        calendar: In which `within` counts; around the clock when left out.

    Raises:
        InvalidPolicyError: If `within` does not point forward, one is asked twice in a row, or `repeats` is below 1.

    Source: Grafana OnCall repeats an escalation at most five times; PagerDuty: a task is acknowledged or it goes on.
    """

    within: Span = field(factory=lambda: elapsed(minutes=15), validator=forward)
    up: tuple[str, ...] = field(default=(), converter=words)
    repeats: int = 3
    calendar: Calendar = field(factory=Calendar.always, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.repeats, bool) or not isinstance(self.repeats, int) or self.repeats < 1:
            raise InvalidPolicyError(f"repeats must be a whole number from 1, got {self.repeats!r}")
        for one, other in zip(self.up, self.up[1:], strict=False):
            if one == other:
                raise InvalidPolicyError(f"up asks one twice in a row: {one!r}; name another, or use repeats")

    def standing(self, handover: Handover, at: datetime | str) -> Standing:
        """Who has the case at a moment, and who is asked.

        Raises:
            InvalidTimeError: If `at` has no zone.
            InvalidPolicyError: If it is before the handover was prepared.
        """
        now = to_micros(at)
        if now < handover.at_us:
            raise InvalidPolicyError(
                f"at is before the handover was prepared: {in_words(now, handover.zone)}; ask for a later moment"
            )
        owner = holder(handover) or "nobody"
        if handover.accepted_us <= now:
            when = in_words(handover.accepted_us, handover.zone)
            return Standing(
                owner=owner,
                state=ACCEPTED,
                since_us=handover.accepted_us,
                zone=handover.zone,
                why=f"{owner} read it back and accepted it on {when}",
            )
        owner = handover.sender or "nobody"
        since = handover.at_us
        for step, asked in enumerate(self._asked(handover)):
            ends = int(self.calendar._add(since, self.within))  # noqa: SLF001  (the calendar's form for ticks)
            if now < ends:
                return Standing(
                    owner=owner,
                    state=WENT_UP if asked != handover.to else WAITS,
                    asked=asked,
                    since_us=since,
                    review_us=min(ends, handover.accepted_us),
                    zone=handover.zone,
                    why=_why(handover, asked, since, step),
                )
            since = ends
        return Standing(
            owner=owner,
            state=STAYS,
            since_us=since,
            review_us=handover.accepted_us,
            zone=handover.zone,
            why=f"everybody was asked by {in_words(since, handover.zone)} and nobody accepted; it stays with {owner}",
        )

    def _asked(self, handover: Handover) -> tuple[str, ...]:
        """Everybody in the order of being asked: the sender has it already, and whoever was just asked is not above."""
        above = [name for name in self.up if name != handover.sender]
        all_of_them = (handover.to, *(above[1:] if above[:1] == [handover.to] else above))
        return (*all_of_them, *all_of_them[-1:] * (self.repeats - 1))


def _why(handover: Handover, asked: str, since: int, step: int) -> str:
    when = in_words(since, handover.zone)
    if not step:
        return f"{asked or 'nobody in particular'} was asked on {when} and has not read it back"
    return f"nobody accepted by {when}; {asked} is asked, and it stays with {handover.sender or 'nobody'} until then"

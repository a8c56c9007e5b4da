"""The next word about a promise of arrival: another window, a warning, an all-clear, or rightly none."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._holds import Holds
from carepolicy._instant import LAST, NEVER, in_words, iso, maybe_moment
from carepolicy.arrival._asked import percent
from carepolicy.arrival._numbers import plain
from carepolicy.arrival.arriving import Arriving
from carepolicy.arrival.being_late import WarnRule, first_of
from carepolicy.arrival.interval import NoPromise, share
from carepolicy.arrival.promised import ArrivalPromise, Draft
from carepolicy.arrival.quote import ALL_CLEAR, WARNING, Notice, between_words
from carepolicy.arrival.requote import RequoteOnce, RequoteWhenMissed, Wish, on_grid
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidPolicyError
from carepolicy.window import Window

if TYPE_CHECKING:
    import pendulum


@lru_cache(maxsize=256)
def _in_zone(hours: Calendar, zone: str) -> Calendar:
    """Hours in another zone, the same calendar for every promise there: their tables take long to make."""
    return hours.in_zone(zone)


class WordVerdict(StrEnum):
    """What to do about a promise now."""

    SEND = "send"
    """The draft goes out now."""
    HOLD = "hold"
    """The draft goes out when the hours for messages open."""
    TOO_LATE = "too_late"
    """There is something to say, and the promise has passed before a message may go out: a person has to decide."""
    ESTIMATE = "estimate"
    """Nothing true can be said, as what was known has run out: it takes a new estimate."""
    KEEP = "keep"
    """What was said stands."""

    def __repr__(self) -> str:
        return f"WordVerdict.{self.name}"


@attrs.frozen
class NextWord(Holds):
    """What to say next; the same until `review_at` if nothing is heard.

    Args:
        verdict: What to do.
        draft: What goes out, with its key; None where nothing does.
        act_us: From when it may go out, in UTC microseconds; NEVER where nothing does.
        reasons: Why, in sentences that speak of instants.
        review_us: Until when this holds, in UTC microseconds.
        zone: The customer's zone.
    """

    verdict: WordVerdict
    draft: Draft | None
    act_us: int
    reasons: tuple[str, ...]
    review_us: int
    zone: str

    @property
    def act_at(self) -> pendulum.DateTime | None:
        """From when it may go out, in the customer's zone; None where nothing does."""
        return maybe_moment(self.act_us, self.zone)

    def __str__(self) -> str:
        """For a person: what, and why."""
        return f"{self.verdict.value.replace('_', ' ')}: {'; '.join(self.reasons)}"


@attrs.frozen
class Updates:
    """How a customer who has a promise is kept in the know.

    Args:
        requote: When another window is promised; None for never.
        warn: When a customer hears that we may be late, and when that is taken back.
        hours: When messages may go out, as wall times where the customer is; None for at any time.
        confidence: Of the time that a warning says is expected; it is no promise.
        grid: The minutes of the customer's clock on which that lies; 0 for none.

    Raises:
        InvalidPolicyError: If the confidence is no share.

    >>> from carepolicy.arrival.law import Empirical
    >>> from carepolicy.arrival.quote import Quote
    >>> quote = Quote.between("2026-03-02T09:00Z", "2026-03-02T11:00Z", confidence=0.9, made_at="2026-03-01T15:00Z")
    >>> promise = ArrivalPromise.first("job 7", quote)
    >>> coming = Arriving(Empirical(range(90, 150)), since="2026-03-02T07:30Z")
    >>> word = Updates(requote=RequoteOnce()).decide(promise, coming, at="2026-03-02T07:30Z")
    >>> print(word)
    send: the promised window opens at Mon 2 Mar 2026 09:00, which is within 4 elapsed hours
    >>> word.draft.says.window
    Window.between('2026-03-02T09:02Z', '2026-03-02T09:57:00.000001Z')
    """

    requote: RequoteOnce | RequoteWhenMissed | None = None
    warn: WarnRule = field(factory=WarnRule)
    hours: Calendar | None = None
    confidence: float = field(default=0.9, converter=plain, validator=share())
    grid: int = field(default=0, validator=on_grid)

    def decide(self, promise: ArrivalPromise, arriving: Arriving, at: datetime | str | int) -> NextWord:
        """What to say about a promise at an instant at which nobody is there yet.

        Args:
            promise: With all that was said.
            arriving: What is known of the arrival.
            at: The instant to judge at.

        Raises:
            InvalidTimeError: If `at` has no zone.
            InvalidPolicyError: If `at` is before the estimate or before the last word.
            InvalidCalendarError: If the hours cannot be those of another zone.
        """
        now, said = arriving.checked(at), promise.said[-1].said_us
        if now < said:
            raise InvalidPolicyError(f"at is before the last word: at={iso(now)}, said={iso(said)}; judge it later")
        hours = self.hours or Calendar.always(promise.zone)
        hours = hours if hours.zone == promise.zone else _in_zone(hours, promise.zone)
        if hours._is_open(now):  # noqa: SLF001  (the calendar's form for ticks)
            opened, closes = hours._stretch(now)  # noqa: SLF001
            return self._now(promise, arriving, now, max(opened, arriving.since_us, said), closes)
        opens = hours._next_open(now)  # noqa: SLF001
        return self._later(promise, self._now(promise, arriving, opens, opens, NEVER), opens)

    def _now(self, promise: ArrivalPromise, arriving: Arriving, now: int, start: int, closes: int) -> NextWord:
        """While messages may go out: from `start`, before `closes`."""
        wishes = self._wishes(promise, arriving, start)
        out = first_of(lambda us: arriving.gone(us) >= 1, start, max(start, LAST))
        edges = [edge for wish in wishes for edge in wish[:2]] + [closes, out]
        review = min((edge for edge in edges if edge > now), default=NEVER)
        for wish in wishes:
            if wish.start <= now < wish.end:
                reasons = (wish.says.reason,)
                return NextWord(WordVerdict.SEND, promise.draft(wish.says), wish.start, reasons, review, promise.zone)
        run_out = f"the estimate of {in_words(arriving.since_us, promise.zone)} has run out; it takes a new one"
        stands = f"what was said stands: {between_words(promise.current.window, promise.zone)}"
        verdict, why = (WordVerdict.ESTIMATE, run_out) if out <= now else (WordVerdict.KEEP, stands)
        return NextWord(verdict, None, NEVER, (why,), review, promise.zone)

    def _later(self, promise: ArrivalPromise, word: NextWord, opens: int) -> NextWord:
        """While messages may not go out, what may when they can again."""
        zone = promise.zone
        if word.draft is None:
            return attrs.evolve(word, review_us=opens)
        limit = self.warn.limit(promise.current)
        if opens <= limit:
            held = f"no messages before {in_words(opens, zone)}"
            return attrs.evolve(word, verdict=WordVerdict.HOLD, reasons=(*word.reasons, held), review_us=opens)
        kind = word.draft.says.kind.replace("_", "-")
        late = f"the {kind} could go out at {in_words(opens, zone)} only, after {in_words(limit, zone)}; decide by hand"
        return NextWord(WordVerdict.TOO_LATE, None, NEVER, (*word.reasons, late), opens, zone)

    def _wishes(self, promise: ArrivalPromise, arriving: Arriving, start: int) -> list[Wish]:
        """What is worth saying from an instant on; of two at a time the first one."""
        wishes = [] if self.requote is None else self.requote.wishes(promise, arriving, start)
        limit, zone = self.warn.limit(promise.current), promise.zone
        if promise.open_warning is not None:
            lower = self.warn.clear_below
            until = first_of(lambda us: arriving.late(limit, us) >= lower, start, max(start, limit + 1))
            reason = f"being late is less than {percent(lower)} likely, as known at {in_words(arriving.since_us, zone)}"
            return wishes + self._noticed(ALL_CLEAR, promise, arriving, (start, until), reason)
        first = self.warn.warn_us(promise.current, arriving, start)
        reason = f"being late is {percent(self.warn.warn_from)} likely or more, from {in_words(first, zone)} on"
        return wishes + self._noticed(WARNING, promise, arriving, (first, NEVER), reason)

    def _noticed(
        self, kind: str, promise: ArrivalPromise, arriving: Arriving, when: tuple[int, int], reason: str
    ) -> list[Wish]:
        """A notice for as long as the time in it is ahead, then one without a time."""
        at, end = when
        if at >= end:
            return []
        found = arriving.window(self.confidence, at, grid=self.grid, zone=promise.zone)
        chance = arriving.late(self.warn.limit(promise.current), at)
        timed = [] if isinstance(found, NoPromise) else [(at, min(end, found.closes_us), found)]
        rest = timed[-1][1] if timed else at
        runs: list[tuple[int, int, Window | None]] = [*timed, (rest, end, None)]
        return [
            Wish(first, last, Notice(kind, sent_at=first, chance=chance, window=window, reason=reason))
            for first, last, window in runs
            if first < last
        ]

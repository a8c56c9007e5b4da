"""Print: a letter is fixed long before it drops, so it is judged at both instants, and pulled while it can be."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

import attrs
from attrs import field

from carepolicy._instant import NEVER, in_words, iso, maybe_moment, to_micros
from carepolicy.calendar import Calendar
from carepolicy.decision import Decision
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import Parties
from carepolicy.messages import ALLOWED, decide_message, micros_of
from carepolicy.protocols import GuardLike
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum


@attrs.frozen(repr=False)
class PrintJob:
    """A print run.

    Args:
        lock: When the list of recipients is fixed: any aware time, ISO 8601 text, or UTC microseconds.
        drop: When the letters are with the customers.
        pull: Before when a letter can still be taken out; the drop when left out, the lock where that is not possible.
        name: What the letter is called; it is part of the key.

    Raises:
        InvalidTimeError: If a time has no zone.
        InvalidPolicyError: If they are not in order: lock, pull, drop.
    """

    lock_us: int = field(alias="lock", converter=micros_of)
    drop_us: int = field(alias="drop", converter=micros_of)
    _pull: int | None = field(alias="pull", default=None, converter=attrs.converters.optional(micros_of), kw_only=True)
    name: str = field(default="letter", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.lock_us <= self.pull_us <= self.drop_us:
            raise InvalidPolicyError(
                f"print run is not in order: lock={iso(self.lock_us)}, pull={iso(self.pull_us)}, "
                f"drop={iso(self.drop_us)}; a list is fixed, then letters can be pulled, then they drop"
            )

    @property
    def pull_us(self) -> int:
        """Before when a letter can still be taken out, in UTC microseconds."""
        return self.drop_us if self._pull is None else self._pull

    def __repr__(self) -> str:
        parts = [repr(iso(self.lock_us)), repr(iso(self.drop_us))]
        parts += [f"pull={iso(self.pull_us)!r}"] if self._pull is not None else []
        parts += [f"name={self.name!r}"] if self.name != "letter" else []
        return f"PrintJob({', '.join(parts)})"


class PrintFate(enum.StrEnum):
    """What becomes of one letter of a print run."""

    OPEN = "open"
    """The list is not fixed yet."""
    LEFT_OUT = "left_out"
    """It was not to be printed: what was known at the lock stood against it."""
    GO = "go"
    """It was printed, and nothing stands against it."""
    PULL = "pull"
    """It was printed, and is to be taken out: what has become known stands against it."""
    TOO_LATE = "too_late"
    """It was printed, and goes out though something stands against it: that became known too late. A finding."""

    def __repr__(self) -> str:
        return f"PrintFate.{self.name}"


@attrs.frozen(kw_only=True)
class PrintVerdict:
    """What becomes of one letter, with both decisions for the log; both are about the drop.

    Args:
        job: The print run.
        customer: Whom the letter is for.
        fate: What becomes of it.
        at_lock: Whether it may drop, by what was known at the lock; None before.
        at_drop: The same by what became known since; None where it was not printed.
        review_us: Until when this holds, in UTC microseconds.
        zone: The zone that instants are given in.
    """

    job: PrintJob
    customer: str
    fate: PrintFate
    at_lock: Decision | None = None
    at_drop: Decision | None = None
    review_us: int = NEVER
    zone: str = "UTC"

    @property
    def is_finding(self) -> bool:
        """Whether something went out that should not have."""
        return self.fate == PrintFate.TOO_LATE

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """Until when this holds; None for ever."""
        return maybe_moment(self.review_us, self.zone)

    @property
    def why(self) -> str:
        """Why, in one sentence."""
        last = self.at_drop or self.at_lock
        if last is None:
            return f"the list is fixed on {in_words(self.job.lock_us, self.zone)}"
        return last.why


def judge_print(
    guard: GuardLike | None,
    timeline: Timeline,
    job: PrintJob,
    at: datetime | str,
    *,
    customer: str = "",
    case: str = "",
    calendar: Calendar | None = None,
    parties: Parties | None = None,
) -> PrintVerdict:
    """What becomes of one letter: judged for the drop, at the lock by what was known then, and again until the drop.

    A letter that had to be pulled by the last instant at which it could be stays one that had to be pulled, and what
    becomes known after the drop changes nothing. Leave quiet hours out of the guard: a letter rings at no hour.

    Args:
        guard: When it may be with the customer; None where nothing stands against it.
        timeline: The log, of one customer or of many.
        job: The print run.
        at: The instant to judge at.
        customer, case: Whom the letter is for, and what it is about.
        calendar: In which spans are counted, and whose zone instants are in; around the clock in UTC when left out.
        parties: Who is ours.

    Raises:
        InvalidTimeError: If `at` has no zone.
        InvalidPolicyError: If the guard is none.
    """
    now, hours = to_micros(at), calendar or Calendar.always()

    def known_by(us: int) -> Decision:
        return decide_message(
            job.name, guard, timeline, job.drop_us, known=us, customer=customer, case=case, calendar=hours,
            parties=parties,
        )  # fmt: skip

    def verdict(fate: PrintFate, lock: Decision | None, drop: Decision | None, review: int = NEVER) -> PrintVerdict:
        return PrintVerdict(
            job=job, customer=customer, fate=fate, at_lock=lock, at_drop=drop, review_us=review, zone=hours.zone
        )

    if now < job.lock_us:
        return verdict(PrintFate.OPEN, None, None, job.lock_us)
    at_lock = known_by(job.lock_us)
    if at_lock.verdict not in ALLOWED:
        return verdict(PrintFate.LEFT_OUT, at_lock, None)
    log = timeline.by_customer.get(customer, Timeline(()))
    coming = log.next_visible(now)
    if job.lock_us < job.pull_us:
        in_time = known_by(min(now, job.pull_us - 1))
        if in_time.verdict not in ALLOWED:
            return verdict(PrintFate.PULL, at_lock, in_time, coming if coming < job.pull_us else NEVER)
    at_drop = known_by(min(now, job.drop_us))
    fate = PrintFate.GO if at_drop.verdict in ALLOWED else PrintFate.TOO_LATE
    return verdict(fate, at_lock, at_drop, coming if coming <= job.drop_us else NEVER)

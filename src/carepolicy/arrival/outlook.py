"""What long work looks like from an instant: done by when, what it hangs on, or when there will be more to say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs
import numpy as np
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, in_words, iso, to_moment
from carepolicy.arrival._ahead import end_of_day
from carepolicy.arrival._asked import percent
from carepolicy.arrival._numbers import CLOSE
from carepolicy.arrival.interval import NoPromise, checked_share
from carepolicy.arrival.law import stay_fixed
from carepolicy.arrival.quote import instant
from carepolicy.errors import UnknownNameError
from carepolicy.window import Window

if TYPE_CHECKING:
    from datetime import datetime

    import pendulum
    from numpy.typing import NDArray

    from carepolicy.arrival.work import Completion

    Instants = NDArray[np.int64]
    Flags = NDArray[np.bool_]


@attrs.frozen
class NoDate(NoPromise):
    """No date yet, and when the customer hears more.

    Args:
        next_update: By when there is another word: when the stage in question has begun or is known to be late, and
            never later than the heartbeat of the work.
        stage: What it hangs on; empty where it is the number of draws.
    """

    next_update: pendulum.DateTime | None = field(default=None, kw_only=True)
    stage: str = field(default="", kw_only=True)


@attrs.frozen(repr=False, eq=False)
class Outlook:
    """The work played through many times from an instant; made by `Completion.simulate`.

    Args:
        work: What was played through.
        at_us: From when, in UTC microseconds.
        starts, ends: When each stage could begin and is over, one row a stage, one column a draw; NEVER where the law
            does not say.
        needed: In which draws the stage is needed.
    """

    work: Completion
    at_us: int
    starts: Instants
    ends: Instants
    needed: Flags

    __setstate__ = stay_fixed

    @property
    def done(self) -> Instants:
        """When everything is over, one instant a draw, in UTC microseconds; NEVER where that cannot be told."""
        return np.asarray(self.ends.max(axis=0), dtype=np.int64)

    def by(self, confidence: float = 0.9) -> Window | NoDate:
        """By when everything is done with a confidence: the end of a working day, and no beginning.

        What is over already is told to the instant.

        Raises:
            InvalidPolicyError: If the confidence is no share.
        """
        return self._between(ALWAYS, checked_share(confidence))

    def window(self, confidence: float = 0.9) -> Window | NoDate:
        """From when to when everything may be done, as often before as after; it ends with a working day.

        Raises:
            InvalidPolicyError: If the confidence is no share.
        """
        aside = (1 - checked_share(confidence)) / 2
        done = np.sort(self.done)
        return self._between(int(done[max(math.floor(aside * (done.size + 1) + CLOSE), 1) - 1]), 1 - aside)

    def _between(self, opens: int, share: float) -> Window | NoDate:
        done = np.sort(self.done)
        wanted = math.ceil(share * (done.size + 1) - CLOSE)
        if wanted > done.size:
            return self._none(f"{done.size} draws do not carry {percent(share)}; use more")
        last = int(done[wanted - 1])
        if last >= NEVER:
            return self._blocked()
        # what is over is certain; a stage that no draw needs does not keep the rest open
        still = [stage for at, stage in enumerate(self.work.stages) if self.needed[at].any()]
        over = all(stage.finished_us <= self.at_us for stage in still)
        closes = last if over else end_of_day(self.work.calendar, last)
        return Window._of(opens, closes + 1)  # noqa: SLF001  (closed ends here: the last instant is inside)

    def _blocked(self) -> NoDate:
        known_start, open_end = self.starts < NEVER, self.ends >= NEVER
        counts = (known_start & open_end).sum(axis=1)
        number = int(counts.argmax())
        stage = self.work.stages[number]
        reason = (
            f"{stage.name} may take longer than was ever seen: in {(self.done >= NEVER).mean():.0%} of the draws "
            "nobody can say when it is done"
        )
        begun = stage.begun(self.at_us)
        if begun and stage.tells(self.at_us) <= self.at_us:
            reason = f"{stage.name} has taken longer than was ever seen, so nobody can say when it is done"
        tells = stage.tells(self.at_us) if begun else int(np.median(self.starts[number]))
        return self._none(reason, tells, stage.name)

    def _none(self, reason: str, tells: int = NEVER, stage: str = "") -> NoDate:
        beat = int(self.work.calendar._add(self.at_us, self.work.heartbeat))  # noqa: SLF001
        soonest = min(tells, beat) if tells > self.at_us else beat
        update = to_moment(soonest, self.work.calendar.zone)
        return NoDate(reason, next_update=update, stage=stage)

    def chance(self, by: datetime | str | int, stage: str = "") -> float:
        """How likely everything, or one stage, is over by an instant, it included: before the customer's holiday.

        Raises:
            InvalidTimeError: If `by` has no zone.
            UnknownNameError: If there is no such stage.
        """
        limit = instant(by, "by")
        if not stage:
            return float((self.done <= limit).mean())
        names = [known.name for known in self.work.stages]
        if stage not in names:
            raise UnknownNameError(f"stage is not there: {stage!r}; there are {', '.join(names)}")
        return float((self.ends[names.index(stage)] <= limit).mean())

    def drivers(self) -> dict[str, float]:
        """In which share of the draws each stage holds up the end, the most frequent first; what is over does not.

        The last stage to end holds it up, then whichever it waited for, and so on back to the instant.
        """
        names = {stage.name: number for number, stage in enumerate(self.work.stages)}
        held = np.zeros(self.ends.shape, dtype=bool)
        order = self.work.order()
        ahead = np.array(order)
        held[ahead[self.ends[ahead].argmax(axis=0)], np.arange(self.ends.shape[1])] = True
        for number in reversed(order):
            before = np.array([names[name] for name in self.work.stages[number].after or ()], dtype=np.int64)
            if before.size and not self.work.stages[number].begun(self.at_us):
                waits = held[number] & (self.starts[number] > self.at_us)
                held[before[self.ends[before].argmax(axis=0)][waits], np.flatnonzero(waits)] = True
        open_now = np.array([stage.finished_us > self.at_us for stage in self.work.stages])
        shares = (held & self.needed & open_now[:, None]).mean(axis=1)
        return {self.work.stages[at].name: float(shares[at]) for at in np.argsort(-shares, kind="stable")}

    def __str__(self) -> str:
        """What can be told at the instant, in plain words."""
        zone = self.work.calendar.zone
        found = self.by()
        if isinstance(found, NoDate):
            assert found.next_update is not None  # noqa: S101
            told = f"no date yet ({found.reason}); next update by {found.next_update.format('ddd D MMM YYYY HH:mm')}"
        else:
            told = f"done by {in_words(found.closes_us - 1, zone)} (90 %)"
        return f"{in_words(self.at_us, zone)}: {told}"

    def __repr__(self) -> str:
        return f"<Outlook from {iso(self.at_us)}: {len(self.work.stages)} stages, {self.ends.shape[1]} draws>"

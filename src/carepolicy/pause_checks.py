"""Pauses that stop no clock, or should not have been: what an audit looks for beside the clocks themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs
from attrs import field

from carepolicy.answering import MESSAGE, replies
from carepolicy.events import Event
from carepolicy.facts import THEM
from carepolicy.finding import Finding
from carepolicy.history import History
from carepolicy.span import Span, elapsed, forward
from carepolicy.stretches import PAUSED, RESUMED, why_no_pause


@attrs.frozen
class Pauses:
    """Pauses that stop no clock, or should not have been: they make a target look kept.

    One that lacks a reason, an owner or an expiry; one begun within minutes of a message that nobody has answered; and
    one that went on in the log although the customer had written.

    Args:
        soon: How soon after a message a pause is suspect, and how soon a message is followed by `resumed`.

    Raises:
        InvalidPolicyError: If `soon` is no span or does not point forward.
    """

    soon: Span = field(default=elapsed(minutes=15), validator=forward)

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each pause and what is wrong with it."""
        for events in history.by_case.values():
            for place, event in enumerate(events):
                if PAUSED.matches(event, history.parties):
                    yield from self._of_pause(event, events[:place], events[place + 1 :], history)

    def _of_pause(
        self, pause: Event, before: Iterable[Event], after: Iterable[Event], history: History
    ) -> Iterator[Finding]:
        lacks = why_no_pause(pause)
        if lacks:
            yield _finding(pause, f"no_{lacks}", f"a pause without {_LACKS[lacks]} stops no clock", pause, history)
            return
        waiting = None
        for event in before:
            if any(which.matches(event, history.parties) for which in replies((THEM,))):
                waiting = None
            elif MESSAGE.matches(event, history.parties):
                waiting = event
        if waiting is not None and self._soon(waiting, pause, history):
            why = f"paused right after the customer wrote ({history.when_of(waiting)}), and nobody had answered"
            yield _finding(pause, "after_reply", why, waiting, history)
        resumed = [e for e in after if RESUMED.matches(e, history.parties) and e.ref in ("", pause.ref)]
        end = min([pause.due_us, *(e.at_us for e in resumed)])
        wrote = next((e for e in after if MESSAGE.matches(e, history.parties)), None)
        if wrote is not None and wrote.at_us < end and not any(self._soon(wrote, e, history) for e in resumed):
            why = (
                f"the customer wrote inside a pause ({history.when_of(wrote)}), which went on: the clock runs from then"
            )
            yield _finding(pause, "reply_inside", why, wrote, history)

    def _soon(self, first: Event, then: Event, history: History) -> bool:
        """Whether one event follows another within minutes; hours that are only stand-ins prove nothing."""
        if "day" in (first.precision, then.precision):
            return False
        return bool(then.at_us <= history.calendar._add(first.at_us, self.soon))  # noqa: SLF001

    def explain(self) -> str:
        """What it looks for."""
        return "a pause without reason, owner or expiry, right after a message of the customer, or in spite of one"


_LACKS: Mapping[str, str] = {"reason": "a reason", "owner": "an owner", "expiry": "an expiry"}


def _finding(pause: Event, detail: str, why: str, proof: Event, history: History) -> Finding:
    return Finding(
        kind="forbidden",
        at_us=pause.at_us,
        policy="Pauses",
        party=pause.party,
        customer=pause.customer,
        case=pause.case,
        ref=pause.ref,
        why=f"{why}: {history.quoted(pause)}",
        instead="pause with a reason, an owner and an expiry, once the customer has an answer; resume when they write",
        evidence=tuple(dict.fromkeys((pause.id, proof.id))),
        detail=detail,
        by_the_day=pause.precision == "day",
    )

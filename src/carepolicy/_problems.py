"""What a log says that cannot be: each contradiction is reported, and nothing is dropped for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from carepolicy._instant import NEVER, iso
from carepolicy.events import Event, Problem

if TYPE_CHECKING:
    from carepolicy.timeline import Timeline

_NEEDS = {
    "kept": ("promise", "kept_without_promise", "a promise was kept that nobody gave"),
    "withdrawn": ("promise", "withdrawn_without_promise", "a promise was withdrawn that nobody gave"),
    "completed": ("opened", "completed_before_opened", "work was completed before it was opened"),
    "closed": ("opened", "closed_before_opened", "a case was closed before it was opened"),
    "reopened": ("opened", "reopened_before_opened", "a case was reopened before it was opened"),
    "resumed": ("paused", "resumed_without_pause", "work was resumed that was not paused"),
    "answer": ("survey", "answer_without_survey", "an answer came to a survey that was not sent"),
    "accepted": ("handed", "accepted_without_handover", "a case was accepted that nobody handed over"),
    "trouble_over": ("trouble", "trouble_over_without_trouble", "trouble ended that had not begun"),
}
"""kind -> (the kind that must come before it in the same customer, case and ref, code, sentence)"""
_OF_CASES = frozenset({"opened", "completed", "reopened", "closed", "estimate", "survey"})
_DATED = frozenset({"promise", "estimate", "survey"})


def find_problems(timeline: Timeline) -> tuple[Problem, ...]:
    """Every contradiction in a log, in the order of its events."""
    return (*_corrections(timeline.recordings), *_single(timeline.events), *_sequences(timeline.events))


def _corrections(recordings: Iterable[Event]) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for event in recordings:
        if (event.customer, event.id) in seen:
            yield Problem(
                "corrected",
                (event.id,),
                f"event {event.id} was recorded again with other content; the latest known counts",
            )
        seen.add((event.customer, event.id))


def _single(events: Iterable[Event]) -> Iterator[Problem]:
    for e in events:
        if e.recorded_us is not None and e.recorded_us < e.at_us:
            yield Problem(
                "future_dated",
                (e.id,),
                f"event {e.id} was recorded at {iso(e.recorded_us)}, before it happened at {iso(e.at_us)}",
            )
        if e.kind in _DATED and e.due_us < e.at_us:
            yield Problem(
                "due_before_made",
                (e.id,),
                f"event {e.id} falls due at {iso(e.due_us)}, before it was made at {iso(e.at_us)}",
            )
        if e.kind in _OF_CASES and not e.case:
            yield Problem(
                "without_case", (e.id,), f"event {e.id} ({e.kind}) names no case, so no rule about cases sees it"
            )
        if e.kind == "promise" and e.due_us == NEVER:
            yield Problem("promise_without_date", (e.id,), f"event {e.id} promises something without saying by when")


def _sequences(events: Iterable[Event]) -> Iterator[Problem]:
    """Events that need another before them; `events` come in order."""
    begun: set[tuple[str, str, str, str]] = set()
    for e in events:
        begun.add((e.kind, e.customer, e.case, e.ref))
        need = _NEEDS.get(e.kind)
        if need is None:
            continue
        kind, code, sentence = need
        # what is done to a part of a case may have been opened, paused or handed over with the case as a whole
        if (kind, e.customer, e.case, e.ref) not in begun and (kind, e.customer, e.case, "") not in begun:
            yield Problem(code, (e.id,), f"{sentence}: event {e.id} at {iso(e.at_us)}")

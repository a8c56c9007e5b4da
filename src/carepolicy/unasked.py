"""Unasked: we spoke with the customer, owed them a question ("is it back, and is it right?"), and did not ask it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs
from attrs import field

from carepolicy._instant import to_moment
from carepolicy.errors import InvalidPolicyError
from carepolicy.events import Event
from carepolicy.facts import US, words
from carepolicy.finding import Finding
from carepolicy.history import History
from carepolicy.questions import QUESTIONS, Question, QuestionRule, questions_for
from carepolicy.span import Span, elapsed, forward
from carepolicy.timeline import Timeline


def _rules(value: Iterable[QuestionRule]) -> tuple[QuestionRule, ...]:
    rules = tuple(value)
    for rule in rules:
        if not isinstance(rule, QuestionRule):
            raise InvalidPolicyError(f"rules has what is no QuestionRule: {rule!r:.80}; pass e.g. QUESTIONS")
    return rules


@attrs.frozen
class UnaskedQuestions:
    """A live talk goes by without a question that was owed: after them, their car, what we promised.

    A question counts as asked if the log says that it was asked, or that the customer told it, while the talk lasts.
    Where an hour is only a stand-in, the day counts.

    Args:
        rules: When which question is owed.
        by: Whose talks: parties by name, or by role; our side when left out.
        lasting: How long a talk lasts at most.

    Raises:
        InvalidPolicyError: If `lasting` does not point forward, or a rule is none.
    """

    rules: tuple[QuestionRule, ...] = field(default=QUESTIONS, converter=_rules)
    by: tuple[str, ...] = field(default=(US,), converter=words)
    lasting: Span = field(factory=lambda: elapsed(hours=1), validator=forward)

    def findings(self, history: History) -> Iterator[Finding]:
        """One for each talk, with every question that it passed over."""
        for events in history.by_customer.values():
            said = [e for e in events if e.kind in ("asked", "told")]
            log = Timeline(events)
            for talk in events:
                if talk.is_conversation and history.parties.are(talk.party, self.by):
                    ends = history.calendar._add(talk.at_us, self.lasting)  # noqa: SLF001  (the form for ticks)
                    in_it = {e.fact for e in said if talk.at_us <= e.at_us <= ends or self._that_day(e, talk, history)}
                    missed = [q for q in self._owed(log, talk, history) if q.fact not in in_it]
                    if missed:
                        yield self._finding(talk, missed, history)

    def _owed(self, log: Timeline, talk: Event, history: History) -> Iterable[Question]:
        """What was worth asking when the talk began."""
        at = to_moment(talk.at_us)
        return questions_for(log, at, rules=self.rules, parties=history.parties, zone=history.zone)

    def _that_day(self, event: Event, talk: Event, history: History) -> bool:
        loose = "day" in (event.precision, talk.precision)
        return loose and history.same_day(event.at_us, talk.at_us)

    def _finding(self, talk: Event, missed: list[Question], history: History) -> Finding:
        asked = "; ".join(dict.fromkeys(q.text for q in missed))
        return Finding(
            kind="missed",
            at_us=talk.at_us,
            policy="UnaskedQuestions",
            party=talk.party,
            customer=talk.customer,
            case=talk.case or missed[0].case,
            why=f"we spoke ({history.quoted(talk)}) and did not ask: {asked}",
            instead="ask, before anything else, what the customer would want to be asked",
            instead_us=talk.at_us,
            evidence=tuple(dict.fromkeys((talk.id, *(e for q in missed for e in q.why)))),
            detail="unasked",
            by_the_day=talk.precision == "day",
        )

    def explain(self) -> str:
        """What it looks for."""
        return "we speak with a customer and do not ask what was worth asking"

"""Reminders: a survey that nobody has answered is brought to mind, a few times at most and not for its own sake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, both, latest, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, CUSTOMER, Fact, Facts, Which
from carepolicy.folds import KthLatest, Last
from carepolicy.policy import Guard
from carepolicy.span import Span, days, forward, not_backward

REMINDER = "survey_reminder"
"""The purpose of a reminder in a log."""
TROUBLE = ("trouble", "incident", "escalated")
"""What has gone wrong since the survey went out: who is in trouble is not asked again how it was."""


@attrs.frozen
class Reminder(Guard):
    """A survey that was not answered is brought to mind again, a few times at most.

    It is called off by an answer, by the journey being opened again, by new trouble anywhere at the customer, and by
    the closing of the survey. Another survey about the journey begins a count of its own.

    Args:
        at_most: How many reminders of one survey, a whole number from 1.
        gap: How long after the survey, and after the last reminder.
        leaves: How long the survey must still be open, so that there is time to answer.
        extends: For how long the survey stays open after a reminder, at least; a reminder moves nothing when left out.
        counted: Whether it counts as a survey, so that rests and caps heed it: then it is a `survey` event with the
            purpose "survey_reminder", else a `contact` with that purpose.
        survey: Of which survey, the `purpose` of its events; of any when left out.
        person: To this person only, or to whoever is asked this time ("same", see `for_person`).

    Raises:
        InvalidPolicyError: If there are none, a span does not point forward, or reminders that count as surveys are of
            any survey: then nobody could tell them from one.
    """

    at_most: int = 2
    gap: Span = field(factory=lambda: days(3), validator=forward)
    leaves: Span = field(factory=lambda: days(1), validator=not_backward, kw_only=True)
    extends: Span | None = field(default=None, validator=forward, kw_only=True)
    counted: bool = field(default=False, kw_only=True)
    survey: str = field(default="", kw_only=True)
    person: str = field(default="", kw_only=True)

    awaits: ClassVar[str] = "a survey that is neither answered nor called off"

    def __attrs_post_init__(self) -> None:
        if self.at_most < 1:
            raise InvalidPolicyError(
                f"at_most must be at least 1, got {self.at_most}; to send none, leave the touch out"
            )
        if self.counted and self.survey in ("", REMINDER):
            raise InvalidPolicyError(
                f"reminders that count as surveys need the name of theirs, another one than {REMINDER!r}: "
                f"survey={self.survey!r}; name it, or leave counted out"
            )

    @property
    def sends(self) -> Which:
        """Which events of a log are these reminders; give it to the touch: `Touch(guard=r, sends=r.sends)`."""
        kind, direction = ("survey", ()) if self.counted else ("contact", "outbound")
        return Which(kind, purpose=REMINDER, direction=direction, person=self.person or ())

    def needs(self) -> Mapping[str, Fact]:
        """The last survey of the case and its closing, the reminders, and what calls them off."""
        asked = Which("survey", purpose=self.survey or (), person=self.person or ())
        answer = attrs.evolve(asked, kind="answer")
        void = Which(("reopened", "failed"), whole=True)
        return {
            "surveyed": Last(asked, scope=CASE),
            "survey_closes": Last(asked, scope=CASE, gives="due", missing=NEVER),
            "reminded": Last(self.sends, scope=CASE),
            "reminder_that_fills": KthLatest((self.sends,), k=self.at_most, scope=CASE),
            "answered": Last(answer, scope=CASE),
            "voided": Last(void, scope=CASE),
            "trouble_last": Last(Which(TROUBLE), scope=CUSTOMER),
        }

    def expires(self, f: Facts) -> Instant:
        """Until when the survey can be answered, the reminders that extend it included."""
        if self.extends is None:
            return f.survey_closes
        moved = where(f.reminded > f.surveyed, f.after(f.reminded, self.extends), ALWAYS)
        return latest(f.survey_closes, moved)

    def opens(self, f: Facts) -> Instant:
        """`gap` after the survey and the last reminder; never once it is answered, called off or reminded enough."""
        asked = f.surveyed
        calm = both(f.answered < asked, f.voided < asked, f.trouble_last < asked, f.reminder_that_fills < asked)
        return where(calm, f.after(latest(asked, f.reminded), self.gap), NEVER)

    def closes(self, f: Facts) -> Instant:
        """`leaves` before the survey closes."""
        return f.after(self.expires(f), -self.leaves)

    def cycle(self, f: Facts) -> Instant:
        """The survey."""
        return f.surveyed

    def explain(self) -> str:
        """The rule in plain words."""
        of = f" {self.survey}" if self.survey else ""
        moves = f"keeps it open for {self.extends}" if self.extends is not None else "does not extend it"
        counts = "counts as a survey" if self.counted else "counts as none"
        return (
            f"at most {self.at_most} reminders of a survey{of} that is not answered, {self.gap} apart; each {moves} "
            f"and {counts}"
        )

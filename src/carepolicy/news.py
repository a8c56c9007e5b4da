"""News that matters goes by voice first: a slip, a failure, bad news, money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, Instant, latest, where
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, THEM, Fact, Facts, Which, words
from carepolicy.folds import Last, which_of
from carepolicy.policy import Duty, Guard
from carepolicy.span import ELAPSED, Span, elapsed, forward, not_backward, working
from carepolicy.stages import LastMoved


def _in_elapsed_time(instance: object, attribute: Any, value: Span) -> None:
    not_backward(instance, attribute, value)
    if value.unit != ELAPSED:
        raise InvalidPolicyError(f"{attribute.name} is not in elapsed time: {value}; use e.g. elapsed(hours=24)")


@attrs.frozen
class News:
    """News that matters: a date that slips, what was withdrawn or failed, bad news, money.

    Args:
        events: What is such news beside slips: withdrawals, failures, and notes or milestones whose purpose is
            "bad_news" or "money", when left out.
        slips: The events whose date may slip; none for no slips.
        slip: The shortest slip that is news, in elapsed time; many small ones add up.
        by: Whose talks count: parties by name, or by role; our side and its partners when left out.
        same_talk: A talk that began no longer than this before the news was written down is the one in which it was
            told.

    Raises:
        InvalidPolicyError: If a span is no span or points backward, or `slip` is not in elapsed time.
    """

    events: tuple[Which, ...] = field(
        default=(Which(("withdrawn", "failed"), by=THEM), Which(("milestone", "note"), purpose=("bad_news", "money"))),
        converter=which_of,
    )
    slips: tuple[Which, ...] = field(default=(Which(("estimate", "promise"), by=THEM),), converter=which_of)
    slip: Span = field(factory=lambda: elapsed(hours=24), validator=_in_elapsed_time)
    by: tuple[str, ...] = field(default=(THEM,), converter=words)
    same_talk: Span = field(factory=lambda: elapsed(hours=1), validator=not_backward)

    def facts(self) -> dict[str, Fact]:
        """The last news of each sort, and the last live talk."""
        return {
            "slipped": LastMoved(self.slips, slips=True, least=max(self.slip.amount, 1)),
            "bad_news": Last(self.events, scope=CASE),
            "spoken": Last(Which("contact", by=self.by, conversation=True), scope=CASE),
        }

    def last(self, f: Facts) -> Instant:
        """When there was news last."""
        return latest(f.slipped, f.bad_news)

    def is_untold(self, f: Facts) -> Any:
        """Whether there has been no live talk since."""
        return self.last(f) > f.after(f.spoken, self.same_talk)


@attrs.frozen
class NewsByVoice(Duty):
    """News that matters is told by voice, soon. Fed by a live talk alone, whoever began it; never by a mail.

    Args:
        within: How soon after there is news.
        news: What is such news.

    Raises:
        InvalidPolicyError: If `within` is no span or does not point forward.
    """

    within: Span = field(factory=lambda: working(hours=4), validator=forward)
    news: News = field(factory=News)

    owed: ClassVar[str] = "news by voice"

    def needs(self) -> Mapping[str, Fact]:
        """The last news, and the last live talk."""
        return self.news.facts()

    def starts(self, f: Facts) -> Instant:
        """From when there is news."""
        return where(self.news.is_untold(f), self.news.last(f), NEVER)

    def due(self, f: Facts) -> Instant:
        """`within` after there was news."""
        return where(self.news.is_untold(f), f.after(self.news.last(f), self.within), NEVER)

    def cycle(self, f: Facts) -> Instant:
        """When there was news."""
        return self.news.last(f)

    def explain(self) -> str:
        """The rule in plain words."""
        return f"news that matters is told by voice within {self.within}"


@attrs.frozen
class VoiceFirst(Guard):
    """Nothing is written about news that matters before it was told by voice: a mail before the talk is forbidden.

    Args:
        news: What is such news.
    """

    news: News = field(factory=News)

    awaits: ClassVar[str] = "a live talk about the news"

    def needs(self) -> Mapping[str, Fact]:
        """The last news, and the last live talk."""
        return self.news.facts()

    def opens(self, f: Facts) -> Instant:
        """Not while there is news that was not told by voice."""
        return where(self.news.is_untold(f), NEVER, ALWAYS)

    def cycle(self, f: Facts) -> Instant:
        """When there was news."""
        return self.news.last(f)

    def explain(self) -> str:
        """The rule in plain words."""
        return "news that matters was told by voice before it is written"

"""Findings: what history did against a plan, with evidence and with what should have happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from carepolicy._instant import NEVER, iso, iso_or_none, maybe_moment

if TYPE_CHECKING:
    import pendulum

KINDS = (
    "missed", "late", "too_early", "forbidden", "broken_promise", "unknown", "silence", "chaser", "repeated_question",
    "unclear", "slipped", "stalled", "drift", "at_risk", "endemic",
)  # fmt: skip
"""The kinds of finding; "unclear" is a note: the customer had to ask what a message of ours meant."""
PROVED, POSSIBLE = "proved", "possible"


@attrs.frozen(kw_only=True)
class Cause:
    """What was overdue when a customer had to call.

    Args:
        policy: The duty that had lapsed.
        party: Whose it was.
        ref: The promise or estimate; "" for the case as a whole.
        since_us: Since when, in UTC microseconds.
    """

    policy: str
    party: str
    ref: str
    since_us: int

    def to_data(self, zone: str) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"policy": self.policy, "party": self.party, "ref": self.ref, "since": iso(self.since_us, zone)}


@attrs.frozen(kw_only=True)
class Finding:
    """One occasion on which history did not do what the plan says.

    Args:
        kind: One of `KINDS`.
        at_us: When, in UTC microseconds: the due instant that passed, or the event that should not have been.
        until_us: Until when it lasted; NEVER where it still lasts or has no length.
        policy: The name of the policy or check.
        party: Whose it was.
        customer, case, ref, touch: What it is about; "" where it is not about one.
        why: One sentence.
        instead: What should have happened, with an instant where there is one.
        instead_us: That instant, in UTC microseconds; NEVER where there is none.
        instead_then_us: For a message, that instant as it could be known when it was sent.
        evidence: Ids of the events that prove it.
        certainty: "proved", or "possible" where the log leaves open what happened.
        detail: A stable word for which sort of its kind it is, as the class of a silence; "" where there is one only.
        causes: For a chaser, what was overdue.
        by_the_day: Whether its instants are only known by the day: the hours are stand-ins.
        plan: The version of the plan that was in force.
    """

    kind: str
    at_us: int
    until_us: int = NEVER
    policy: str
    party: str = ""
    customer: str = ""
    case: str = ""
    ref: str = ""
    touch: str = ""
    why: str
    instead: str = ""
    instead_us: int = NEVER
    instead_then_us: int = NEVER
    evidence: tuple[str, ...] = ()
    certainty: str = PROVED
    detail: str = ""
    causes: tuple[Cause, ...] = ()
    by_the_day: bool = False
    plan: str = ""
    zone: str = "UTC"

    @property
    def at(self) -> pendulum.DateTime | None:
        """When, in the zone of the plan."""
        return maybe_moment(self.at_us, self.zone)

    @property
    def until(self) -> pendulum.DateTime | None:
        """Until when it lasted; None where it still lasts or has no length."""
        return maybe_moment(self.until_us, self.zone)

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON; instants as ISO 8601 with offset, None where there is none."""
        data = attrs.asdict(self, filter=lambda a, _: a.name not in _TIMES, recurse=False)
        data["evidence"] = list(self.evidence)
        data["causes"] = [cause.to_data(self.zone) for cause in self.causes]
        data["touch"] = self.touch or None
        data["precision"] = "day" if self.by_the_day else "minute"
        for name, field in _TIMES_OF.items():
            data[name] = iso_or_none(getattr(self, field), self.zone)
        return {name: data[name] for name in _ORDER}


_TIMES_OF = {"at": "at_us", "until": "until_us", "instead_at": "instead_us", "instead_at_then": "instead_then_us"}
_TIMES = frozenset({*_TIMES_OF.values(), "zone", "by_the_day"})
_ORDER = (
    "kind", "at", "until", "policy", "party", "customer", "case", "ref", "touch", "why", "instead", "instead_at",
    "instead_at_then", "precision", "certainty", "detail", "causes", "evidence", "plan",
)  # fmt: skip

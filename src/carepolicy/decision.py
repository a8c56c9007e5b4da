"""Decisions: what to do now, from when until when, why, and when to look again."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import attrs

from carepolicy._instant import ALWAYS, NEVER, in_words, iso, maybe_moment
from carepolicy.window import Window

if TYPE_CHECKING:
    import pendulum

    from carepolicy.calendar import Calendar


class Verdict(enum.StrEnum):
    """What a decision comes to; the first that fits."""

    REDIRECT = "redirect"
    """Another contact instead: the instant has passed after which this one would be the wrong one."""
    TOO_LATE = "too_late"
    """The guard has closed: dropped."""
    IMPOSSIBLE = "impossible"
    """The known bounds leave no instant at which it may happen."""
    WAIT = "wait"
    """Not allowed now, but it will or may be: hold."""
    OVERDUE = "overdue"
    """Allowed now, and past due."""
    GO = "go"
    """Allowed now."""


class Judged(Protocol):
    """What a reason needs of its policy."""

    def explain(self) -> str:
        """The policy in plain words."""
        ...

    @property
    def awaits(self) -> str:
        """What it waits for when it does not open by itself."""
        ...


class Bound(NamedTuple):
    """What one policy said of one customer: its bounds in UTC microseconds.

    A guard has `opens`, `closes` and `redirects`; a duty has `starts` (as `opens`) and `due`.
    """

    policy: Any
    opens_us: int
    closes_us: int = NEVER
    redirects_us: int = NEVER
    due_us: int = NEVER
    is_duty: bool = False
    names: tuple[tuple[str, str], ...] = ()
    """How facts are called in the plan, where the policy has another name for them."""


@attrs.frozen(kw_only=True)
class Reason:
    """Why: the bounds of one policy, and the facts that they rest on. Instants, never ages.

    Args:
        policy: The name of the policy.
        code: A stable code: the policy's name and the bound that binds, e.g. "JourneyComplete.opens".
        binding: Whether it sets a bound of the whole decision.
        text: One sentence.
        opens, closes, redirects, starts, due: The bounds, in the zone of the plan; None where there is none.
        awaits: Whether it waits for an event that has not happened.
        facts: The facts used, by name.
    """

    policy: str
    code: str
    binding: bool
    text: str
    opens: pendulum.DateTime | None
    closes: pendulum.DateTime | None
    redirects: pendulum.DateTime | None
    starts: pendulum.DateTime | None
    due: pendulum.DateTime | None
    awaits: bool
    facts: Mapping[str, pendulum.DateTime | None]

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON; instants as ISO 8601 with offset."""
        data = attrs.asdict(self)
        for name in ("opens", "closes", "redirects", "starts", "due"):
            data[name] = _text(data[name])
        data["facts"] = {name: _text(value) for name, value in self.facts.items()}
        return data


def _text(moment: pendulum.DateTime | None) -> str | None:
    return None if moment is None else moment.isoformat()


@attrs.frozen(kw_only=True)
class Decision:
    """What to do about one touch for one customer (case, promise, party) at one instant.

    Nothing in it depends on the instant it was made at, only on the stretch up to `review_at`; so the decision is the
    same however often it is asked for in between.

    Args:
        customer, case, ref, party: Whom it is about; "" where it is not about one.
        touch: The name of the touch in its plan.
        verdict: What it comes to.
        key: The same recommendation has the same key wherever and whenever it is computed.
        owner: Who is to do it.
        plan: The version of the plan.
        zone: The zone that instants are given in.
    """

    customer: str = ""
    case: str = ""
    ref: str = ""
    party: str = ""
    touch: str = ""
    verdict: Verdict
    opens_us: int = ALWAYS
    closes_us: int = NEVER
    act_us: int = NEVER
    due_us: int = NEVER
    overdue_us: int = NEVER
    redirects_us: int = NEVER
    review_us: int = NEVER
    key: str = ""
    owner: str = ""
    plan: str = ""
    zone: str = "UTC"
    bounds: tuple[Bound, ...] = ()
    known: Mapping[str, int] = attrs.field(factory=dict, eq=False, repr=False)

    @property
    def window(self) -> Window:
        """When it may happen: [opens, closes), empty where the bounds leave nothing."""
        return Window._of(min(self.opens_us, NEVER), self.closes_us)  # noqa: SLF001  (bounds may be reversed here)

    @property
    def opens(self) -> pendulum.DateTime | None:
        """From when it may happen; None for always, or while an event is awaited."""
        return maybe_moment(self.opens_us, self.zone)

    @property
    def closes(self) -> pendulum.DateTime | None:
        """Before when it must have happened to be allowed; None for never."""
        return maybe_moment(self.closes_us, self.zone)

    @property
    def act_at(self) -> pendulum.DateTime | None:
        """The start of the current or the next allowed stretch; None while an event is awaited, or since always."""
        return maybe_moment(self.act_us, self.zone)

    @property
    def due(self) -> pendulum.DateTime | None:
        """By when it must happen; None where nothing is owed."""
        return maybe_moment(self.due_us, self.zone)

    @property
    def overdue_since(self) -> pendulum.DateTime | None:
        """The due instant once it has passed, else None."""
        return maybe_moment(self.overdue_us, self.zone)

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """The next instant at which anything here may change without an event; None for never."""
        return maybe_moment(self.review_us, self.zone)

    @property
    def is_awaiting(self) -> bool:
        """Whether an event that has not happened is awaited."""
        return self.opens_us >= NEVER

    @property
    def owes(self) -> bool:
        """Whether something must be done, now or later; a permission alone owes nothing."""
        return self.due_us < NEVER

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every guard and duty with its bounds, the binding ones first."""
        found = [self._reason(bound) for bound in self.bounds]
        return tuple(sorted(found, key=lambda reason: not reason.binding))

    def _reason(self, bound: Bound) -> Reason:
        what = self._binds(bound)
        words = _bounds_in_words(bound, self.zone)
        if what == "hours":
            until = in_words(self.act_us, self.zone) if self.act_us < NEVER else "it is too late"
            words = f"closed until {until}"
        called = dict(bound.names)
        used = {name: self.known.get(called.get(name, name), NEVER) for name in bound.policy.needs()}
        return Reason(
            policy=type(bound.policy).__name__,
            code=f"{type(bound.policy).__name__}.{what or ('due' if bound.is_duty else 'opens')}",
            binding=bool(what),
            text=f"{bound.policy.explain()}: {words}",
            opens=None if bound.is_duty else maybe_moment(bound.opens_us, self.zone),
            closes=maybe_moment(bound.closes_us, self.zone),
            redirects=maybe_moment(bound.redirects_us, self.zone),
            starts=maybe_moment(bound.opens_us, self.zone) if bound.is_duty else None,
            due=maybe_moment(bound.due_us, self.zone),
            awaits=bound.opens_us >= NEVER and not bound.is_duty,
            facts={name: maybe_moment(value, self.zone) for name, value in used.items()},
        )

    def _binds(self, bound: Bound) -> str:
        """Which bound of the decision a policy sets; "" for none."""
        if bound.is_duty:
            return "due" if bound.due_us == self.due_us and bound.opens_us < NEVER else ""
        redirects = bound.redirects_us == self.redirects_us < NEVER
        if redirects and self.verdict == Verdict.REDIRECT:
            return "redirects"
        if bound.opens_us == self.opens_us > ALWAYS:
            return "opens"
        if bound.closes_us == self.closes_us < NEVER:
            return "closes"
        if redirects:
            return "redirects"
        return "hours" if self._hours_bind(bound.policy.open_hours()) else ""

    def _hours_bind(self, hours: Calendar | None) -> bool:
        """Whether hours are what the decision waits for, or what leaves no instant before the guard closes."""
        if hours is None:
            return False
        if self.verdict == Verdict.WAIT and self.opens_us < self.act_us < NEVER:
            return not hours._is_open(self.act_us - 1)  # noqa: SLF001  (the calendar's form for ticks)
        return self.verdict == Verdict.IMPOSSIBLE and self.opens_us < self.closes_us

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON; instants as ISO 8601 with offset."""
        return {
            "customer": self.customer,
            "case": self.case,
            "ref": self.ref,
            "party": self.party,
            "touch": self.touch,
            "verdict": self.verdict.value,
            "act_at": _text(self.act_at),
            "opens": _text(self.opens),
            "closes": _text(self.closes),
            "due": _text(self.due),
            "overdue_since": _text(self.overdue_since),
            "review_at": _text(self.review_at),
            "reasons": [reason.to_data() for reason in self.reasons],
            "key": self.key,
            "owner": self.owner,
            "plan": self.plan,
        }


def _bounds_in_words(bound: Bound, zone: str) -> str:
    if bound.is_duty:
        if bound.opens_us >= NEVER and bound.due_us >= NEVER:
            return "nothing is owed"
        if bound.due_us <= ALWAYS:
            return "due, as nothing is known to have happened"
        if bound.due_us >= NEVER:
            return "owed, but nobody said by when"
        return f"due {in_words(bound.due_us, zone)}"
    parts = []
    if bound.opens_us >= NEVER:
        parts.append(f"waits for {bound.policy.awaits}")
    elif bound.opens_us > ALWAYS:
        parts.append(f"from {in_words(bound.opens_us, zone)}")
    if ALWAYS < bound.closes_us < NEVER:
        parts.append(f"before {in_words(bound.closes_us, zone)}")
    if ALWAYS < bound.redirects_us < NEVER:
        parts.append(f"another contact instead from {in_words(bound.redirects_us, zone)}")
    return ", ".join(parts) or "nothing stands against it"


def iso_or_none(micros: int, zone: str) -> str | None:
    """The ISO 8601 text of an instant; None for ALWAYS and NEVER."""
    return iso(micros, zone) if ALWAYS < micros < NEVER else None

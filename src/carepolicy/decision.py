"""Decisions: what to do now, from when until when, why, and when to look again."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from carepolicy._instant import ALWAYS, NEVER, in_words
from carepolicy._time.zone import door_of
from carepolicy.reason import Bound, Reason, bounds_in_words, hours_of, is_local, last_open, text_of
from carepolicy.window import Window

if TYPE_CHECKING:
    import pendulum


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

    def __repr__(self) -> str:
        return f"Verdict.{self.name}"


_REDIRECT, _IMPOSSIBLE, _WAIT = Verdict.REDIRECT, Verdict.IMPOSSIBLE, Verdict.WAIT


@attrs.frozen
class About:
    """What every decision of one rule has in common.

    Args:
        touch: The name of the touch in its plan.
        owner: Who is to do it.
        plan: The version of the plan.
        zone: The zone that instants are given in.
        by_ref: Whether it decides about each promise or estimate by itself, also about those without a `ref`.
    """

    touch: str = ""
    owner: str = ""
    plan: str = ""
    zone: str = "UTC"
    by_ref: bool = False


@attrs.frozen(slots=False)  # which is made in two thirds of the time
class Decision:
    """What to do about one touch for one customer (case, promise, party) at one instant.

    Nothing in it depends on the instant it was made at, only on the stretch up to `review_at`; so the decision is the
    same however often it is asked for in between.

    Args:
        verdict: What it comes to.
        unit: Whom it is about: (customer, case, ref, party); "" where it is not about one.
        about: The touch, its owner, the plan and its zone.
        opens_us, closes_us, act_us, due_us, review_us: The instants, in UTC microseconds.
        is_overdue: Whether the due instant has passed.
        cycle_us: When the event happened that opened this cycle.
        attempt_us: When it was last attempted.
        bounds: What each policy said.
        known: The facts that they rest on.
        home: The customer's own zone, in which hours of contact are meant; "" where it is not known.
    """

    verdict: Verdict
    unit: tuple[str, str, str, str] = ("", "", "", "")
    about: About = About()
    opens_us: int = ALWAYS
    closes_us: int = NEVER
    act_us: int = NEVER
    due_us: int = NEVER
    review_us: int = NEVER
    is_overdue: bool = False
    cycle_us: int = ALWAYS
    attempt_us: int = ALWAYS
    bounds: Sequence[Bound] = attrs.field(default=(), eq=frozenset)
    known: Mapping[str, int] = attrs.field(factory=dict, eq=False, repr=False)
    home: str = ""

    @property
    def customer(self) -> str:
        """Whom it is about."""
        return self.unit[0]

    @property
    def case(self) -> str:
        """The case, or ""."""
        return self.unit[1]

    @property
    def ref(self) -> str:
        """The promise or estimate in the case, or ""."""
        return self.unit[2]

    @property
    def party(self) -> str:
        """The party, or ""."""
        return self.unit[3]

    @property
    def touch(self) -> str:
        """The name of the touch in its plan."""
        return self.about.touch

    @property
    def owner(self) -> str:
        """Who is to do it."""
        return self.about.owner

    @property
    def plan(self) -> str:
        """The version of the plan."""
        return self.about.plan

    @property
    def zone(self) -> str:
        """The zone that instants are given in."""
        return self.about.zone

    @property
    def key(self) -> str:
        """The same recommendation has the same key wherever and whenever it is computed: reserve it before acting.

        It names whom, which touch, what opened the cycle, and the latest attempt in it.
        """
        parts = [p.replace("%", "%25").replace("/", "%2F").replace("~", "%7E") for p in (*self.unit, self.touch)]
        if self.about.by_ref and not self.ref:
            parts[2] = "~"  # not the case as a whole, but what in it has no ref
        opened = self.cycle_us if ALWAYS < self.cycle_us < NEVER else "-"
        return f"{'/'.join(parts)}/{opened}/{self.attempt_us if self.cycle_us < self.attempt_us < NEVER else '-'}"

    @property
    def redirects_us(self) -> int:
        """From when another contact is called for instead, in UTC microseconds."""
        return min((bound.redirects_us for bound in self.bounds), default=NEVER)

    @property
    def window(self) -> Window:
        """When it may happen, as far as is known: [opens, closes), empty where the known bounds leave nothing."""
        known = max((b.opens_us for b in self.bounds if b.opens_us < NEVER), default=ALWAYS)
        opens = known if self.opens_us >= NEVER else self.opens_us
        return Window._of(opens, self.closes_us)  # noqa: SLF001  (bounds may be reversed here)

    @property
    def opens(self) -> pendulum.DateTime | None:
        """From when it may happen; None for always, or while an event is awaited."""
        return _moment(self.opens_us, self.zone)

    @property
    def closes(self) -> pendulum.DateTime | None:
        """Before when it must have happened to be allowed; None for never."""
        return _moment(self.closes_us, self.zone)

    @property
    def act_at(self) -> pendulum.DateTime | None:
        """The start of the current or the next allowed stretch; None while an event is awaited, or since always."""
        return _moment(self.act_us, self.zone)

    @property
    def due(self) -> pendulum.DateTime | None:
        """By when it must happen; None where nothing is owed."""
        return _moment(self.due_us, self.zone)

    @property
    def overdue_since(self) -> pendulum.DateTime | None:
        """The due instant once it has passed, else None."""
        return self.due if self.is_overdue else None

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """The next instant at which anything here may change without an event; None for never."""
        return _moment(self.review_us, self.zone)

    @property
    def is_awaiting(self) -> bool:
        """Whether an event that has not happened is awaited."""
        return self.opens_us >= NEVER

    @property
    def owes(self) -> bool:
        """Whether something must be done, now or later; a permission alone owes nothing."""
        return self.due_us < NEVER

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the reasons, the binding ones first: what a machine asks for, without the cost of words."""
        return tuple(_code(bound, what) for bound, what in self._judged())

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every guard and duty with its bounds, the binding ones first."""
        return tuple(self._reason(bound, what) for bound, what in self._judged())

    def _judged(self) -> list[tuple[Bound, str]]:
        """What each policy said, and which bound of the decision it sets; "" for none. Those that set one first."""
        redirects = self.redirects_us
        judged = [(bound, self._binds(bound, redirects)) for bound in self.bounds]
        return [pair for pair in judged if pair[1]] + [pair for pair in judged if not pair[1]]

    def _reason(self, bound: Bound, what: str) -> Reason:
        policy, zone = bound.policy, self.zone
        words = bounds_in_words(bound, zone)
        if what == "hours":
            until = in_words(self.act_us, zone) if self.act_us < NEVER else "it is too late"
            words = f"closed until {until}"
            if self.home and is_local(policy):
                words += f", as the customer is in {self.home}"
        called = dict(bound.names)
        used = {name: self.known.get(called.get(name, name), NEVER) for name in policy.needs()}
        return Reason(
            policy=type(policy).__name__,
            code=_code(bound, what),
            binding=bool(what),
            text=f"{policy.explain()}: {words}",
            opens=None if bound.is_duty else _moment(bound.opens_us, zone),
            closes=_moment(bound.closes_us, zone),
            redirects=_moment(bound.redirects_us, zone),
            starts=_moment(bound.opens_us, zone) if bound.is_duty else None,
            due=_moment(bound.due_us, zone),
            awaits=policy.awaits if bound.opens_us >= NEVER and not bound.is_duty else "",
            facts={name: _moment(value, zone) for name, value in used.items()},
        )

    def _binds(self, bound: Bound, redirects_us: int) -> str:
        """Which bound of the decision a policy sets; "" for none."""
        if bound.is_duty:
            return "due" if bound.due_us == self.due_us and bound.opens_us < NEVER else ""
        redirects = bound.redirects_us == redirects_us < NEVER
        if redirects and self.verdict == _REDIRECT:
            return "redirects"
        if bound.opens_us == self.opens_us > ALWAYS:
            return "opens"
        if bound.closes_us == self.closes_us < NEVER:
            return "closes"
        if redirects:
            return "redirects"
        return "hours" if self._hours_bind(bound.policy) else ""

    def _hours_bind(self, policy: Any) -> bool:
        """Whether its hours are what the decision waits for, or what leaves no instant before the guard closes."""
        waits = self.verdict == _WAIT and self.opens_us < self.act_us < NEVER
        if not waits and not (self.verdict == _IMPOSSIBLE and self.opens_us < self.closes_us):
            return False
        hours = hours_of(policy, self.home)
        if hours is None:
            return False
        return not (waits and hours._is_open(self.act_us - 1))  # noqa: SLF001  (the calendar's form for ticks)

    @property
    def last_chance(self) -> pendulum.DateTime | None:
        """The last instant that is, or would have been, in time: hours included, and after what opens before it closes;
        None where there is none, or nothing closes."""
        if not ALWAYS < self.closes_us < NEVER:
            return None
        hours = [h for b in self.bounds if not b.is_duty and (h := hours_of(b.policy, self.home)) is not None]
        last = last_open(hours, self.closes_us)
        opened = max((b.opens_us for b in self.bounds if b.opens_us < self.closes_us), default=ALWAYS)
        return _moment(last, self.zone) if last >= max(opened, self.cycle_us) else None

    @property
    def why(self) -> str:
        """Why, in one sentence: what the binding reasons say."""
        return "; ".join(reason.text for reason in self.reasons if reason.binding) or "nothing stands against it"

    def __str__(self) -> str:
        """For a person: what, whom, and why."""
        whom = ", ".join(name for name in self.unit if name)
        return f"{self.touch}{f' ({whom})' if whom else ''}: {self.verdict.value.replace('_', ' ')}; {self.why}"

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON; instants as ISO 8601 with offset."""
        return {
            "customer": self.customer,
            "case": self.case,
            "ref": self.ref,
            "party": self.party,
            "touch": self.touch,
            "verdict": self.verdict.value,
            "act_at": text_of(self.act_at),
            "opens": text_of(self.opens),
            "closes": text_of(self.closes),
            "due": text_of(self.due),
            "overdue_since": text_of(self.overdue_since),
            "review_at": text_of(self.review_at),
            "reasons": [reason.to_data() for reason in self.reasons],
            "key": self.key,
            "owner": self.owner,
            "plan": self.plan,
        }


def _moment(micros: int, zone: str) -> pendulum.DateTime | None:
    """The pendulum time of an instant, or None for ALWAYS and NEVER."""
    return door_of(zone).moment(micros) if ALWAYS < micros < NEVER else None


def _code(bound: Bound, what: str) -> str:
    """The stable code of a reason: the policy, and the bound that binds or could."""
    return f"{type(bound.policy).__name__}.{what or ('due' if bound.is_duty else 'opens')}"

"""Conflicts: what must not be said while something is going on, as pairs that a host extends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import attrs
from attrs import field

from carepolicy._instant import Instant
from carepolicy.errors import InvalidPolicyError
from carepolicy.facts import CASE, CUSTOMER, Fact, Facts, Which, words
from carepolicy.folds import Last, which_of
from carepolicy.span import Span, days, forward
from carepolicy.threads import EarliestOpen
from carepolicy.tier import fact_name
from carepolicy.trouble import ACTIONS, HOLD, GoingOn

SCOPES = (CASE, CUSTOMER)


def _known_scope(instance: object, attribute: object, value: str) -> None:
    if value not in SCOPES:
        raise InvalidPolicyError(f"scope is not known: {value!r}; use one of {', '.join(SCOPES)}")


@attrs.frozen
class State:
    """Something that goes on at a customer: from the events that begin it to those that end it.

    Each case and reference goes on by itself, and all of them must have ended. A reopened case counts where its
    `reopened` event says its `purpose` again.

    Args:
        name: What a care team calls it.
        begins: The events that begin it.
        ends: The events that end it, in the same case and reference.
        lasts: How long it goes on by itself, from when it last began; then no event ends it.
        scope: "customer": anything of theirs; "case": only this one.

    Raises:
        InvalidPolicyError: If it has no name, never begins, or does not end in exactly one of the two ways.
    """

    name: str
    begins: tuple[Which, ...] = field(converter=which_of)
    ends: tuple[Which, ...] = field(default=(), converter=which_of)
    lasts: Span | None = field(default=None, validator=forward, kw_only=True)
    scope: str = field(default=CUSTOMER, validator=_known_scope, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidPolicyError("state has no name; say what goes on, e.g. 'outage'")
        if not self.begins:
            raise InvalidPolicyError(f"state never begins: {self.name!r}; name the events that begin it")
        if bool(self.ends) == (self.lasts is not None):
            raise InvalidPolicyError(
                f"state ends by events or by itself: {self.name!r}; give ends or lasts, one of them"
            )

    @property
    def fact_name(self) -> str:
        """The name of the fact that says since when it goes on."""
        return f"{fact_name(self.name)}_since"

    def since(self) -> Fact:
        """When it began: the earliest that goes on, or the latest where it ends by itself."""
        if self.lasts is not None:
            return Last(self.begins, scope=self.scope)
        return EarliestOpen(self.begins, until=self.ends, scope=self.scope, gives="at")


@attrs.frozen
class Conflict:
    """A message that must not go out while something goes on.

    Args:
        message: What the message is called; one word or several.
        state: What goes on.
        why: Why the two do not go together, in words that a care team can read.
        action: What becomes of the message: "hold" (it waits), "suppress" (it is dropped) or "redirect" (another
            contact instead).

    Raises:
        InvalidPolicyError: If no message is named, no reason is given, the action is not known, or something else than
            a hold is asked of a state that ends by itself.
    """

    message: tuple[str, ...] = field(converter=words)
    state: State
    why: str
    action: str = HOLD

    def __attrs_post_init__(self) -> None:
        if not self.message or "" in self.message:
            raise InvalidPolicyError(f"conflict names no message: {self.message!r}; say which, e.g. 'refinance'")
        if not isinstance(self.state, State):
            raise InvalidPolicyError(f"state is none: {self.state!r}; write e.g. State('outage', begins=…, ends=…)")
        if not self.why.strip():
            raise InvalidPolicyError(f"conflict has no reason: {', '.join(self.message)}; say why in a few words")
        if self.action not in ACTIONS:
            raise InvalidPolicyError(f"action is not known: {self.action!r}; use one of {', '.join(ACTIONS)}")
        if self.action != HOLD and self.state.lasts is not None:
            raise InvalidPolicyError(
                f"state ends by itself and can only hold: {self.state.name!r}, {self.action!r}; leave the action out"
            )


_SHUT = Which(("completed", "closed"), whole=True)
WRECK = State(
    "wrecked car",
    (
        Which("incident", purpose=("", "wreck", "collision", "accident", "total_loss")),
        Which(("opened", "reopened"), purpose=("repair", "bodywork")),
    ),
    (_SHUT,),
)
OUTAGE = State(
    "outage",
    (Which(("trouble", "incident"), purpose="outage"),),
    (Which("trouble_over", purpose=("", "outage")), _SHUT),
)
COMPLAINT = State(
    "complaint",
    (Which("trouble", purpose=("complaint", "escalation")), Which(("opened", "reopened"), purpose="complaint")),
    (Which("trouble_over", purpose=("", "complaint", "escalation")), Which("closed", whole=True)),
)
CLAIM = State("open claim", (Which(("opened", "reopened"), purpose="claim"),), (Which("closed", whole=True),))
COLLECTIONS = State(
    "collections", (Which("trouble", purpose="collections"),), (Which("trouble_over", purpose=("", "collections")),)
)
BEREAVEMENT = State("bereavement", (Which("trouble", purpose="bereavement"),), lasts=days(365))

STANDARD_PAIRS = (
    Conflict(("refinance", "trade_in"), WRECK, "the car is in the shop, or gone"),
    Conflict(("upsell", "upgrade", "price_increase"), OUTAGE, "what they pay for does not work"),
    Conflict(("upsell", "upgrade", "price_increase"), COMPLAINT, "what they bought is in question"),
    Conflict(("rate_us", "review", "reference", "referral"), COMPLAINT, "they have told us what they think"),
    Conflict(("rate_us", "review", "reference", "referral"), OUTAGE, "they are waiting for it to work"),
    Conflict("renewal", CLAIM, "whether we keep our word is being decided"),
    Conflict(("upsell", "credit"), COLLECTIONS, "they cannot pay what they owe"),
    Conflict(("birthday", "congratulations"), BEREAVEMENT, "somebody died"),
)
"""Pairs to begin with; a host adds its own: `(*STANDARD_PAIRS, Conflict(…))`."""


def _as_pairs(value: Iterable[Conflict]) -> tuple[Conflict, ...]:
    return tuple(value)


@attrs.frozen
class NoConflict(GoingOn):
    """Nothing goes on that the message does not go together with.

    Args:
        message: What the message is called.
        pairs: What does not go together; pairs about other messages say nothing.

    Raises:
        InvalidPolicyError: If no pair is about the message, or two states of it would have one name.
    """

    message: str
    pairs: tuple[Conflict, ...] = field(default=STANDARD_PAIRS, converter=_as_pairs, kw_only=True)

    awaits: ClassVar[str] = "what stands against the message to be over"

    def __attrs_post_init__(self) -> None:
        mine = self._mine
        if not mine:
            named = sorted({name for pair in self.pairs for name in pair.message})
            raise InvalidPolicyError(
                f"no pair is about the message: {self.message!r}; add a Conflict, or use one of {', '.join(named)}"
            )
        states = {pair.state for pair in mine}
        if len({state.fact_name for state in states}) < len(states):
            names = sorted(state.name for state in states)
            raise InvalidPolicyError(f"two states share a name: {', '.join(names)}; name each apart")

    @property
    def _mine(self) -> tuple[Conflict, ...]:
        """The pairs about the message."""
        return tuple(pair for pair in self.pairs if self.message in pair.message)

    def needs(self) -> Mapping[str, Fact]:
        """Since when each of them goes on."""
        return {pair.state.fact_name: pair.state.since() for pair in self._mine}

    def _since(self, f: Facts, action: str) -> list[tuple[Span | None, Instant]]:
        pairs = (pair for pair in self._mine if pair.action == action)
        return [(pair.state.lasts, getattr(f, pair.state.fact_name)) for pair in pairs]

    def explain(self) -> str:
        """The pairs in plain words."""
        return f"no {self.message} during: " + ", ".join(f"{pair.state.name} ({pair.why})" for pair in self._mine)

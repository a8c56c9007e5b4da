"""The roster: every customer has an owner and a next date, and nobody is forgotten because nothing was written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field

from carepolicy._instant import ALWAYS, NEVER, in_words, iso_or_none, maybe_moment, to_micros
from carepolicy.decision import Decision, Verdict
from carepolicy.errors import InvalidPolicyError
from carepolicy.finding import Finding
from carepolicy.review import Contact, Review, Worklist
from carepolicy.state import Folded
from carepolicy.timeline import Timeline

if TYPE_CHECKING:
    import pendulum

_LIVE = (Verdict.OVERDUE, Verdict.GO, Verdict.WAIT)


def _whole_minutes(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidPolicyError(f"minutes must be a whole number of at least 0, got {value!r}")


@attrs.frozen
class Account:
    """One customer of the roster.

    Args:
        customer: Whom.
        owner: Who answers for them; "" for nobody, which is a finding.
        tier: Which service was agreed on.
        minutes: How long a contact with them takes; 0 for as long as the touch says.

    Raises:
        InvalidPolicyError: If the customer has no name, or minutes are no whole number.
    """

    customer: str
    owner: str = ""
    tier: str = ""
    minutes: int = field(default=0, validator=_whole_minutes)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.customer, str) or not self.customer:
            raise InvalidPolicyError(f"customer of an account has no name: {self.customer!r}; name whom it is about")


def _accounts(value: Iterable[Account | str]) -> tuple[Account, ...]:
    return tuple(a if isinstance(a, Account) else Account(a) for a in value)


@attrs.frozen
class Roster:
    """Every customer there is, each once, whether or not anything is known of them.

    Args:
        accounts: The customers; a bare name is a customer without an owner.

    Raises:
        InvalidPolicyError: If a customer is named twice.

    >>> Roster([Account("berg", owner="kim"), "wolf"]).customers
    ('berg', 'wolf')
    """

    accounts: tuple[Account, ...] = field(converter=_accounts)

    def __attrs_post_init__(self) -> None:
        seen: set[str] = set()
        for account in self.accounts:
            if account.customer in seen:
                raise InvalidPolicyError(
                    f"customer is in the roster twice: {account.customer!r}; give each one account"
                )
            seen.add(account.customer)

    @property
    def customers(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(account.customer for account in self.accounts)


@attrs.frozen(kw_only=True)
class Line:
    """How one customer of the roster stands.

    Args:
        account: Whom, and who answers for them.
        next_us: When something next falls due or opens, in UTC microseconds; ALWAYS for at once, as nothing is known to
            have happened; NEVER for no date at all.
        touch: What that is; "" for nothing.
        is_overdue: Whether that date has passed.
    """

    account: Account
    next_us: int
    touch: str
    is_overdue: bool
    zone: str

    @property
    def customer(self) -> str:
        """Whom."""
        return self.account.customer

    @property
    def owner(self) -> str:
        """Who answers for them; "" for nobody."""
        return self.account.owner

    @property
    def has_date(self) -> bool:
        """Whether there is a next date."""
        return self.next_us < NEVER

    @property
    def next_at(self) -> pendulum.DateTime | None:
        """The next date; None where there is none, and where it is at once."""
        return maybe_moment(self.next_us, self.zone)

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is missing: an owner, a next date, or both."""
        return (*(() if self.owner else ("nobody's",)), *(() if self.has_date else ("no next date",)))

    def __str__(self) -> str:
        when = "at once" if self.next_us <= ALWAYS else f"by {in_words(self.next_us, self.zone)}"
        return (
            f"{self.customer} ({self.owner or 'nobody'}): {f'{self.touch} {when}' if self.has_date else 'no next date'}"
        )

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            **attrs.asdict(self.account),
            "next": iso_or_none(self.next_us, self.zone),
            "at_once": self.next_us <= ALWAYS,
            "touch": self.touch or None,
            "overdue": self.is_overdue,
            "gaps": list(self.gaps),
        }


@attrs.frozen(kw_only=True)
class RosterReview:
    """Everybody at one moment: by whom, and when next.

    Args:
        lines: One for each customer of the roster, in its order.
        unlisted: Customers that the log knows and the roster does not.
        review: The decisions about all of them; a touch that names no owner falls to the owner of the customer.
    """

    lines: tuple[Line, ...]
    unlisted: tuple[str, ...]
    review: Review = field(eq=False, repr=False)

    @property
    def unowned(self) -> tuple[Line, ...]:
        """The customers who are nobody's."""
        return tuple(line for line in self.lines if not line.owner)

    @property
    def undated(self) -> tuple[Line, ...]:
        """The customers of whom nothing is due, ever."""
        return tuple(line for line in self.lines if not line.has_date)

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """Until when all of this holds unless an event arrives; None for as long as none does."""
        return self.review.review_at

    def findings(self) -> tuple[Finding, ...]:
        """One for each customer who is nobody's or has no next date."""
        return tuple(
            Finding(
                kind="at_risk",
                at_us=ALWAYS,
                policy="Roster",
                party=line.owner,
                customer=line.customer,
                why=f"{line.customer} is on the roster: {', '.join(line.gaps)}",
                instead="somebody answers for every customer, and every customer has a next date",
                zone=line.zone,
            )
            for line in self.lines
            if line.gaps
        )

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """What is owed and may be done now, the most urgent first, as long as each customer takes."""
        return self._as_long(self.review.contacts)

    def _as_long(self, contacts: Iterable[Contact]) -> tuple[Contact, ...]:
        minutes = {line.customer: line.account.minutes for line in self.lines}
        return tuple(attrs.evolve(c, minutes=minutes.get(c.customer) or c.minutes) for c in contacts)

    def worklist(
        self, *, minutes: int | Mapping[str, int] | None = None, until: datetime | str | None = None
    ) -> Worklist:
        """What to do first, within the minutes of each owner, and which promises break otherwise.

        Nobody is passed over because their call takes longer than the next one: an owner's list ends with the first
        contact that does not fit. So more minutes only ever add to it.

        Args:
            minutes: At hand, of each owner; a mapping gives them by owner; None for no limit.
            until: The end of the day: what falls due before it and does not fit is named in `breaks`.
        """
        end = NEVER if until is None else to_micros(until, "until")
        at_hand = _at_hand(minutes, (contact.owner for contact in self.contacts))
        spent: dict[str, int] = {}
        to_do: list[Contact] = []
        left_over: list[Contact] = []
        for contact in self.contacts:
            used = spent[contact.owner] = spent.get(contact.owner, 0) + contact.minutes
            fits = at_hand is None or used <= at_hand.get(contact.owner, 0)
            (to_do if fits else left_over).append(contact)
        breaks = tuple(d for c in left_over for d in c.purposes if d.due_us < end)
        return Worklist(to_do=tuple(to_do), left_over=tuple(left_over), breaks=breaks)

    def lacking(self, *, minutes: int | Mapping[str, int], until: datetime | str) -> dict[str, int]:
        """Who has more due by the end of the day than minutes at hand, and how many are lacking; most of them first.

        What falls to nobody is lacking altogether, under "".

        Args:
            minutes: At hand, of each owner; a mapping gives them by owner.
            until: The end of the day.
        """
        end = to_micros(until, "until")
        owed = [d for d in self.review.decisions if d.verdict in _LIVE and d.due_us < end]
        by_then = attrs.evolve(self.review, decisions=tuple(attrs.evolve(d, verdict=Verdict.GO) for d in owed))
        due: dict[str, int] = {}
        for contact in self._as_long(by_then.contacts):
            due[contact.owner] = due.get(contact.owner, 0) + contact.minutes
        at_hand = _at_hand(minutes, due) or {}
        over = {owner: needed - at_hand.get(owner, 0) for owner, needed in due.items()}
        return {owner: over[owner] for owner in sorted(over, key=lambda o: (-over[o], o)) if over[owner] > 0}

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "lines": [line.to_data() for line in self.lines],
            "unlisted": list(self.unlisted),
            "review_at": iso_or_none(self.review.review_us, self.review.zone),
        }


def _at_hand(minutes: int | Mapping[str, int] | None, owners: Iterable[str]) -> dict[str, int] | None:
    """The minutes of each owner; nobody has none. None for no limit."""
    if minutes is None:
        return None
    by_owner = dict(minutes) if isinstance(minutes, Mapping) else {o: minutes for o in owners if o}
    for left in (*by_owner.values(), *(() if isinstance(minutes, Mapping) else (minutes,))):
        if left < 0:
            raise InvalidPolicyError(f"minutes must not be negative, got {left}")
    return by_owner


def roster_review(
    plan: Any,
    known: Timeline | Folded,
    roster: Roster,
    at: datetime | str,
    **said: Any,
) -> RosterReview:
    """Every customer of a roster with owner and next date, and what to do today.

    Args:
        plan: What is owed: a `Plan`.
        known: A timeline, or facts folded from one.
        roster: Everybody.
        at: The instant to judge at.
        said: What customers said of themselves: `zones=`, `wishes=`, as for `Plan.review`.

    Raises:
        InvalidPolicyError: If the roster is none.
        InvalidTimeError: If `at` is naive, or before the last event of folded facts.
    """
    if not isinstance(roster, Roster):
        raise InvalidPolicyError(f"roster is none: {roster!r:.80}; write Roster([Account('acme', owner='kim'), …])")
    review = plan.review(known, at, roster=roster.customers, **said)
    owners = {account.customer: account.owner for account in roster.accounts}
    decisions = tuple(_owned(d, owners.get(d.customer, "")) for d in review.decisions)
    of: dict[str, list[Decision]] = {}
    for decision in decisions:
        of.setdefault(decision.customer, []).append(decision)
    lines = tuple(_line(account, of.get(account.customer, ()), review.zone) for account in roster.accounts)
    unlisted = tuple(sorted(customer for customer in of if customer and customer not in owners))
    return RosterReview(lines=lines, unlisted=unlisted, review=attrs.evolve(review, decisions=decisions))


def _owned(decision: Decision, owner: str) -> Decision:
    """The decision with somebody who does it: whom the touch names, else the owner of the customer."""
    if decision.owner or not owner:
        return decision
    return attrs.evolve(decision, about=attrs.evolve(decision.about, owner=owner))


def _line(account: Account, decisions: Iterable[Decision], zone: str) -> Line:
    dated = [(_date(d), d.touch, d.is_overdue) for d in decisions if _date(d) < NEVER]
    next_us, touch, is_overdue = min(dated, default=(NEVER, "", False))
    return Line(account=account, next_us=next_us, touch=touch, is_overdue=is_overdue, zone=zone)


def _date(decision: Decision) -> int:
    """When a decision falls due; where nothing is owed, when what is held may go out. What is dropped has no date."""
    if decision.owes and decision.verdict in _LIVE:
        return decision.due_us
    return decision.act_us if decision.verdict == Verdict.WAIT else NEVER

"""Rungs: the steps of a ladder that is climbed to reach somebody, and the step that is next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from attrs import field

from carepolicy._alone import pressing
from carepolicy._holds import Holds
from carepolicy._instant import NEVER, in_words, iso, maybe_moment
from carepolicy._judge import Renamed, Rule
from carepolicy.calendar import Calendar
from carepolicy.decision import Decision
from carepolicy.errors import InvalidPolicyError, UnknownNameError
from carepolicy.events import LIVE_CHANNELS, Event
from carepolicy.facts import CASE, CUSTOMER, CUSTOMER_PARTY, Facts, Parties, Which
from carepolicy.outreach import ContactHours
from carepolicy.policy import guard_parts
from carepolicy.reason import text_of
from carepolicy.rules import Part, Rules
from carepolicy.span import Span, elapsed, forward, working
from carepolicy.window import Window

if TYPE_CHECKING:
    import pendulum

    from carepolicy.persistence import Persistence
    from carepolicy.protocols import GuardLike
    from carepolicy.state import Unit
    from carepolicy.timeline import Timeline

CALL, VOICEMAIL, MAIL, ESCALATE = "phone", "voicemail", "email", "escalate"
NOBODY = ""
"""The channel of a step where nobody has to be reached."""
VOICE = (CALL, VOICEMAIL)
CHANNELS = (CALL, VOICEMAIL, MAIL, ESCALATE)
NO_MORE = (
    Which("declined", by=CUSTOMER_PARTY, purpose=("", "contact", "call")),
    Which("withdrawn", by=CUSTOMER_PARTY, whole=True),
)
"""The customer wants no more of it: neither one who declines something else, such as marketing, nor a promise (`ref`)
that the customer takes back."""
WRITTEN = ("email", "post", "chat", "text")
NO_RECAP = Which("contact", channel=WRITTEN, direction="outbound", purpose=("marketing", "survey"))
"""Messages that repeat nothing and answer nothing, whoever wrote them."""
BEGUN = "begun"
"""The kind of the event that stands for an instant from which somebody has to be reached (`since=`)."""
PARTS_OF_DAY = ("00:00-12:00", "12:00-17:00", "17:00-24:00")
"""Morning, afternoon, evening."""


@attrs.frozen
class Rung:
    """One step of a ladder.

    Args:
        channel: "phone" (a live call), "voicemail" (a call that leaves one), "email" (a mail, or another written
            message, that repeats what the voicemail said), "escalate" (it goes up a level).
        who: Who does it; a call of somebody else than the first rung names is taken only by another party.
        wait: How many working days after the last call; 0 for at once, 1 for the next working day from its opening on.
            No call takes it before that day.
        within: By when it is due, from when it may first be done.
        other_time: Whether it comes at another time of day than the calls before.

    Raises:
        InvalidPolicyError: If the channel is not known, or `wait` or `within` point backward.
    """

    channel: str
    who: str = "the owner"
    wait: int = 0
    within: Span = field(factory=lambda: working(hours=4), validator=forward)
    other_time: bool = False

    def __attrs_post_init__(self) -> None:
        if self.channel not in CHANNELS:
            raise InvalidPolicyError(
                f"channel of a rung is not known: {self.channel!r}; use one of {', '.join(CHANNELS)}"
            )
        if not isinstance(self.wait, int) or isinstance(self.wait, bool) or self.wait < 0:
            raise InvalidPolicyError(f"wait must be a whole number of working days from 0, got {self.wait!r}")

    def taken_by(self, by: tuple[str, ...]) -> Which:
        """The events that take this rung.

        Args:
            by: Who acts.
        """
        ours = Which("contact", by=by, direction="outbound")
        if self.channel == MAIL:
            return attrs.evolve(ours, channel=WRITTEN, author=("human", ""), outcome=("delivered", "sent", ""))
        live = attrs.evolve(ours, channel=tuple(sorted(LIVE_CHANNELS)))
        return attrs.evolve(live, outcome=("voicemail",)) if self.channel == VOICEMAIL else live


DEFAULT = (
    Rung(CALL),
    Rung(VOICEMAIL),
    Rung(MAIL, within=elapsed(hours=4)),
    Rung(CALL, wait=1, other_time=True),
    Rung(CALL, who="another person of the team", wait=1, other_time=True),
    Rung(ESCALATE, who="the next level", wait=1),
)
"""Call; leave a voicemail; the same day repeat it in a mail; call on the next working day at another time of day; then
another person of the team calls; then it goes up."""


@attrs.frozen(kw_only=True)
class Step(Holds):
    """The next step towards somebody who has to be reached: the same until `review_at`, unless an event arrives.

    Args:
        channel: As for `Rung`; "" where nobody has to be reached.
        window: When it may be done: from its opening, before its closing; None where nobody has to be reached.
        why: One sentence.
        who: Who does it.
        rung: Which rung of the ladder, counted from 1; 0 where nobody has to be reached.
        due_us: By when the ladder asks for the next step, in UTC microseconds; what was missed stays overdue.
        review_us: When to look again, in UTC microseconds.
        key: The same step has the same key wherever and whenever it is computed: reserve it before acting.
        zone: The zone that instants are given in.
    """

    channel: str
    window: Window | None
    why: str
    who: str = ""
    rung: int = 0
    due_us: int
    review_us: int
    key: str
    zone: str = "UTC"

    @property
    def due(self) -> pendulum.DateTime | None:
        """By when it must be done; None where nobody has to be reached."""
        return maybe_moment(self.due_us, self.zone)

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON; instants as ISO 8601 with offset."""
        bounds = (NEVER, NEVER) if self.window is None else (self.window.opens_us, self.window.closes_us)
        opens, closes = (maybe_moment(us, self.zone) for us in bounds)
        return {
            "channel": self.channel,
            "opens": text_of(opens),
            "closes": text_of(closes),
            "why": self.why,
            "who": self.who,
            "rung": self.rung,
            "due": text_of(self.due),
            "review_at": text_of(self.review_at),
            "key": self.key,
        }


def step_of(
    ladder: Persistence,
    timeline: Timeline,
    now: int,
    calendar: Calendar,
    guard: GuardLike | None,
    parties: Parties,
    asked: dict[str, str | None],
    since: int | None,
) -> Step:
    """The next step of a ladder: the most pressing one of all whom it is asked about.

    Raises:
        UnknownNameError: If nothing is known of the customer or case named.
    """
    rules = Rules.of([Part(type(ladder).__name__, (ladder,), guard_parts(guard))], calendar, parties)
    (rule,) = rules.rules
    known = [*timeline.known(now)]
    if since is not None:
        whom = {(e.customer, e.case if rule.scope == CASE else "") for e in known}
        known += [Event(at=since, kind=BEGUN, customer=customer, case=case) for customer, case in whom or {("", "")}]
    state = rules.folding.fold(known)
    steps = [
        _step(ladder, rule, Facts.of(calendar, state.values(unit)), unit, now, timeline.next_visible(now))
        for unit in state.of_scope(rule.scope) or state.of_scope(CUSTOMER) or [("", "", "", "")]
        if asked["customer"] in (None, unit[0]) and asked["case"] in (None, unit[1])
    ]
    if not steps:
        named = ", ".join(f"{name}={want!r}" for name, want in asked.items() if want is not None)
        raise UnknownNameError(f"nothing is known of {named} at {iso(now, calendar.zone)}; leave it out to ask of all")
    _, first = min(steps, key=lambda pair: pressing(pair[0]))
    return attrs.evolve(first, review_us=min(step.review_us for _, step in steps))


@attrs.frozen
class _Place:
    """Where a ladder stands for one customer: the rung that is next, and the decision about it.

    Args:
        ladder: Which ladder.
        f: The facts of the customer.
        number: Which rung, counted from 1; 0 where nobody has to be reached.
        rung: The rung; None where nobody has to be reached.
        hours: In which hours it may be taken; None for any.
        decision: What is decided about it.
        in_stead: Whether it stands in for a voicemail that can no longer be left on its day.
    """

    ladder: Persistence
    f: Facts
    number: int
    rung: Rung | None
    hours: Calendar | None
    decision: Decision
    in_stead: bool

    @property
    def midnight(self) -> int:
        """When the day of the last call is over."""
        end: int = self.ladder.end_of_day(self.f)
        return end

    def is_missed(self, now: int) -> bool:
        """Whether its day is over: a voicemail is left, or a mail sent in its stead, on the day of the call. What
        comes before the escalation waits for ever, as nothing goes up untried."""
        if self.rung is None or self.rung.channel not in ((VOICEMAIL, MAIL) if self.in_stead else (VOICEMAIL,)):
            return False
        called = self.f.call_1 >= self.f.begun and self.ladder.rungs[self.number].channel != ESCALATE
        return bool(called and max(self.decision.act_us, now) >= self.midnight)


def _place(
    ladder: Persistence, rule: Rule, values: dict[str, Any], unit: Unit, now: int, coming: int, *, in_stead: bool
) -> _Place:
    """The rung that comes next by some facts, and the decision about it."""
    f = rule.duties[0].view(Facts.of(rule.calendar, values), values, rule.calendar)
    number = ladder.next_rung(f)
    rung = ladder.rungs[number - 1] if number else None
    hours = None if rung is None else ladder.open_for(f, rung)
    guards = rule.guards if rung is not None and rung.channel in VOICE else ()
    if hours is not None:
        guards = (*guards, Renamed(ContactHours(hours, fixed=True)))
    decision = attrs.evolve(rule, guards=guards).decide(values, unit, now, coming)
    return _Place(ladder, f, number, rung, hours, decision, in_stead)


def _step(ladder: Persistence, rule: Rule, facts: Facts, unit: Unit, now: int, coming: int) -> tuple[Decision, Step]:
    """The next step towards one customer, and the decision behind it."""
    values, called = facts.known(), dict(rule.duties[0].names)
    place = first = _place(ladder, rule, values, unit, now, coming, in_stead=False)
    reviews = [first.decision.review_us]
    while place.is_missed(now):
        name = f"rung_{place.number}"
        values = {**values, called.get(name, name): place.f.call_1}
        place = _place(ladder, rule, values, unit, now, coming, in_stead=True)
        reviews.append(place.decision.review_us)
    decision, hours = place.decision, place.hours
    closes = decision.closes_us if hours is None else min(decision.closes_us, hours._next_close(decision.act_us))  # noqa: SLF001
    if place.in_stead and place.rung is not None and place.rung.channel == MAIL:
        closes = min(closes, place.midnight)
        reviews.append(place.midnight if now < place.midnight else NEVER)
    step = Step(
        channel=NOBODY if place.rung is None else place.rung.channel,
        window=None if place.rung is None else Window._of(decision.act_us, closes),  # noqa: SLF001  (unchecked)
        why=_why(place),
        who=_who(place.rung, ladder.rungs[0].who, place.f),
        rung=place.number,
        due_us=first.decision.due_us,
        review_us=min(reviews),
        key=decision.key,
        zone=rule.calendar.zone,
    )
    return first.decision, step


def _who(rung: Rung | None, owner: str, f: Facts) -> str:
    """Who does it: after it went up, the level that has it does what the owner did before."""
    if rung is None:
        return ""
    return "whoever it was escalated to" if f.begun == f.last_escalated and rung.who == owner else rung.who


def _why(place: _Place) -> str:
    """Why this step, and not before when, in one sentence that speaks of instants."""
    rung, f, decision = place.rung, place.f, place.decision
    began, called, left = (in_words(us, decision.zone) for us in (f.begun, f.call_1, f.last_voicemail))
    if rung is None:
        return "nobody has to be reached"
    said = {
        MAIL: f"the call of {called} was not answered and no voicemail can be left on its day, so send a mail instead"
        if place.in_stead
        else f"a voicemail was left on {left}, so a mail on the same day repeats what was said",
        VOICEMAIL: f"the call of {called} was not answered, so call and leave a voicemail",
        CALL: f"nobody was spoken to since {began}, so call"
        + (f" again, as the last call was on {called}" if f.call_1 >= f.begun else "")
        + (", at another time of day than before" if rung.other_time else ""),
        ESCALATE: f"every rung was tried since {began} and nobody was spoken to, so it goes up; it is not closed",
    }[rung.channel]
    bounds = [reason.text for reason in decision.reasons if reason.code.endswith(".opens") and reason.binding]
    return "; ".join([said, *bounds])

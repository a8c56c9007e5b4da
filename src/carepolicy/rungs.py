"""Rungs: the steps of a ladder that is climbed to reach somebody, and the step that is next."""

from __future__ import annotations

from functools import lru_cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field

from carepolicy._alone import pressing
from carepolicy._holds import Holds
from carepolicy._instant import in_words, iso, maybe_moment
from carepolicy._judge import Renamed, Rule
from carepolicy._time.zone import year_start
from carepolicy.calendar import Calendar
from carepolicy.decision import Decision
from carepolicy.errors import HorizonError, InvalidCalendarError, InvalidPolicyError, UnknownNameError
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
_LATE = year_start(2040)
NO_MORE = (
    Which("declined", by=CUSTOMER_PARTY, purpose=("", "contact", "call")),
    Which("withdrawn", by=CUSTOMER_PARTY, whole=True),
)
"""The customer wants no more of it: neither one who declines something else, such as marketing, nor a promise (`ref`)
that the customer takes back."""
WRITTEN = ("email", "post", "chat", "text")
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
        who: Who does it.
        wait: How many working days after the last call; 0 for at once, 1 for the next working day from its opening on.
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
        window: When it may be done: from its opening, before its closing.
        why: One sentence.
        who: Who does it.
        rung: Which rung of the ladder, counted from 1; 0 where nobody has to be reached.
        due_us: By when it must be done, in UTC microseconds.
        review_us: When to look again, in UTC microseconds.
        key: The same step has the same key wherever and whenever it is computed: reserve it before acting.
        zone: The zone that instants are given in.
    """

    channel: str
    window: Window
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
        opens, closes = (maybe_moment(us, self.zone) for us in (self.window.opens_us, self.window.closes_us))
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


@attrs.frozen
class Day:
    """The hours in which somebody may be called, by part of the day.

    Args:
        open: When calls may be made at all.
        parts: The parts of the day, in which earlier calls fall.
        left: When calls may be made in each part; a part in which none may be made year after year is left out.
        ends: Open from noon to midnight: it closes when a date ends.
        written: When the customer may be written to; None for any time.
    """

    open: Calendar
    parts: tuple[Calendar, ...]
    left: tuple[Calendar, ...]
    ends: Calendar
    written: Calendar | None

    def end_of(self, us: Any) -> Any:
        """The midnight after an instant (UTC microseconds)."""
        return self.ends._next_close(us)  # noqa: SLF001  (the calendar's form for ticks)

    def within(self, chosen: tuple[bool, ...]) -> Calendar:
        """When calls may be made in some of the parts; in any where none is chosen."""
        some = [left for left, wanted in zip(self.left, chosen, strict=True) if wanted]
        return reduce(or_, some) if some else self.open


@lru_cache(maxsize=256)
def day_of(calendar: Calendar, hours: Calendar | None, zone: str, parts: tuple[str, ...]) -> Day:
    """The day of somebody in a zone, the same for every question: its tables take long to make.

    Args:
        calendar: When we call.
        hours: When the customer may be called, in wall times of the customer; None for any time.
        zone: The customer's zone; "" for not known: that of the hours, or else of the calendar.
        parts: The parts of the day, as hours.

    Raises:
        InvalidCalendarError: If our hours and those of the customer never meet.
    """
    home = zone or (calendar if hours is None else hours).zone
    local = hours if hours is None or not zone else hours.in_zone(zone)
    ours = calendar if local is None else calendar & local
    met = []
    for part in parts:
        band = Calendar.weekly(f"Mon-Sun {part}", zone=home)
        try:
            left = ours & band
            left._next_open(_LATE)  # noqa: SLF001  (the calendar's form for ticks)
        except (InvalidCalendarError, HorizonError):
            continue  # nobody is called in this part, or was only while clocks stood otherwise
        met.append((band, left))
    return Day(
        ours,
        tuple(band for band, _ in met),
        tuple(left for _, left in met),
        Calendar.weekly("Mon-Sun 12:00-24:00", zone=home),
        local,
    )


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


def _step(ladder: Persistence, rule: Rule, facts: Facts, unit: Unit, now: int, coming: int) -> tuple[Decision, Step]:
    """The next step towards one customer, and the decision behind it."""
    f = rule.duties[0].view(facts, facts.known(), rule.calendar)
    number = ladder.next_rung(f)
    rung = ladder.rungs[number - 1] if number else None
    hours = None if rung is None else ladder.open_for(f, rung)
    guards = rule.guards if rung is not None and rung.channel in VOICE else ()
    if hours is not None:
        guards = (*guards, Renamed(ContactHours(hours, fixed=True)))
    decision = attrs.evolve(rule, guards=guards).decide(facts.known(), unit, now, coming)
    closes = decision.closes_us if hours is None else min(decision.closes_us, hours._next_close(decision.act_us))  # noqa: SLF001
    step = Step(
        channel=NOBODY if rung is None else rung.channel,
        window=Window._of(decision.act_us, closes),  # noqa: SLF001  (empty where there is none)
        why=_why(rung, f, decision),
        who=_who(rung, ladder.rungs[0].who, f),
        rung=number,
        due_us=decision.due_us,
        review_us=decision.review_us,
        key=decision.key,
        zone=rule.calendar.zone,
    )
    return decision, step


def _who(rung: Rung | None, owner: str, f: Facts) -> str:
    """Who does it: after it went up, the level that has it does what the owner did before."""
    if rung is None:
        return ""
    return "whoever it was escalated to" if f.begun == f.last_escalated and rung.who == owner else rung.who


def _why(rung: Rung | None, f: Facts, decision: Decision) -> str:
    """Why this step, and not before when, in one sentence that speaks of instants."""
    began, called, left = (in_words(us, decision.zone) for us in (f.begun, f.call_1, f.last_voicemail))
    if rung is None:
        return "nobody has to be reached"
    said = {
        MAIL: f"a voicemail was left on {left}, so a mail on the same day repeats what was said",
        VOICEMAIL: f"the call of {called} was not answered, so call and leave a voicemail",
        CALL: f"nobody was spoken to since {began}, so call"
        + (f" again, as the last call was on {called}" if f.call_1 >= f.begun else "")
        + (", at another time of day than before" if rung.other_time else ""),
        ESCALATE: f"every rung was tried since {began} and nobody was spoken to, so it goes up; it is not closed",
    }[rung.channel]
    bounds = [reason.text for reason in decision.reasons if reason.code.endswith(".opens") and reason.binding]
    return "; ".join([said, *bounds])

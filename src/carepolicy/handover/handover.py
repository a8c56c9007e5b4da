"""A handover: one frozen document from which the next person confirms instead of asking, so that nobody repeats."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from carepolicy._instant import NEVER, maybe_moment
from carepolicy.handover.document import (
    Chaser,
    Choice,
    Contingency,
    Contradiction,
    Gap,
    Known,
    Link,
    NextAction,
    Owed,
    Person,
    Question,
    Said,
    Tried,
    Waiting,
)

if TYPE_CHECKING:
    import pendulum

    from carepolicy.handover.accepting import ReadBack
    from carepolicy.handover.freshness import Difference
    from carepolicy.plan import Plan
    from carepolicy.recovery import Option, Recovery
    from carepolicy.redact import RedactionPolicy
    from carepolicy.severity import Severity, Stake
    from carepolicy.timeline import Timeline

PREPARED, ACCEPTED, REFUSED, RETURNED = "prepared", "accepted", "refused", "returned"
"""What has become of a handover."""


@attrs.frozen(kw_only=True)
class Handover:
    """What the next person needs to know about a case, as known at one instant.

    Build it with `Handover.prepare`. Texts are raw, as the log has them; each rendering escapes them for its own sink.
    Instants are UTC microseconds; NEVER where nobody said.

    Args:
        customer, case: Whom and what it is about.
        to, sender: Who is to take over, and from whom.
        at_us: As of when.
        last_event, last_event_us: The last event that was seen: its id, and when it happened.
        seen: The ids of all events that it was made from, sorted.
        digest: What these events said, as one hash.
        zone: The zone that the reader thinks in; sentences speak in it.
        customer_zone: The customer's zone; "" where nobody said.
        severity: A band of severity; "" for not known.
        severity_why: Why it is that severe, or what makes it unknown; a sentence each.
        mood: How the customer may feel: "calm", "worn" or "angry"; always inferred from what happened.
        mood_why: What it is inferred from.
        title: Who, what and where, in one line.
        subject: What the case is about, in the words of the log; None where it does not say.
        place: The event that says who has it now; None where nobody does.
        confirmation: What to say first: it confirms, and does not ask.
        summary: One paragraph.
        known: The facts that we have: confirm them, never ask again.
        wanted: What the customer wants, in their own words; None where nobody asked.
        tried: What was tried, and how it ended.
        promises: What is still owed, both ways.
        people: Who has to do with it.
        options: What can be offered, and what was refused.
        next_action: One person, one instant, one zone.
        contingencies: What is done if something happens, or does not.
        last_contact: The last contact with the customer; None where there was none.
        next_contact: When the customer is to hear from us next; None where nothing was agreed.
        chasers: The times that the customer had to ask.
        contradictions: What in the log cannot be.
        unanswered: The messages of the customer that nobody has answered.
        waiting: Who waits for whom, from the customer on.
        questions: The few questions that are truly open.
        gaps: What is missing or vague, the most harmful first.
        plan: The version of the plan that it was prepared with; "" for none.
        status: "prepared", "accepted", "refused" or "returned".
        accepted_by, accepted_us: Who took it over, and when.
        read_back: What the receiver repeated: (part, words).
        previous: The handovers before it, the first one first.
        redactions: What was taken out for its reader, a sentence each.
    """

    customer: str = ""
    case: str = ""
    to: str = ""
    sender: str = ""
    at_us: int = NEVER
    last_event: str = ""
    last_event_us: int = NEVER
    seen: tuple[str, ...] = ()
    digest: str = ""
    zone: str = "UTC"
    customer_zone: str = ""
    severity: str = ""
    severity_why: tuple[str, ...] = ()
    mood: str = ""
    mood_why: tuple[str, ...] = ()
    title: str = ""
    subject: Said | None = None
    place: Said | None = None
    confirmation: str = ""
    summary: str = ""
    known: tuple[Known, ...] = ()
    wanted: Said | None = None
    tried: tuple[Tried, ...] = ()
    promises: tuple[Owed, ...] = ()
    people: tuple[Person, ...] = ()
    options: tuple[Choice, ...] = ()
    next_action: NextAction | None = None
    contingencies: tuple[Contingency, ...] = ()
    last_contact: Said | None = None
    next_contact: NextAction | None = None
    chasers: tuple[Chaser, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    unanswered: tuple[Said, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    questions: tuple[Question, ...] = ()
    gaps: tuple[Gap, ...] = ()
    plan: str = ""
    status: str = PREPARED
    accepted_by: str = ""
    accepted_us: int = NEVER
    read_back: tuple[tuple[str, str], ...] = ()
    previous: tuple[Link, ...] = ()
    redactions: tuple[str, ...] = ()

    @classmethod
    def prepare(
        cls,
        timeline: Timeline,
        case: str = "",
        at: datetime | str = "",
        *,
        to: str = "",
        plan: Plan | None = None,
        sender: str = "",
        customer: str | None = None,
        people: Iterable[Person] = (),
        options: Recovery | Iterable[Option] = (),
        severity: Severity | None = None,
        stakes: Iterable[Stake] = (),
        zone: str = "",
        customer_zone: str = "",
        words: int = 90,
    ) -> Handover:
        """The handover of a case, from what its log says by an instant; no text model is needed.

        Args:
            timeline: The log, of one customer or of many.
            case: The case; may be left out where the log knows one only.
            at: As of when; any aware time.
            to: Who is to take over.
            plan: Whose parties, zone and duties count; without one, only what the log says.
            sender: Who hands over.
            customer: Whose case; may be left out where one customer only has a case of that name.
            people: Owner, scribe, contact and others, as the host knows them.
            options: What can be offered: `Recovery` says what is ready now; bare options are only listed.
            severity: How severe it is, where the host has judged.
            stakes: What the customer would miss.
            zone: The reader's zone; the plan's, else UTC, when left out.
            customer_zone: The customer's zone.
            words: How many words the summary may have.

        Raises:
            InvalidTimeError: If `at` has no zone.
            UnknownNameError: If nobody knew of the case by then, or it is not clear which one is meant.
            InvalidPolicyError: If `words` is too few to say anything, or something is of another kind than asked for.
        """
        from carepolicy.handover import checking
        from carepolicy.handover.preparing import prepare

        checking.texts(case=case, to=to, sender=sender, customer=customer, zone=zone, customer_zone=customer_zone)
        checking.a_timeline(timeline)
        checking.a_plan(plan)
        checking.a_severity(severity)
        return prepare(
            timeline,
            case,
            at,
            to=to,
            plan=plan,
            sender=sender,
            customer=customer,
            people=checking.people(people),
            options=checking.options(options),
            severity=severity,
            stakes=checking.stakes(stakes),
            zone=zone,
            customer_zone=customer_zone,
            words=words,
        )

    @property
    def at(self) -> pendulum.DateTime | None:
        """As of when, in the reader's zone."""
        return maybe_moment(self.at_us, self.zone)

    def missing(self) -> tuple[Gap, ...]:
        """The gaps that a host may refuse to hand over with, the most harmful first."""
        return tuple(gap for gap in self.gaps if gap.required)

    def accept(self, *, by: str, read_back: ReadBack, at: datetime | str, timeline: Timeline | None = None) -> Handover:
        """The handover as taken over by its receiver, who has repeated what matters.

        Args:
            by: Who takes it: a person; the sender cannot.
            read_back: What they say in own words, by part: severity, wanted, next_action, promises.
            at: When.
            timeline: The log as known then, to refuse a handover that is stale.

        Raises:
            InvalidTimeError: If `at` has no zone.
            InvalidPolicyError: If nobody is named, the sender accepts, it is not waiting to be accepted, or is stale.
            ReadBackError: If anything that matters was not repeated; the case stays with the sender.
        """
        from carepolicy.handover import accepting

        return accepting.accept(self, by=by, read_back=read_back, at=at, timeline=timeline)

    def is_stale(self, timeline: Timeline) -> bool:
        """Whether the log knows an event of the case that this handover has not seen."""
        from carepolicy.handover import freshness

        return freshness.is_stale(self, timeline)

    def diff(self, earlier: Handover) -> Difference:
        """What has changed since an earlier handover of the same case."""
        from carepolicy.handover import freshness

        return freshness.diff(self, earlier)

    def redacted(self, *, for_role: str, policy: RedactionPolicy | None = None) -> Handover:
        """The handover as a reader of that role may see it; it says what was taken out.

        Args:
            for_role: Who reads it: "ours", "partner", "customer", or a role that the policy names.
            policy: Who sees what, and what is looked for in free text; the usual one when left out.
        """
        from carepolicy import redact

        return redact.redacted(self, for_role=for_role, policy=policy)

    def to_markdown(self, *, locale: str = "") -> str:
        """The handover as Markdown."""
        from carepolicy.render import markdown

        return markdown.render(self, locale=locale)

    def to_html(self, *, locale: str = "") -> str:
        """The handover as one page of HTML that prints on one sheet."""
        from carepolicy.render import html

        return html.render(self, locale=locale)

    def to_text(self, *, locale: str = "") -> str:
        """The handover as plain text that can be read aloud."""
        from carepolicy.render import text

        return text.render(self, locale=locale)

    def to_slack(self, *, locale: str = "") -> dict[str, Any]:
        """The handover as a message of Slack blocks."""
        from carepolicy.render import slack

        return slack.render(self, locale=locale)

    def to_row(self, *, locale: str = "") -> str:
        """The handover as one row of CSV, without a header."""
        from carepolicy.render import row

        return row.render(self, locale=locale)

    def to_json(self) -> str:
        """The handover as JSON; `from_json` gives the same one back."""
        from carepolicy.handover import codec

        return codec.to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Handover:
        """The handover of a JSON text.

        Raises:
            InvalidPolicyError: If it is not one, or one of another version.
        """
        from carepolicy.handover import codec

        return codec.from_json(text)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON Schema of `to_json`."""
        from carepolicy.handover import codec

        return codec.json_schema()

    def _repr_html_(self) -> str:
        from carepolicy.render import html

        return html.fragment(self)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

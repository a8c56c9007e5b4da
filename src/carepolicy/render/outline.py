"""The outline of a handover: sections of labelled lines in raw text, which every rendering walks.

It is the only place that knows which field stands where, so no rendering can lose one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from carepolicy._instant import NEVER
from carepolicy.handover.document import NextAction, Owed, Person, Said
from carepolicy.render.dates import Dates

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover


@attrs.frozen
class Line:
    """One line: what it is, its text, and what belongs to it; all of it raw.

    Args:
        label: What it is; "" where the section's title says it.
        text: The text.
        notes: What belongs to it: source, instant, reason.
    """

    label: str
    text: str
    notes: tuple[str, ...] = ()


@attrs.frozen
class Section:
    """Lines under one title of ours.

    Args:
        code: A stable word.
        title: What readers see.
        lines: At least one.
    """

    code: str
    title: str
    lines: tuple[Line, ...]


@attrs.frozen
class Outline:
    """A handover in the order of its reading.

    Args:
        title: Who, what and where.
        about: Whose it is, for whom, as of when.
        sections: What to say first and to do next, what is missing, then the details; none is empty.
    """

    title: str
    about: tuple[Line, ...]
    sections: tuple[Section, ...]


TITLES = {
    "say_first": "Say first",
    "next": "Do next",
    "missing": "Find out",
    "wanted": "What they want",
    "summary": "In short",
    "owed": "Still owed",
    "unanswered": "Not answered yet",
    "contradictions": "Cannot be: ask",
    "waiting": "Who waits for whom",
    "chasers": "Times they had to ask",
    "stands": "How it stands",
    "options": "What can be offered",
    "contingencies": "If it goes otherwise",
    "known": "Known: never ask again",
    "questions": "Open questions",
    "tried": "What was tried",
    "missing_too": "Also missing",
    "people": "People",
    "judged": "Why we judge it so",
    "handed": "Handed over",
    "redacted": "Taken out for this reader",
    "source": "Made from",
}
"""The sections that there are, in their order, with their titles."""
FOREMOST = 3
"""How many of the gaps stand on top: the most harmful ones, and all that must be filled before it is handed over."""
FIRST = ("say_first", "next", "missing")
"""The sections that stand on top: they are read within seconds."""


def outline(handover: Handover, locale: str = "") -> Outline:
    """The outline of a handover.

    Args:
        handover: Any.
        locale: For the dates; "" for English.

    Raises:
        MissingExtraError: If a locale is asked for and babel is not installed.
        UnknownNameError: If the locale is not known.
    """
    told = _Telling(handover, Dates(handover.zone, handover.customer_zone, locale))
    sections = ((code, title, tuple(getattr(told, code)())) for code, title in TITLES.items())
    return Outline(
        handover.title or handover.case or "Handover",
        tuple(told.about()),
        tuple(Section(code, title, lines) for code, title, lines in sections if lines),
    )


class _Telling:
    """The lines of each section, by its code."""

    def __init__(self, handover: Handover, dates: Dates) -> None:
        self.h, self.dates = handover, dates

    def about(self) -> Iterator[Line]:
        h, dates = self.h, self.dates
        zones = f"{h.zone}, customer: {h.customer_zone}" if h.customer_zone not in ("", h.zone) else h.zone
        named = (
            ("For", h.to),
            ("From", h.sender),
            ("Customer", h.customer),
            ("Case", h.case),
            ("As of", dates.when(h.at_us)),
            ("Times in", zones),
            ("Severity", h.severity or "not known"),
            ("Mood", f"{h.mood} (inferred)" if h.mood else ""),
            ("Status", h.status),
        )
        return (Line(label, text) for label, text in named if text)

    def say_first(self) -> Iterator[Line]:
        return _lines("", [self.h.confirmation])

    def next(self) -> Iterator[Line]:
        for label, action in (("", self.h.next_action), ("next contact by ", self.h.next_contact)):
            if action is not None:
                yield self._action(label, action)

    def _action(self, label: str, action: NextAction) -> Line:
        by = self.dates.when(action.at_us, action.zone)
        who = action.who or "nobody named"
        return Line(label + who, action.what, _some(f"by {by}" if by else "no time named", action.why))

    def missing(self) -> Iterator[Line]:
        return self._gaps(foremost=True)

    def missing_too(self) -> Iterator[Line]:
        return self._gaps(foremost=False)

    def _gaps(self, *, foremost: bool) -> Iterator[Line]:
        for place, gap in enumerate(sorted(self.h.gaps, key=lambda g: g.rank)):
            if (gap.required or place < FOREMOST) == foremost:
                ask = f"ask {gap.of}: {gap.question}" if gap.question else ""
                needed = "needed before it is handed over" if gap.required else ""
                yield Line(gap.part.replace("_", " "), gap.what, _some(ask, gap.harm, needed))

    def wanted(self) -> Iterator[Line]:
        return self._said("", self.h.wanted)

    def summary(self) -> Iterator[Line]:
        return _lines("", [self.h.summary])

    def owed(self) -> Iterator[Line]:
        for owed in self.h.promises:
            yield Line(_both(owed.by, owed.to), owed.what, self._of_owed(owed))

    def _of_owed(self, owed: Owed) -> tuple[str, ...]:
        due, made = self.dates.when(owed.due_us), self.dates.when(owed.made_us)
        return _some(
            f"due {due}" if due else "no date named",
            owed.state,
            "" if owed.kind == "promise" else owed.kind,
            f"given {made}" if made else "",
            "" if owed.role == "us" else _headed("on the side of ", owed.role),
            _headed("reference ", owed.ref),
            _events(owed.evidence),
        )

    def unanswered(self) -> Iterator[Line]:
        return (line for said in self.h.unanswered for line in self._said(said.by, said))

    def contradictions(self) -> Iterator[Line]:
        return (Line(c.code.replace("_", " "), c.what, _some(_events(c.evidence))) for c in self.h.contradictions)

    def waiting(self) -> Iterator[Line]:
        for waits in self.h.waiting:
            since = self.dates.when(waits.since_us)
            whom = f"{waits.who} waits for {waits.on}" if waits.on else f"{waits.who} waits"
            label, text = (whom, waits.what) if waits.what.strip() else ("", whom)
            yield Line(label, text, _some(_headed("since ", since), _events(waits.evidence)))

    def chasers(self) -> Iterator[Line]:
        for chaser in self.h.chasers:
            overdue = (f"overdue then: {what}" for what in chaser.overdue)
            yield Line(chaser.certainty, chaser.said.text, (*self._source(chaser.said), *overdue))

    def stands(self) -> Iterator[Line]:
        for label, said in (
            ("what it is about", self.h.subject),
            ("who has it now", self.h.place),
            ("last contact", self.h.last_contact),
        ):
            yield from self._said(label, said)

    def options(self) -> Iterator[Line]:
        for choice in self.h.options:
            by = self.dates.when(choice.choose_by_us)
            in_time = {None: "", True: "restores them in time", False: "does not restore them in time"}
            yield Line(
                "refused" if choice.refused else "ready",
                choice.name,
                _some(
                    choice.refused,
                    "" if choice.cost is None else f"costs {choice.cost:,.2f}",
                    _headed("needs the word of ", choice.authority),
                    in_time[choice.in_time],
                    _headed("choose by ", by),
                ),
            )

    def contingencies(self) -> Iterator[Line]:
        for case in self.h.contingencies:
            by = self.dates.when(case.by_us)
            yield Line("if", case.when, _some(f"then {case.then}", _headed("look by ", by)))

    def known(self) -> Iterator[Line]:
        for known in self.h.known:
            again = _headed("asked again in ", ", ".join(known.asked_again))
            yield Line(known.fact, known.said.text, (*self._source(known.said), *_some(again)))

    def questions(self) -> Iterator[Line]:
        return (Line(_headed("ask ", q.of), q.text, _some(q.why)) for q in self.h.questions)

    def tried(self) -> Iterator[Line]:
        for tried in self.h.tried:
            more = _events(e for e in tried.evidence if e != tried.said.event)
            words = tried.said.text if tried.said.text != tried.what else ""
            yield Line(tried.ended, tried.what, (*_some(words), *self._source(tried.said), *_some(more)))

    def people(self) -> Iterator[Line]:
        yield from (_person(person) for person in self.h.people if not _is_bare(person))
        yield from _lines("nobody named", [", ".join(p.part for p in self.h.people if _is_bare(p))])

    def judged(self) -> Iterator[Line]:
        yield from _lines("severity", self.h.severity_why)
        yield from _lines("mood", self.h.mood_why)

    def handed(self) -> Iterator[Line]:
        h, when = self.h, self.dates.when
        for link in h.previous:
            notes = _some(
                link.status,
                _headed("prepared ", when(link.prepared_us)),
                _headed("settled ", when(link.settled_us)),
                *(f"learnt: {what}" for what in link.learnt),
                _headed("asked again: ", ", ".join(link.asked_twice)),
            )
            yield Line("before", _both(link.sender, link.to), notes)
        if h.accepted_by or h.accepted_us < NEVER:
            yield Line("accepted by", h.accepted_by or "nobody named", _some(when(h.accepted_us)))
        yield from (Line(f"repeated: {part}", said) for part, said in h.read_back)

    def redacted(self) -> Iterator[Line]:
        return _lines("", self.h.redactions)

    def source(self) -> Iterator[Line]:
        h = self.h
        if h.last_event or h.last_event_us < NEVER:
            yield Line("last event", h.last_event, _some(self.dates.when(h.last_event_us)))
        if h.seen or h.digest:
            yield Line("events seen", str(len(h.seen)), _some(_headed("digest ", h.digest)))
        yield from _lines("plan", [h.plan])

    def _said(self, label: str, said: Said | None) -> Iterator[Line]:
        if said is not None:
            yield Line(label, said.text, self._source(said))

    def _source(self, said: Said) -> tuple[str, ...]:
        """Whose word it is, when, and where it stands in the log."""
        when = self.dates.day(said.at_us) if said.by_the_day else self.dates.when(said.at_us)
        return _some(_both(said.by, said.to), said.channel, when, said.event)


def _person(person: Person) -> Line:
    team = person.team if person.team != person.part else ""
    skills = _headed("can do ", ", ".join(person.competences))
    return Line(person.part, person.name or "nobody named", _some(team, skills, person.reach))


def _is_bare(person: Person) -> bool:
    """Whether nothing is said of a party but that it takes part."""
    return person.team in ("", person.part) and person == Person(part=person.part, team=person.team)


def _lines(label: str, texts: Iterable[str]) -> Iterator[Line]:
    return (Line(label, text) for text in texts if text)


def _some(*notes: str) -> tuple[str, ...]:
    return tuple(note for note in notes if note)


def _both(by: str, to: str) -> str:
    return f"{by} to {to}" if by and to else by or _headed("to ", to)


def _headed(head: str, text: str) -> str:
    return head + text if text else ""


def _events(ids: Iterable[str]) -> str:
    return _headed("see ", ", ".join(ids))

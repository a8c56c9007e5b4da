"""What a person sees: findings and decisions as tables. Needs rich."""

from __future__ import annotations

import json
import os
import shutil
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from carepolicy._instant import ALWAYS, DAY, NEVER, in_words
from carepolicy.audit import Audit
from carepolicy.decision import Decision, Verdict
from carepolicy.finding import POSSIBLE, Finding
from carepolicy.held import Held
from carepolicy.review import Contact, Review

IN_WORDS = {
    "missed": "not done",
    "late": "done late",
    "too_early": "sent too early",
    "forbidden": "wrongly sent",
    "broken_promise": "promise broken",
    "unknown": "not known",
    "silence": "silence",
    "chaser": "customer chased",
    "repeated_question": "asked again",
    "unclear": "unclear message",
    "slipped": "date slipped",
    "stalled": "stalled",
    "drift": "drift",
    "at_risk": "at risk",
    "endemic": "endemic",
}
"""What a kind of finding is called in a table."""
_LASTING = frozenset({"missed", "late", "broken_promise", "unknown", "silence", "stalled"})
_WIDEST, _NARROWEST, _PIPED = 120, 40, 100
_MOST = 200  # rows of a table: more than anybody reads, and rich takes a millisecond for each
_BROKEN_PIPE = 141  # what a shell reports of a program whose reader went away


def write(text: str) -> None:
    """Write to standard output: never fails for what the terminal cannot show, ends quietly when the reader is gone."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains when it closes
        raise SystemExit(_BROKEN_PIPE) from error


def write_lines(rows: Iterable[dict[str, Any]]) -> None:
    """One JSON object a line; in plain ASCII where standard output is not UTF-8."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    write("".join(json.dumps(row, ensure_ascii=plain) + "\n" for row in rows))


def show(*parts: RenderableType) -> None:
    """Print tables and lines, as wide as the terminal, up to 120 columns; COLUMNS or 100 where it is none."""
    width = shutil.get_terminal_size((_PIPED, 24)).columns
    console = Console(file=sys.stdout, width=max(_NARROWEST, min(width, _WIDEST)), markup=False, highlight=False)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    write("\n".join(line.rstrip() for line in captured.get().split("\n")))


def _clean(text: str) -> str:
    """Text of a log on one line, without anything that a terminal would obey."""
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in text).split())


def _table(title: str, *columns: str, leading: int = 0) -> Table:
    """A table in the one style that all have."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", leading=leading)
    table.pad_edge = False
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _titled(title: str, which: str, shown: int, count: int, rest: str = "; --json gives them all") -> str:
    """A title that says what a table leaves out."""
    return title if shown == count else f"{title}: {which} {shown} of {count}{rest}"


def _when(micros: int, zone: str) -> Text:
    """The day on one line, the hour on the next; nothing for ALWAYS and NEVER."""
    if not ALWAYS < micros < NEVER:
        return Text("")
    day, _, hour = in_words(micros, zone).rpartition(" ")
    return Text(f"{day}\n{hour}")


def _whose(thing: Finding | Decision, several: tuple[bool, bool]) -> str:
    """Customer and case, as far as the log has several."""
    customer = f"customer {thing.customer}" if several[0] and thing.customer else ""
    case = f"case {thing.case}" if several[1] and thing.case else ""
    return "\n".join(_clean(part) for part in (customer, case) if part)


def _several(things: Iterable[Finding | Decision | Held]) -> tuple[bool, bool]:
    """Whether there are several customers, and several cases."""
    every = list(things)
    return len({t.customer for t in every}) > 1, len({(t.customer, t.case) for t in every if t.case}) > 1


def count_of(number: int, word: str) -> str:
    """A number with its noun."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def show_audit(audit: Audit, heading: str) -> None:
    """An audit for a person: findings in the order of time, who held the cases, contradictions, totals."""
    several = _several([*audit.findings, *audit.held])
    parts: list[RenderableType] = [Text(heading)]
    if audit.findings:
        parts += ["", _findings(audit, several)]
    if audit.held:
        parts += [_held_by_party(audit) if any(several) else _held(audit)]
    if audit.problems:
        shown = audit.problems[:_MOST]
        title = _titled("What contradicts itself in the log", "the first", len(shown), len(audit.problems), "")
        table = _table(title, "what", "where")
        for problem in shown:
            table.add_row(Text(problem.code.replace("_", " ")), Text(_clean(problem.text)))
        parts += [table]
    show(*parts, Text(_totals(audit)))


def _findings(audit: Audit, several: tuple[bool, bool]) -> Table:
    shown = audit.findings[-_MOST:]
    title = _titled("What went wrong", "the last", len(shown), len(audit))
    table = _table(title, "when", "what, and who", "why, and what should have happened", leading=1)
    table.columns[0].min_width = 15
    table.columns[1].max_width = 17
    for finding in shown:
        when = (
            Text(in_words(finding.at_us, finding.zone, by_the_day=True))
            if finding.by_the_day
            else _when(finding.at_us, finding.zone)
        )
        if finding.kind in _LASTING and finding.at_us < finding.until_us < NEVER:
            when.append(f"\nfor {(finding.until_us - finding.at_us) / DAY:.1f} days", "dim")
        what = Text("")
        if finding.certainty == POSSIBLE:
            what.append("possible:\n", "italic yellow")
        what.append(_in_words(finding.kind), "bold")
        for line in (_clean(finding.detail.replace("_", " ")), _clean(finding.party), _whose(finding, several)):
            what.append(f"\n{line}" if line else "")
        why = Text(_clean(finding.why))
        if finding.instead:
            why.append("\ninstead: ", "dim").append(_clean(finding.instead), "green")
        table.add_row(when, what, why)
    return table


def _held(audit: Audit) -> Table:
    table = _table("Who had the case in hand", "who", "from", "until", "days", "days past a date of theirs")
    table.columns[3].justify = table.columns[4].justify = "right"
    for held in audit.held:
        table.add_row(
            Text(_clean(held.party)),
            *(in_words(us, held.zone) for us in (held.stretches[0][0], held.stretches[-1][1]))
            if held.stretches
            else ("", ""),
            f"{held.days:.1f}",
            f"{held.days_overdue:.1f}",
        )
    return table


def _held_by_party(audit: Audit) -> Table:
    table = _table("Who had the cases in hand", "who", "cases", "days in all", "days past a date of theirs")
    for column in table.columns[1:]:
        column.justify = "right"
    overdue: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    for held in audit.held:
        overdue[held.party] += held.overdue
        cases[held.party] += 1
    for party, days in sorted(audit.days_held().items(), key=lambda pair: -pair[1]):
        table.add_row(Text(_clean(party)), str(cases[party]), f"{days:.1f}", f"{overdue[party] / DAY:.1f}")
    return table


def _in_words(kind: str) -> str:
    return IN_WORDS.get(kind) or _clean(kind.replace("_", " "))


def _totals(audit: Audit) -> str:
    kinds = Counter(f.kind for f in audit.findings)
    possible = Counter(f.kind for f in audit.findings if f.certainty == POSSIBLE)
    parts = [
        f"{_in_words(kind)} {count}" + (f" ({possible[kind]} of them possible)" if possible[kind] else "")
        for kind, count in kinds.most_common()
    ]
    return f"{count_of(len(audit), 'finding')}{': ' if parts else ''}{', '.join(parts)}"


def show_review(review: Review, heading: str, minutes: int | None = None) -> None:
    """A review for a person: what is due, what waits, what is blocked, and when to look again."""
    several = _several(review.decisions)
    work = review.worklist(minutes=minutes)
    parts: list[RenderableType] = [Text(heading), ""]
    parts += [_contacts("Due now", work.to_do, several)] if work.to_do else [Text("Nothing is due now.\n")]
    if work.left_over:
        parts.append(
            _contacts(f"Due now, but beyond the {count_of(minutes or 0, 'minute')} at hand", work.left_over, several)
        )
    waiting = [d for d in review.waiting if d.owes or _is_guarded(d)]
    if waiting:
        parts.append(_decisions("Waits", waiting, several))
    if review.blocked:
        parts.append(_decisions("Not to be done", review.blocked, several))
    allowed = Counter(d.touch for d in review.allowed)
    if allowed:
        names = ", ".join(f"{name} ({count_of(n, 'customer')})" if n > 1 else name for name, n in allowed.items())
        parts.append(Text(f"May be done now, though nobody owes it: {names}"))
    again = review.review_us
    parts.append(
        Text(f"Look again: {in_words(again, review.zone)}, or as soon as something happens")
        if again < NEVER
        else Text("Look again: as soon as something happens")
    )
    show(*parts)


def _is_guarded(decision: Decision) -> bool:
    """Whether a guard, and not only that nothing is owed, makes a decision wait."""
    return any(reason.binding and not reason.code.endswith(".due") for reason in decision.reasons)


def _about(decision: Decision, several: tuple[bool, bool]) -> str:
    whose = [_whose(decision, several), _clean(decision.ref)]
    return "".join(f"\n{part}" for part in whose if part)


def _why(decisions: Iterable[Decision]) -> Text:
    """The reasons that bind, or all of them where none does; each once."""
    texts: dict[str, None] = {}
    for decision in decisions:
        binding = [r for r in decision.reasons if r.binding] or decision.reasons
        texts.update(dict.fromkeys(_clean(reason.text) for reason in binding))
    return Text("\n".join(texts))


def _contacts(title: str, contacts: Sequence[Contact], several: tuple[bool, bool]) -> Table:
    shown = contacts[:_MOST]
    title = _titled(title, "the first", len(shown), len(contacts))
    table = _table(title, "who", "what", "due", "why", leading=1)
    table.columns[2].min_width = 15
    for contact in shown:
        what = Text(f"{contact.channel}: {', '.join(contact.touches)}", "bold")
        whose = dict.fromkeys(_about(d, several) for d in contact.purposes)
        what.append("".join(whose), "not bold")
        due = _when(contact.due_us, contact.purposes[0].zone)
        if contact.purposes[0].verdict == Verdict.OVERDUE:
            due = Text("overdue since\n" if due else "overdue", "red").append(due)
        table.add_row(Text(_clean(contact.owner)), what, due, _why(contact.purposes))
    return table


_VERDICTS = {Verdict.REDIRECT: "another contact instead", Verdict.TOO_LATE: "too late"}


def _decisions(title: str, decisions: Sequence[Decision], several: tuple[bool, bool]) -> Table:
    shown = decisions[:_MOST]
    title = _titled(title, "the first", len(shown), len(decisions))
    table = _table(title, "what", "when", "why", leading=1)
    table.columns[1].min_width = 15
    for decision in shown:
        what = Text(decision.touch, "bold").append(_about(decision, several), "not bold")
        table.add_row(what, _held_until(decision), _why([decision]))
    return table


def _held_until(decision: Decision) -> Text:
    """Until when a decision waits, or that it does not."""
    if decision.verdict != Verdict.WAIT:
        return Text(_VERDICTS.get(decision.verdict, decision.verdict.value), "yellow")
    edges = {decision.act_us: "from", decision.due_us: "due"}  # one line where the two are the same
    lines = [Text(f"{word} ").append(_when(at, decision.zone)) for at, word in edges.items() if ALWAYS < at < NEVER]
    return Text("\n").join(lines) if lines else Text("until something happens")

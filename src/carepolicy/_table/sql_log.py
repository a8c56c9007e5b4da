"""The log of a warehouse as SQL: each event once, as last known at an instant, marked with what it counts for."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import indent

import attrs

from carepolicy._instant import NEVER
from carepolicy._table.conditions import CONTENT, NOTHING, UNIT, WORDS, Among, Clauses, Folds
from carepolicy._table.dialects import Dialect
from carepolicy.events import NEVER_WRITTEN


def select(items: Iterable[str], source: str, where: Iterable[str] = (), *, by: str = "", verb: str = "select") -> str:
    """One SELECT, an item a line."""
    lines = [verb, ",\n".join(f"  {item}" for item in items), f"from {source}"]
    if conditions := " and ".join(where):
        lines.append(f"where {conditions}")
    if by:
        lines.append(f"group by {by}")
    return "\n".join(lines)


def within(query: str, name: str = "") -> str:
    """A SELECT in brackets, under a name."""
    return f"(\n{indent(query, '  ')}\n)" + (f" as {name}" if name else "")


@attrs.frozen
class Log:
    """Writes the parts of the SELECT that speak of events.

    Args:
        folds: What is folded.
        dialect: For which database.
        has: The columns that the table has.
        at_us: Count what was visible by then; None for everything.
    """

    folds: Folds
    dialect: Dialect
    has: frozenset[str]
    at_us: int | None

    def parts(self, events: str) -> tuple[tuple[str, str], ...]:
        """The parts by name, from the table to the marked events."""
        return (
            ("events_recorded", self._recorded(events)),
            ("events_said", self._said()),
            ("events_visible", self._visible()),
            ("events_again", self._again()),
            ("events_corrected", self._corrected()),
            ("events_known", self._known()),
            ("events_marked", self._marked()),
        )

    def coming(self) -> str:
        """When the next recording of a customer becomes visible."""
        customer = self.dialect.name("customer")
        coming = "1 = 0" if self.at_us is None else f"visible_us > {self.at_us}"
        return select([customer, "min(visible_us) as next_us"], "events_visible", [coming], by=customer)

    def _recorded(self, events: str) -> str:
        """The recordings: cells as text, instants as whole microseconds."""
        name = self.dialect.name
        words = {"id": "", **{c: said for c, said in WORDS.items() if c in {*self.has, *self.folds.columns}}}
        items = [f"{self._cell(column, said)} as {name(column)}" for column, said in words.items()]
        items += [f"{self._micros(column)} as {column}_us" for column in ("at", "recorded_at")]
        items.append(f"{self._due()} as due_us")
        table = ".".join(map(name, events.split(".")))
        return select(items, table, [f"{name('at')} is not null"])

    def _cell(self, column: str, said: str) -> str:
        """A cell as text; `said` if it says nothing."""
        if column not in self.has:
            return self.dialect.literal(said)
        cell = f"trim(cast({self.dialect.name(column)} as {self.dialect.text}))"
        return f"coalesce({f'nullif({cell}, {chr(39) * 2})' if said else cell}, {self.dialect.literal(said)})"

    def _micros(self, column: str) -> str:
        """A timestamp as UTC microseconds."""
        return self.dialect.micros.format(self.dialect.name(column)) if column in self.has else "cast(null as bigint)"

    def _due(self) -> str:
        due = self._micros("due")
        return f"case when {due} < {NEVER_WRITTEN} then {due} else {NEVER} end" if "due" in self.has else str(NEVER)

    def _said(self) -> str:
        """With all that a recording says as one text, as `Event.content` gives it."""
        content = self.dialect.joined.format(", ".join(map(self._text_of, CONTENT)))
        return select(["*", f"{content} as content"], "events_recorded")

    def _text_of(self, column: str) -> str:
        if column not in self.has:
            return self.dialect.literal(NOTHING[column])
        if column in WORDS:
            return self.dialect.name(column)
        text = f"cast({column}_us as {self.dialect.text})"
        return f"coalesce({text}, {self.dialect.literal(NOTHING[column])})" if column in NOTHING else text

    def _visible(self) -> str:
        """With when it became visible, when it was learnt, and the name of the event that it records."""
        name = self.dialect.name
        hashed = f"substr({self.dialect.sha256.format('content')}, 1, 16)"
        items = [
            "*",
            "coalesce(recorded_at_us, at_us) as learnt_us",
            "greatest(at_us, coalesce(recorded_at_us, at_us)) as visible_us",
            f"case when {name('id')} = '' then {hashed} else {name('id')} end as event_id",
        ]
        return select(items, "events_said")

    def _by_now(self) -> list[str]:
        return [] if self.at_us is None else [f"visible_us <= {self.at_us}"]

    def _again(self) -> str:
        """The events that were recorded more than once, or delivered more than once."""
        event = f"{self.dialect.name('customer')}, event_id"
        return select([event], "events_visible", self._by_now(), by=f"{event} having count(*) > 1")

    def _joined(self) -> str:
        customer = self.dialect.name("customer")
        again, visible = f"events_again.{customer}", f"events_visible.{customer}"
        return f"join events_again on {again} = {visible} and events_again.event_id = events_visible.event_id"

    def _corrected(self) -> str:
        """Their recordings, each once: its place, the latest first, and what came before it."""
        text = self.dialect.in_order.format("content")
        event = f"partition by {self.dialect.name('customer')}, event_id"
        latest = f"{event} order by visible_us desc, at_us desc, learnt_us desc, {text} desc"
        items = [
            "*",
            f"row_number() over ({latest}) as nth",
            f"max(at_us) over ({latest} rows between 1 following and unbounded following) as before_us",
            f"min(visible_us) over ({event}) as first_us",
        ]
        each = select(["events_visible.*"], f"events_visible {self._joined()}", self._by_now(), verb="select distinct")
        return select(items, within(each, "each_once"))

    def _known(self) -> str:
        """Each event once, as last known; the first recording made it visible, and sets its place in the order."""
        cells = [self.dialect.name(c) for c in WORDS if c in {*self.has, *self.folds.columns}]
        cells += ["at_us", "due_us"]
        first = "greatest(first_us, before_us)"
        order = (
            f"case when before_us is null then learnt_us when {first} > at_us or recorded_at_us is not null "
            f"then {first} else at_us end as order_us"
        )
        corrected = select([*cells, "event_id", order], "events_corrected", ["nth = 1"])
        cells = [f"events_visible.{cell}" for cell in (*cells, "event_id", "learnt_us as order_us")]
        once = ["events_again.event_id is null", *self._by_now()]
        return f"{select(cells, f'events_visible left {self._joined()}', once)}\nunion all\n{corrected}"

    def _marked(self) -> str:
        """What each event counts for."""
        marks = [f"{self._any(group)} as {mark}" for mark, group in self.folds.marks.items()]
        unit = [self.dialect.name(column) for column in UNIT if column in self.folds.columns]
        return select([*unit, "at_us", "due_us", "order_us", "event_id", *marks], "events_known")

    def _any(self, group: tuple[Clauses, ...]) -> str:
        """Whether any of some conditions holds."""
        return " or ".join(" and ".join(map(self._either, clauses)) or "true" for clauses in group)

    def _either(self, clause: tuple[Among, ...]) -> str:
        found = " or ".join(map(self._among, clause))
        return f"({found})" if len(clause) > 1 else found

    def _among(self, among: Among) -> str:
        cell, words = self.dialect.name(among.column), [self.dialect.literal(word) for word in among.words]
        if len(words) == 1:
            return f"{cell} {'=' if among.inside else '<>'} {words[0]}"
        return f"{cell} {'in' if among.inside else 'not in'} ({', '.join(words)})"

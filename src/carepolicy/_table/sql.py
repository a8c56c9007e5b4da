"""The folds of a plan as one SELECT, for people who fold in their warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from carepolicy._instant import NEVER, to_micros
from carepolicy._table.conditions import ABOUT, KEYS, UNIT, Asked, Folds, columns_of
from carepolicy._table.dialects import Dialect, dialect_of
from carepolicy._table.sql_log import Log, select, within
from carepolicy.facts import CUSTOMER, REF
from carepolicy.folds import First, KthLatest, Last
from carepolicy.threads import EarliestOpen, LastWhile

if TYPE_CHECKING:
    from carepolicy.plan import Plan

_UP_TO_HERE = "rows between unbounded preceding and current row"


def facts_sql(
    plan: Plan,
    events: str = "events",
    *,
    at: datetime | str | None = None,
    dialect: str = "duckdb",
    columns: Iterable[str] | None = None,
) -> str:
    """One SELECT that gives the facts of a plan from a table of events: what `Plan.fold` comes to, as a table.

    It gives one row for each unit (`scope`, `customer`, `case`, `ref`, `party`), `next_visible`, and a column for each
    fact of `plan.facts`: a timestamp, or whole UTC microseconds where a due date may be NEVER; null where nothing has
    happened. Rows come in no order.

    The table has the columns of a log (`carepolicy.events.COLUMNS`), times as timestamps with a zone or in UTC. Read
    are `id`, `at`, `recorded_at`, `kind`, `customer` and those that the facts hang on, unless `columns` says what there
    is. A row without `at` is left out. Rows without an `id` are one event if they differ in nothing that is read.

    Args:
        plan: Whose facts.
        events: The name of the table or view, its parts with dots between.
        at: Count what was known by then, as `Plan.fold` does; everything when left out.
        dialect: "duckdb", "postgres", "snowflake", "bigquery" or "spark".
        columns: The columns of a log that the table has, all of which are read then: of another one nothing was said.

    Raises:
        InvalidPolicyError: If a fact is folded by a class of your own.
        InvalidTableError: If `columns` lack `at` or `kind`.
        UnknownNameError: If the dialect is not known.
    """
    folds, written = Folds.of(plan), dialect_of(dialect)
    has = frozenset(folds.columns) if columns is None else columns_of(columns)
    at_us = None if at is None else to_micros(at)
    return _Writer(folds, written, Log(folds, written, has, at_us)).text(events)


@attrs.frozen
class _Writer:
    """Writes the SELECT: the facts from the events, and a row for each unit from the facts."""

    folds: Folds
    dialect: Dialect
    log: Log

    def text(self, events: str) -> str:
        """The whole."""
        parts = [
            *self.log.parts(events),
            *((f"units_{scope}", self._units(scope)) for scope in self.folds.by_scope),
            *((self._source(asked), self._fact(asked)) for asked in self.folds.asked if not asked.is_plain),
            ("units_all", self._all_units()),
            ("events_coming", self.log.coming()),
        ]
        return "with " + ",\n".join(f"{name} as {within(body)}" for name, body in parts) + f"\n{self._rows()}\n"

    def _keys(self, names: Iterable[str]) -> str:
        return ", ".join(map(self.dialect.name, names))

    def _of_scope(self, scope: str) -> list[str]:
        """What an event must say to be about a unit of this scope."""
        return [f"{self.dialect.name(ABOUT[scope])} <> ''"] if scope in ABOUT else []

    def _units(self, scope: str) -> str:
        """The units of a scope of which something is known, with the facts that are mere extremes."""
        marks = " or ".join(self.folds.marks_of(scope))
        plain = [
            f"{'min' if isinstance(a.fact, First) else 'max'}(case when {a.marks[0]} then at_us end) "
            f"as {self.dialect.name(a.name)}"
            for a in self.folds.by_scope[scope]
            if a.is_plain
        ]
        keys = self._keys(KEYS[scope])
        return select([keys, *plain], "events_marked", [f"({marks})", *self._of_scope(scope)], by=keys)

    def _source(self, asked: Asked) -> str:
        """Where a fact stands."""
        return f"units_{asked.fact.scope}" if asked.is_plain else self.dialect.name(f"fact_{asked.name}")

    def _order(self, direction: str) -> str:
        """By what events compete."""
        columns = ("at_us", "order_us", self.dialect.in_order.format("event_id"))
        return "order by " + ", ".join(f"{column} {direction}" for column in columns)

    def _count(self, condition: str, keys: Iterable[str], direction: str) -> str:
        """How many events of a unit or thread met a condition, up to each event."""
        over = f"partition by {self._keys(keys)} {self._order(direction)} {_UP_TO_HERE}"
        return f"sum(case when {condition} then 1 else 0 end) over ({over})"

    def _fact(self, asked: Asked) -> str:
        """A fact that hangs on the order of its events, for each unit."""
        match asked.fact:
            case Last() | KthLatest():
                return self._nth_latest(asked)
            case EarliestOpen():
                return self._earliest_open(asked)
            case LastWhile():
                return self._last_while(asked)
            case _:
                return self._latest_stretch(asked)

    def _events(self, asked: Asked, items: Iterable[str], keys: Iterable[str]) -> str:
        """The events that a fact hangs on."""
        marks = " or ".join(asked.marks)
        return select([self._keys(keys), *items], "events_marked", [f"({marks})", *self._of_scope(asked.fact.scope)])

    def _nth_latest(self, asked: Asked) -> str:
        keys, number = KEYS[asked.fact.scope], getattr(asked.fact, "k", 1)
        value = "due_us" if asked.of_due else "at_us"
        rank = f"row_number() over (partition by {self._keys(keys)} {self._order('desc')}) as nth"
        events = self._events(asked, [f"{value} as value_us", rank], keys)
        return select([self._keys(keys), "value_us"], within(events, "ranked"), [f"nth = {number}"])

    def _earliest_open(self, asked: Asked) -> str:
        """Of each thread the latest opening, unless something that ends it is as late."""
        opens, ends = asked.marks
        keys = self._keys(KEYS[asked.fact.scope])
        items = [
            f"{'due_us' if asked.of_due else 'at_us'} as value_us",
            f"{opens} as opens",
            f"{self._count(opens, asked.threads, 'desc')} as openings",
            f"{self._count(ends, asked.threads, 'desc')} as endings",
        ]
        threads = within(self._events(asked, items, asked.threads), "threads")
        return select([keys, "min(value_us) as value_us"], threads, ["opens", "openings = 1", "endings = 0"], by=keys)

    def _last_while(self, asked: Asked) -> str:
        """Each talk beside the latest date stated by then: the dates cut the history into chapters."""
        talks, dates = asked.marks
        keys = self._keys(KEYS[asked.fact.scope])
        chapter = f"{self._count(dates, KEYS[asked.fact.scope], 'asc')} as chapter"
        items = ["at_us", f"{talks} as talks", f"case when {dates} then due_us end as stated_us", chapter]
        chapters = within(self._events(asked, items, KEYS[asked.fact.scope]), "chapters")
        ahead = f"max(stated_us) over (partition by {keys}, chapter) as ahead_us"
        told = within(select([keys, "at_us", "talks", ahead], chapters), "told")
        return select(
            [keys, "max(at_us) as value_us"], told, ["talks", "ahead_us >= at_us", f"ahead_us < {NEVER}"], by=keys
        )

    def _latest_stretch(self, asked: Asked) -> str:
        """Of each thread the first beginning that nothing ended, and of these the latest."""
        begins, ends = asked.marks
        keys, threads = self._keys(KEYS[asked.fact.scope]), self._keys(asked.threads)
        endings = f"{self._count(f'{ends} and not {begins}', asked.threads, 'desc')} as endings"
        edges = within(self._events(asked, ["at_us", f"{begins} as begins", endings], asked.threads), "edges")
        begun = select([threads, "min(at_us) as value_us"], edges, ["begins", "endings = 0"], by=threads)
        return select([keys, "max(value_us) as value_us"], within(begun, "begun"), by=keys)

    def _all_units(self) -> str:
        """Every unit, and every customer of whom anything is known."""
        customer = self.dialect.name(CUSTOMER)
        anybody = "\nunion all\n".join(select([customer], f"units_{scope}") for scope in self.folds.by_scope)
        selects = [select(self._unit(CUSTOMER), within(anybody, "anybody"), by=customer)]
        selects += [select(self._unit(scope), f"units_{scope}") for scope in self.folds.by_scope if scope != CUSTOMER]
        return "\nunion all\n".join(selects)

    def _unit(self, scope: str) -> Iterator[str]:
        yield f"'{scope}' as {self.dialect.name('scope')}"
        for column in UNIT:
            name = self.dialect.name(column)
            yield name if column in KEYS[scope] else f"'' as {name}"

    def _rows(self) -> str:
        """Every unit with its facts and those of what it lies in."""
        name, instant = self.dialect.name, self.dialect.instant.format
        items = [f"units_all.{name(column)}" for column in ("scope", *UNIT)]
        items.append(f"{instant('events_coming.next_us')} as {name('next_visible')}")
        for asked in self.folds.asked:
            value = f"{self._source(asked)}.{name(asked.name) if asked.is_plain else 'value_us'}"
            if asked.of_due and not asked.is_number:
                value = f"nullif({value}, {NEVER})"
            items.append(f"{value if asked.is_number else instant(value)} as {name(asked.name)}")
        joins = [self._join("events_coming", CUSTOMER)]
        joins += [self._join(f"units_{scope}", scope) for scope in self.folds.by_scope]
        joins += [self._join(self._source(a), a.fact.scope) for a in self.folds.asked if not a.is_plain]
        return "\n".join([select(items, "units_all"), *joins])

    def _join(self, source: str, scope: str) -> str:
        same = [f"{source}.{self.dialect.name(c)} = units_all.{self.dialect.name(c)}" for c in KEYS[scope]]
        if scope == REF:  # a party has no case, and so no part of one
            same.append(f"units_all.{self.dialect.name('party')} = ''")
        return f"left join {source} on {' and '.join(same)}"

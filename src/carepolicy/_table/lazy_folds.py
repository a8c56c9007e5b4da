"""The facts of a plan as lazy expressions on the marked events of a log."""

from __future__ import annotations

import polars as pl

from carepolicy._instant import NEVER
from carepolicy._table.conditions import ABOUT, KEYS, UNIT, Asked, Folds
from carepolicy._table.lazy_log import INSTANT, marked, next_visible, recorded
from carepolicy.facts import CUSTOMER, PARTY, REF
from carepolicy.folds import First, KthLatest, Last
from carepolicy.threads import EarliestOpen, LastWhile

_AT, _DUE, _NTH = pl.col("at_us"), pl.col("due_us"), pl.col("nth")


def facts_of(folds: Folds, events: pl.LazyFrame, at_us: int | None) -> pl.LazyFrame:
    """Every unit with its facts and those of what it lies in."""
    log = recorded(events).cache()  # both are read more than once
    history = marked(log, folds, at_us).cache()
    facts = {scope: _facts_of_scope(history, folds, scope) for scope in folds.by_scope}
    rows = _units(facts).join(next_visible(log, at_us), on=CUSTOMER, how="left")
    for scope, frame in facts.items():
        if scope == REF:  # a party has no case, and so no part of one
            rows = rows.join(frame.with_columns(party=pl.lit("")), on=[*KEYS[REF], PARTY], how="left")
        else:
            rows = rows.join(frame, on=list(KEYS[scope]), how="left")
    return rows.select("scope", *UNIT, "next_visible", *map(_instant, folds.asked))


def _instant(asked: Asked) -> pl.Expr:
    """A fact as a timestamp, or as a number where no timestamp says its values."""
    value = pl.col(asked.name)
    if asked.is_number:
        return value
    if asked.of_due:
        value = pl.when(value != NEVER).then(value)
    return value.cast(INSTANT).alias(asked.name)


def _units(facts: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Every unit, and every customer of whom anything is known."""
    anybody = pl.concat([frame.select(CUSTOMER) for frame in facts.values()]).unique()
    frames = {CUSTOMER: anybody, **{scope: frame for scope, frame in facts.items() if scope != CUSTOMER}}
    return pl.concat(
        frame.select(
            pl.lit(scope).alias("scope"), *(pl.col(c) if c in KEYS[scope] else pl.lit("").alias(c) for c in UNIT)
        )
        for scope, frame in frames.items()
    )


def _facts_of_scope(history: pl.LazyFrame, folds: Folds, scope: str) -> pl.LazyFrame:
    """The facts of the units of a scope of which something is known."""
    keys = list(KEYS[scope])
    about = history.filter(pl.col(ABOUT[scope]) != "") if scope in ABOUT else history
    asked = folds.by_scope[scope]
    simple = [_value(a).alias(a.name) for a in asked if not _is_joined(a)]
    frame = about.filter(pl.any_horizontal(folds.marks_of(scope))).group_by(keys).agg(simple)
    for one in asked:
        if _is_joined(one):
            frame = frame.join(_fact(about, one, keys), on=keys, how="left")
    return frame


def _is_joined(asked: Asked) -> bool:
    """Whether a fact takes more than one look at the events of a unit."""
    return not isinstance(asked.fact, (Last, First, KthLatest))


def _value(asked: Asked) -> pl.Expr:
    """A fact of one look at the events of a unit, which are in order."""
    (mark,) = map(pl.col, asked.marks)
    if isinstance(asked.fact, First):
        return _AT.filter(mark).min()
    if isinstance(asked.fact, KthLatest):
        return pl.when(mark.sum() >= asked.fact.k).then(_AT.filter(mark).tail(asked.fact.k).first())
    return _DUE.filter(mark).last() if asked.of_due else _AT.filter(mark).max()


def _fact(events: pl.LazyFrame, asked: Asked, keys: list[str]) -> pl.LazyFrame:
    """A fact of threads or chapters, for each unit."""
    first, second = map(pl.col, asked.marks)
    events = events.filter(first | second)
    if isinstance(asked.fact, LastWhile):
        stated = pl.when(second).then(_DUE).forward_fill().over(keys)
        told = events.with_columns(stated_us=stated).filter(
            first, _AT <= pl.col("stated_us"), pl.col("stated_us") < NEVER
        )
        return told.group_by(keys).agg(_AT.max().alias(asked.name))
    threads = events.group_by(asked.threads)
    if isinstance(asked.fact, EarliestOpen):
        value = (_DUE if asked.of_due else _AT).filter(first).last()
        still = _NTH.filter(first).max() > _NTH.filter(second).max().cast(pl.Int64).fill_null(-1)
        return (
            threads.agg(value.alias(asked.name), still=still)
            .filter("still")
            .group_by(keys)
            .agg(pl.col(asked.name).min())
        )
    ended = _NTH.filter(second & ~first).max().cast(pl.Int64).fill_null(-1)
    begun = threads.agg(_AT.filter(first & (_NTH > ended)).min().alias(asked.name))
    return begun.group_by(keys).agg(pl.col(asked.name).max())

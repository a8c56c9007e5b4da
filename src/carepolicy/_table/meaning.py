"""What a fact means, in words, from its declaration: for whoever has to supply the column."""

from __future__ import annotations

from carepolicy.facts import Fact, Which
from carepolicy.folds import DUE, First, KthLatest, Last
from carepolicy.threads import EarliestOpen, Intervals, LastWhile


def meaning_of(fact: Fact) -> str:
    """One phrase.

    >>> from carepolicy import last
    >>> meaning_of(last("survey"))
    'when the latest survey of the customer was'
    """
    match fact:
        case Last(gives=gives):
            what, verb = f"the latest {_events(fact)}", "falls due" if gives == DUE else "was"
        case First():
            what, verb = f"the first {_events(fact)}", "was"
        case KthLatest(k=k):
            what, verb = f"the latest but {k - 1} {_events(fact)}" if k > 1 else f"the latest {_events(fact)}", "was"
        case EarliestOpen(gives=gives):
            what = f"the earliest {_events(fact)} that has not ended"
            verb = "falls due" if gives == DUE else "was"
        case LastWhile():
            what, verb = f"the latest {_events(fact)} with a stated date still ahead", "was"
        case Intervals():
            what, verb = f"the latest {_events(fact)} that has not ended", "was"
        case _:
            return f"what {fact!r} comes to"
    return f"when {what} of the {fact.scope} {verb}"


def _events(fact: Fact) -> str:
    return " or ".join(_words(which) for which in fact.conditions()[0])


def _words(which: Which) -> str:
    """The events of a condition."""
    kinds = " or ".join(which.kind) or which.named or "event"
    said = [*which.direction, *which.channel, *which.outcome, *which.author, *which.purpose]
    said += ["conversation"] if which.conversation else []
    said += [f"by {' or '.join(which.by)}"] if which.by else []
    return f"{kinds} ({', '.join(said)})" if said else kinds

"""The command `carepolicy`: hold a log against a plan, review it, decide a table, hand a case over, read a plan aloud.

It is a thin layer over `Plan.audit`, `Plan.review`, `decide_table`, `Handover` and `Plan.explain`. It ends with 0 when
all is well, with 1 when `--fail-on` found something, and with 2 when what it was given cannot be used. It needs the
extra `cli`.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from carepolicy import _reading
from carepolicy._instant import in_words, to_moment, zone_of
from carepolicy._rows import read_time
from carepolicy._table.frames import CHUNK
from carepolicy.audit import Audit
from carepolicy.errors import CarePolicyError, InvalidEventError, UnknownNameError
from carepolicy.finding import KINDS
from carepolicy.plan import Plan

if TYPE_CHECKING:
    import typer

FOUND, REFUSED = 1, 2
ANY = "any"
EVERY = 1000  # rows between two movements of the bar


def main() -> None:
    """Run the command; the entry point."""
    try:
        run = app()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"typer", "rich"}:
            raise
        _refuse(f"the command needs {error.name}, which is not installed; pip install 'carepolicy[cli]'")
    run()


def _say(sentence: str) -> None:
    sys.stderr.write(f"carepolicy: {' '.join(sentence.split())}\n")


def _refuse(*sentences: str) -> NoReturn:
    for sentence in sentences:
        _say(sentence)
    raise SystemExit(REFUSED)


@contextmanager
def _refusals() -> Iterator[None]:
    """What cannot be used ends the command with a sentence for each problem, and no traceback."""
    try:
        yield
    except _reading.UnreadableLogError as error:
        _refuse(*error.sentences)
    except CarePolicyError as error:
        _refuse(str(error))
    except OSError as error:  # of standard output: a full disk
        _refuse(f"output cannot be written: {error.strerror or error}; make room, or write it elsewhere")


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _kinds_to_fail_on(text: str) -> tuple[str, ...]:
    """The kinds that `--fail-on` names.

    Raises:
        UnknownNameError: If one is not a kind of finding.
    """
    names = _names(text)
    for name in names:
        if name not in (*KINDS, ANY):
            raise UnknownNameError(f"--fail-on is not a kind of finding: {name!r}; use {ANY}, or {', '.join(KINDS)}")
    return KINDS if ANY in names else tuple(names)


def _watched(rows: list[Any]) -> Iterator[Any]:
    """The rows one by one, under a bar."""
    from carepolicy._bar import progress

    with progress("reading the log", len(rows)) as advance:
        for number, row in enumerate(rows, start=1):
            yield row
            if number % EVERY == 0:
                advance(EVERY)


def _load(log: str, plan: str, zone: str, kinds: str, *, lenient: bool) -> tuple[Plan, _reading.Log, str]:
    """The plan, the log, and the zone of wall times; says on standard error what was left out."""
    rules = _reading.read_plan(plan)
    where = zone or rules.calendar.zone
    zone_of(where)
    found = _reading.read_log(log, zone=where, kinds=_names(kinds), lenient=lenient, watch=_watched)
    for sentence in found.notes:
        _say(sentence)
    for sentence in found.left_out:
        _say(f"left out: {sentence}")
    return rules, found, where


def _named(plan: Plan, source: str) -> str:
    return f"plan {plan.name or source} (version {plan.version})"


def _audit(
    log: str, plan: str, zone: str, until: str, kinds: str, fail_on: str, *, as_json: bool, lenient: bool
) -> None:
    from carepolicy import _rendering
    from carepolicy._bar import progress

    failing = _kinds_to_fail_on(fail_on)
    rules, found, where = _load(log, plan, zone, kinds, lenient=lenient)
    timeline = found.timeline
    if until:
        until_us = read_time(until, where, "--until")
    elif timeline.recordings:
        until_us = timeline.recordings[-1].visible_us  # they are in the order in which they became known
    else:
        raise InvalidEventError(f"log has no events: {log!r}; name the instant to judge at with --until")
    with progress("holding the log against the plan"):
        audit = rules.audit(timeline, to_moment(until_us))
    if as_json:
        _rendering.write_lines(finding.to_data() for finding in audit)
    else:
        known = len(timeline.as_of(to_moment(until_us)))
        _rendering.show_audit(audit, _heading(log, rules, plan, audit, known))
    if audit.of_kind(*failing):
        raise SystemExit(FOUND)


def _heading(log: str, rules: Plan, plan: str, audit: Audit, known: int) -> str:
    from carepolicy import _rendering

    until = in_words(audit.until_us, audit.zone)
    return (
        f"{log} held against {_named(rules, plan)}\n"
        f"{_rendering.count_of(known, 'event')}, as known on {until}; times are those of {audit.zone}"
    )


def _review(
    log: str,
    plan: str,
    zone: str,
    at: str,
    kinds: str,
    roster: str,
    minutes: int | None,
    *,
    as_json: bool,
    lenient: bool,
) -> None:
    from carepolicy import _rendering
    from carepolicy._bar import progress

    customers = _reading.read_roster(roster) if roster else []
    rules, found, where = _load(log, plan, zone, kinds, lenient=lenient)
    moment = to_moment(read_time(at, where, "--at"))
    known = found.timeline.as_of(moment)  # nothing recorded later is used, not even to say when to look again
    with progress("reviewing"):
        review = rules.review(known, moment, roster=customers)
    if as_json:
        _rendering.write_lines(decision.to_data() for decision in review)
        return
    heading = (
        f"{log} under {_named(rules, plan)}, reviewed at {in_words(review.at_us, review.zone)}\n"
        f"{len(known)} of {len(found.timeline)} events were known then; times are those of {review.zone}"
    )
    _rendering.show_review(review, heading, minutes)


def _decide(facts: str, plan: str, at: str, out: str, columns: list[str], *, quiet: bool, **options: Any) -> None:
    from functools import partial

    from carepolicy import _rendering
    from carepolicy._bar import progress
    from carepolicy._deciding import decide_file

    pairs = [pair.partition("=") for pair in columns]
    for ours, _, theirs in pairs:
        if not (ours and theirs):
            raise UnknownNameError(f"--columns is not a pair: {ours!r}; write ours=theirs, as customer=client")
    named = {ours: theirs for ours, _, theirs in pairs}
    rules = _reading.read_plan(plan)
    done = decide_file(facts, rules, at, out, bar=partial(progress, quiet=quiet), say=_say, columns=named, **options)
    if not quiet:
        counts = f"{_rendering.count_of(done.decisions, 'decision')} about {_rendering.count_of(done.rows, 'row')}"
        _rendering.write(f"{counts} of {facts} under {_named(rules, plan)}: {out}\n")


def app() -> "typer.Typer":
    """The commands with their options; built when called, as typer is an extra."""
    import typer

    from carepolicy import _handing, _rendering

    command = typer.Typer(
        help="Customer-care policies: when to call, when to ask, what was promised, and why.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # they would print what the log says of customers
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    Log = Annotated[  # noqa: N806
        str, typer.Argument(help="The log: CSV, JSON Lines (.jsonl) or Parquet (.parquet); - is CSV on standard input.")
    ]
    PlanName = Annotated[str, typer.Option("--plan", help="A plan by name, or a .toml or .json file.")]  # noqa: N806
    Zone = Annotated[  # noqa: N806
        str, typer.Option(help="Zone of times without an offset, as Europe/Paris; the plan's when left out.")
    ]
    Json = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of tables.")]  # noqa: N806
    Lenient = Annotated[bool, typer.Option("--lenient", help="Leave out bad rows, and say which.")]  # noqa: N806
    Kinds = Annotated[str, typer.Option(help="Kinds of event beside the known ones: a,b.")]  # noqa: N806
    Until = Annotated[  # noqa: N806
        str,
        typer.Option(help="Judge what was known by then; when left out, the last that the log says, not the clock."),
    ]
    FailOn = Annotated[  # noqa: N806
        list[str] | None,
        typer.Option(help=f"End with {FOUND} if there is a finding of these kinds: {ANY}, or {', '.join(KINDS)}."),
    ]
    At = Annotated[str, typer.Option(help="The instant to judge at; nothing that was learnt later is used.")]  # noqa: N806
    Roster = Annotated[str, typer.Option(help="A file with one customer a line, heard of or not.")]  # noqa: N806
    Minutes = Annotated[  # noqa: N806
        int | None, typer.Option(min=0, help="Minutes at hand of each owner: what fits comes first.")
    ]

    @command.command()
    def audit(
        log: Log,
        plan: PlanName = "claims",
        until: Until = "",
        zone: Zone = "",
        kinds: Kinds = "",
        fail_on: FailOn = None,
        as_json: Json = False,
        lenient: Lenient = False,
    ) -> None:
        """Say what history did against a plan, with what should have happened."""
        with _refusals():
            _audit(log, plan, zone, until, kinds, ",".join(fail_on or ()), as_json=as_json, lenient=lenient)

    @command.command()
    def review(
        log: Log,
        at: At,
        plan: PlanName = "claims",
        zone: Zone = "",
        kinds: Kinds = "",
        roster: Roster = "",
        minutes: Minutes = None,
        as_json: Json = False,
        lenient: Lenient = False,
    ) -> None:
        """Say what is due, what waits and what is blocked at an instant, and when to look again."""
        with _refusals():
            _review(log, plan, zone, at, kinds, roster, minutes, as_json=as_json, lenient=lenient)

    @command.command()
    def decide(
        facts: Annotated[str, typer.Argument(help="Facts in a Parquet file: the columns that decide_table reads.")],
        at: Annotated[str, typer.Option(help="The instant to judge at, or the column that has it for each row.")],
        out: Annotated[str, typer.Option("--out", "-o", help="The Parquet file to write.")],
        plan: PlanName = "claims",
        columns: Annotated[list[str] | None, typer.Option(help="Name a column: ours=theirs; once for each.")] = None,
        naive: Annotated[str | None, typer.Option(help="Zone of timestamps that have none, else refused.")] = None,
        unknown: Annotated[
            str, typer.Option(help="Customers of an unknown zone: refuse, or hold (they wait).")
        ] = "refuse",
        only: Annotated[str, typer.Option(help="Columns of decisions wanted: a,b; all when left out.")] = "",
        chunk_rows: Annotated[int, typer.Option(min=1, help="Rows that are decided at once.")] = CHUNK,
        force: Annotated[bool, typer.Option("--force", help="Replace the output if it is there.")] = False,
        quiet: Annotated[bool, typer.Option("--quiet", help="No bar, and no summary.")] = False,
    ) -> None:
        """Decide about a table of facts of any size; run it again when it was killed, and it continues."""
        options = {"naive": naive, "unknown": unknown, "chunk_rows": chunk_rows, "force": force}
        with _refusals():
            _decide(facts, plan, at, out, columns or [], only=_names(only) or None, quiet=quiet, **options)

    command.command()(_handing.handover_command(_load, _refusals))

    @command.command()
    def explain(
        plan: Annotated[str, typer.Argument(help="A plan by name, or a .toml or .json file.")] = "claims",
    ) -> None:
        """Read a plan aloud, in plain words."""
        with _refusals():
            _rendering.write(f"{_reading.read_plan(plan).explain()}\n")

    @command.command()
    def schema() -> None:
        """Print the JSON Schema of plans."""
        with _refusals():
            _rendering.write(json.dumps(Plan.json_schema(), indent=2) + "\n")

    return command

"""What `carepolicy handover` does: one case of a log, handed over, in the form that is asked for."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any

from carepolicy import _reading
from carepolicy._instant import to_moment
from carepolicy._rows import read_time
from carepolicy.errors import UnknownNameError
from carepolicy.plan import Plan

if TYPE_CHECKING:
    from carepolicy.handover.handover import Handover

_FORMS: dict[str, Callable[["Handover"], str]] = {
    "text": lambda handover: handover.to_text(),
    "markdown": lambda handover: handover.to_markdown(),
    "html": lambda handover: handover.to_html(),
    "json": lambda handover: handover.to_json(),
    "slack": lambda handover: json.dumps(handover.to_slack(), ensure_ascii=False),
    "csv": lambda handover: handover.to_row(),
}
Load = Callable[..., tuple[Plan, _reading.Log, str]]


def handover_command(load: Load, refusals: Callable[[], AbstractContextManager[None]]) -> Callable[..., None]:
    """The command.

    Args:
        load: Reads the plan and the log, and says the zone of times without an offset.
        refusals: Ends the command with a sentence where something cannot be used.
    """
    import typer

    from carepolicy import _rendering

    def handover(
        log: Annotated[
            str,
            typer.Argument(
                help="The log: CSV, JSON Lines (.jsonl) or Parquet (.parquet); - is CSV from standard input."
            ),
        ],
        at: Annotated[str, typer.Option(help="As of when; nothing that was learnt later is used.")],
        case: Annotated[str, typer.Option(help="The case; may be left out where the log knows one only.")] = "",
        to: Annotated[str, typer.Option(help="Who takes over.")] = "",
        sender: Annotated[str, typer.Option(help="Who hands over.")] = "",
        customer: Annotated[str | None, typer.Option(help="Whose case, where several have one of that name.")] = None,
        plan: Annotated[str, typer.Option("--plan", help="A plan by name, or a .toml or .json file.")] = "claims",
        form: Annotated[str, typer.Option("--format", help=f"One of {', '.join(_FORMS)}.")] = "text",
        zone: Annotated[
            str, typer.Option(help="Zone of times without an offset, and the reader's; else the plan's.")
        ] = "",
        customer_zone: Annotated[str, typer.Option(help="The customer's zone, shown beside the reader's.")] = "",
        kinds: Annotated[str, typer.Option(help="Kinds of event beside the known ones: a,b.")] = "",
        lenient: Annotated[bool, typer.Option("--lenient", help="Leave out bad rows, and say which.")] = False,
    ) -> None:
        """Hand a case over: what the next person confirms instead of asking, and what is missing."""
        from carepolicy.handover.handover import Handover  # the other commands do without it

        with refusals():
            render = _form(form)
            rules, found, where = load(log, plan, zone, kinds, lenient=lenient)
            moment = to_moment(read_time(at, where, "--at"))
            options: dict[str, Any] = {"customer": customer, "zone": where, "customer_zone": customer_zone}
            made = Handover.prepare(found.timeline, case, moment, to=to, sender=sender, plan=rules, **options)
            _rendering.write(f"{render(made).rstrip()}\n")

    return handover


def _form(name: str) -> "Callable[[Handover], str]":
    """How a handover is written.

    Raises:
        UnknownNameError: If there is no such form.
    """
    if name not in _FORMS:
        raise UnknownNameError(f"--format is not known: {name!r}; use one of {', '.join(_FORMS)}")
    return _FORMS[name]

"""A bar on standard error while the work lasts. Needs rich."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class _Rows(ProgressColumn):
    """How many rows of how many are done, and how many a second."""

    def render(self, task: Task) -> Text:
        """The figures, as far as they are known."""
        rate = f", {task.speed:,.0f} a second" if task.speed else ""
        return Text(f"{task.completed:,.0f} of {task.total or 0:,.0f} rows{rate}")


@contextmanager
def progress(
    what: str, total: int | None = None, *, begun: int | None = None, delay: float = 1.0, quiet: bool = False
) -> Iterator[Callable[[int], None]]:
    """A bar from one second on; nothing where standard error is no terminal. Gives what moves it on.

    Args:
        what: What is done.
        total: How much there is to do.
        begun: For rows of a table: how many were done before; the bar then says their rate and the time left.
        delay: The seconds before it shows.
        quiet: Show nothing.
    """
    figures = () if begun is None else (_Rows(), TextColumn("left"), TimeRemainingColumn())
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        *figures,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        disable=quiet or not sys.stderr.isatty(),
    )
    task = bar.add_task(what, total=total, completed=begun or 0)
    timer = Timer(delay, bar.start)
    timer.start()
    try:
        yield lambda count: bar.advance(task, count)
    finally:
        timer.cancel()
        timer.join()
        if bar.live.is_started:
            bar.stop()

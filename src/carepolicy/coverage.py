"""Coverage: how many journeys were asked about, and why the others were not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import attrs

ASKED = ("ask", "planned", "asked")
"""The fates of journeys that are, or will be, asked about."""


@attrs.frozen
class Coverage:
    """Where every journey is: a score says nothing without it, as waiting can flatter it.

    Args:
        rows: For each fate and binding reason, how many journeys; the fates in the order of the alphabet, the most
            frequent reason first.
    """

    rows: tuple[tuple[str, str, int], ...]

    @classmethod
    def of(cls, fates: Iterable[tuple[str, Sequence[str]]]) -> Coverage:
        """The coverage of some journeys: the fate of each, and the codes of its reasons, the binding one first."""
        counts = Counter((fate, codes[0] if codes and fate not in ASKED else "") for fate, codes in fates)
        ordered = sorted(counts.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1]))
        return cls(tuple((fate, code, count) for (fate, code), count in ordered))

    def __add__(self, other: Coverage) -> Coverage:
        """Both, as of all of their journeys."""
        both = [(fate, (code,)) for fate, code, count in (*self.rows, *other.rows) for _ in range(count)]
        return Coverage.of(both)

    @property
    def journeys(self) -> int:
        """All of them."""
        return sum(count for *_, count in self.rows)

    @property
    def asked(self) -> int:
        """Those that are, or will be, asked about."""
        return sum(count for fate, _, count in self.rows if fate in ASKED)

    @property
    def share(self) -> float:
        """The share that is asked about; 0 where there is no journey."""
        return self.asked / self.journeys if self.rows else 0.0

    def __str__(self) -> str:
        """A line for each fate and reason, and their sum."""
        lines = [f"{count:>9,}  {fate.replace('_', ' '):<12} {code}".rstrip() for fate, code, count in self.rows]
        return "\n".join([*lines, f"{self.journeys:>9,}  in all, {self.asked:,} of them asked about"])

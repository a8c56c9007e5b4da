"""The keys of decisions, column by column: the same text as `Decision.key`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from carepolicy._instant import ALWAYS, NEVER, Instant, is_array
from carepolicy._table.frames import arrow
from carepolicy.decision import About

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from carepolicy._instant import Instants

_DIGITS = np.array([f"{n:04d}" for n in range(10_000)], "S4").view(np.uint32)
_TEN_THOUSAND = 10_000
_SIXTEEN_DIGITS = (10**15, 10**16)
_ESCAPES = (("%", "%25"), ("/", "%2F"), ("~", "%7E"))  # the first one first


class Keys:
    """The keys of the units of one batch.

    Args:
        names: customer, case, ref and party; one left out is "" everywhere.
        count: How many rows.
    """

    def __init__(self, names: Mapping[str, pa.Array], count: int) -> None:
        self._names, self._count = names, count
        self._begun: dict[bool, Any] = {}

    def of(self, about: About, cycle: Instant, attempt: Instant) -> pa.Array:
        """The keys of the decisions of one rule."""
        import pyarrow.compute as pc

        begun, touch = self._begin(about.by_ref), _escaped_word(about.touch)
        cycles, attempts = _digits(cycle, f"{touch}/", "/"), _digits(attempt, "", "")
        if isinstance(attempts, str):  # mostly nothing was attempted, and two pieces are joined twice as fast as four
            cycles, attempts = _digits(cycle, f"{touch}/", f"/{attempts}"), ""
        missing = f"{touch}/-/{attempts or '-'}" if isinstance(attempts, str) else f"{touch}/-/"
        joined = pc.binary_join_element_wise(begun, cycles, "", null_handling="replace", null_replacement=missing)
        if isinstance(attempts, str):
            return joined
        return pc.binary_join_element_wise(joined, attempts, "", null_handling="replace", null_replacement="-")

    def _begin(self, by_ref: bool) -> Any:
        """The unit and a slash; where a decision is about a ref, "~" for none."""
        import pyarrow.compute as pc

        if by_ref not in self._begun:
            pa = arrow()
            pieces: list[Any] = []
            for name in ("customer", "case", "ref", "party"):
                column = self._names.get(name)
                piece: Any = "" if column is None else _escaped(column)
                if by_ref and name == "ref":
                    piece = "~" if column is None else pc.if_else(pc.equal(piece, ""), "~", piece)
                if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
                    pieces[-1] += piece + "/"
                else:
                    pieces += [piece, "/"]
            self._begun[by_ref] = pc.binary_join_element_wise(*pieces, pa.scalar(""))
        return self._begun[by_ref]


def _escaped_word(word: str) -> str:
    for sign, escape in _ESCAPES:
        word = word.replace(sign, escape)
    return word


def _escaped(column: pa.Array) -> pa.Array:
    """Names without the signs that part a key."""
    import pyarrow.compute as pc

    pa = arrow()
    column = column.cast(pa.string())
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    signs = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]  # a batch may be a small part of a long column
    for sign, escape in _ESCAPES:
        if (signs == ord(sign)).any():
            column = pc.replace_substring(column, sign, escape)
    return column


def _digits(instant: Instant, before: str, after: str) -> Any:
    """Instants as text between two words; null for ALWAYS and NEVER, or one text where all rows have the same."""
    pa = arrow()
    if not is_array(instant):
        return f"{before}{instant if ALWAYS < instant < NEVER else '-'}{after}"
    missing = np.abs(instant) >= NEVER
    if missing.all():
        return f"{before}-{after}"
    none = not missing.any()
    rest = instant if none else instant[~missing]
    valid = None if none else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    if int(rest.min()) < _SIXTEEN_DIGITS[0] or int(rest.max()) >= _SIXTEEN_DIGITS[1]:
        words = [
            None if gone else f"{before}{us}{after}"
            for us, gone in zip(instant.tolist(), missing.tolist(), strict=True)
        ]
        return pa.array(words, pa.string())
    # sixteen digits, from the years 2001 to 2286, are looked up four at a time
    start, width = len(before.encode()), len(before.encode()) + 16 + len(after.encode())
    text = np.empty((len(rest), width), np.uint8)
    text[:, :start] = np.frombuffer(before.encode(), np.uint8)
    text[:, start + 16 :] = np.frombuffer(after.encode(), np.uint8)
    text[:, start : start + 16] = _sixteen(rest)
    ends = np.full(len(instant), width) if none else np.where(missing, 0, width)
    offsets = np.concatenate([[0], np.cumsum(ends)]).astype(np.int32)
    return pa.StringArray.from_buffers(len(instant), pa.py_buffer(offsets), pa.py_buffer(text), valid)


def _sixteen(instants: Instants) -> NDArray[np.uint8]:
    """The sixteen digits of each instant."""
    high = instants // _TEN_THOUSAND**2
    parts = [high.astype(np.uint32), (instants - high * _TEN_THOUSAND**2).astype(np.uint32)]
    digits = np.empty((len(instants), 4), np.uint32)
    for position, part in enumerate(parts):
        upper = part // _TEN_THOUSAND
        digits[:, 2 * position] = _DIGITS.take(upper)
        digits[:, 2 * position + 1] = _DIGITS.take(part - upper * _TEN_THOUSAND)
    return digits.view(np.uint8)

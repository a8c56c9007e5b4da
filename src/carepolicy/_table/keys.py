"""The keys of decisions, column by column: the same text as `Decision.key`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
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
    """

    def __init__(self, names: Mapping[str, pa.Array]) -> None:
        self._names = names
        self._begun: dict[bool, Any] = {}

    def of(self, about: About, cycle: Instant, attempt: Instant) -> pa.Array:
        """The keys of the decisions of one rule."""
        import pyarrow.compute as pc

        pieces = [self._begin(about.by_ref), f"{_escaped_word(about.touch)}/", _digits(cycle), "/", _digits(attempt)]
        return pc.binary_join_element_wise(*_fewer(pieces), "", null_handling="replace", null_replacement="-")

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


def _fewer(pieces: list[Any]) -> Iterator[Any]:
    """The pieces, words that stand side by side as one."""
    for are_words, some in groupby(pieces, lambda piece: isinstance(piece, str)):
        if are_words:
            yield "".join(some)
        else:
            yield from some


def _digits(instant: Instant) -> Any:
    """Instants as text; null for ALWAYS and NEVER, or one text where all rows have the same."""
    pa = arrow()
    if not is_array(instant):
        return str(instant) if ALWAYS < instant < NEVER else "-"
    missing = np.abs(instant) >= NEVER
    if missing.all():
        return "-"
    some = missing.any()
    rest = np.where(missing, _SIXTEEN_DIGITS[0], instant) if some else instant
    if int(rest.min()) < _SIXTEEN_DIGITS[0] or int(rest.max()) >= _SIXTEEN_DIGITS[1]:
        return pa.array(instant, pa.int64(), mask=missing).cast(pa.string())
    # sixteen digits, from the years 2001 to 2286; where there is null, what stands below it does not matter
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if some else None
    offsets = np.arange(0, 16 * len(rest) + 1, 16, dtype=np.int32)
    return pa.StringArray.from_buffers(len(rest), pa.py_buffer(offsets), pa.py_buffer(_sixteen(rest)), valid)


def _sixteen(instants: Instants) -> NDArray[np.uint8]:
    """The sixteen digits of each instant, looked up four at a time."""
    high = instants // _TEN_THOUSAND**2
    parts = [high.astype(np.uint32), (instants - high * _TEN_THOUSAND**2).astype(np.uint32)]
    digits = np.empty((len(instants), 4), np.uint32)
    for position, part in enumerate(parts):
        upper = part // _TEN_THOUSAND
        digits[:, 2 * position] = _DIGITS.take(upper)
        digits[:, 2 * position + 1] = _DIGITS.take(part - upper * _TEN_THOUSAND)
    return digits.view(np.uint8)

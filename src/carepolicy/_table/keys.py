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

        pieces: list[Any] = [self._begin(about.by_ref), f"{_escaped_word(about.touch)}/"]
        for instant, separator in ((cycle, "/"), (attempt, "")):
            digits = _digits(instant)
            if isinstance(digits, str) and isinstance(pieces[-1], str):
                pieces[-1] += digits + separator
            else:
                pieces += [digits, *([separator] if separator else [])]
        pa = arrow()
        joined = pc.binary_join_element_wise(*pieces, pa.scalar(""), null_handling="replace", null_replacement="-")
        if isinstance(joined, pa.Scalar):
            return pa.repeat(joined, self._count)
        return joined

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
            self._begun[by_ref] = pc.binary_join_element_wise(*pieces, pa.scalar("")) if len(pieces) > 1 else pieces[0]
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
    data = column.buffers()[2]
    if data is not None:
        signs = np.frombuffer(data, np.uint8)
        for sign, escape in _ESCAPES:
            if (signs == ord(sign)).any():
                column = pc.replace_substring(column, sign, escape)
    return column


def _digits(instant: Instant) -> Any:
    """Instants as text; null for ALWAYS and NEVER, or one text where all rows have the same."""
    pa = arrow()
    if not is_array(instant):
        return str(instant) if ALWAYS < instant < NEVER else "-"
    missing = (instant <= ALWAYS) | (instant >= NEVER)
    if not missing.any():
        rest = instant
    elif missing.all():
        return "-"
    else:
        rest = np.where(missing, _SIXTEEN_DIGITS[0], instant)
    if int(rest.min()) < _SIXTEEN_DIGITS[0] or int(rest.max()) >= _SIXTEEN_DIGITS[1]:
        return pa.array(instant, pa.int64(), mask=missing).cast(pa.string())
    # sixteen digits, from the years 2001 to 2286, are looked up four at a time
    high = rest // _TEN_THOUSAND**2
    parts = [high.astype(np.uint32), (rest - high * _TEN_THOUSAND**2).astype(np.uint32)]
    digits = np.empty((len(rest), 4), np.uint32)
    for position, part in enumerate(parts):
        upper = part // _TEN_THOUSAND
        digits[:, 2 * position] = _DIGITS.take(upper)
        digits[:, 2 * position + 1] = _DIGITS.take(part - upper * _TEN_THOUSAND)
    offsets = (np.arange(len(rest) + 1) * 16).astype(np.int32)
    valid = None if rest is instant else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.StringArray.from_buffers(len(rest), pa.py_buffer(offsets), pa.py_buffer(digits), valid)

"""How databases differ in what the folds need of SQL: quoting, instants, hashing, the order of text."""

from __future__ import annotations

import attrs

from carepolicy.errors import UnknownNameError


@attrs.frozen
class Dialect:
    """One database's way to say things; `{}` is what it is said of.

    Args:
        micros: The UTC microseconds of a timestamp.
        instant: The timestamp of UTC microseconds.
        sha256: The hash of text, in hexadecimal.
        in_order: Text as it sorts by its code points.
        joined: Texts as one, the unit separator between.
        text: The type of text.
        quote: What quotes a name.
        quoted: How that is written inside a name.
        escapes: Whether a backslash in text escapes what follows.
    """

    micros: str
    instant: str
    sha256: str
    in_order: str = "{}"
    joined: str = "concat_ws(chr(31), {})"
    text: str = "varchar"
    quote: str = '"'
    quoted: str = '""'
    escapes: bool = False

    def name(self, name: str) -> str:
        """A name, quoted."""
        return self.quote + name.replace(self.quote, self.quoted) + self.quote

    def literal(self, text: str) -> str:
        """Text, quoted."""
        if self.escapes:
            return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return "'" + text.replace("'", "''") + "'"


DIALECTS = {
    "duckdb": Dialect("epoch_us({})", "make_timestamptz({})", "sha256({})"),
    "postgres": Dialect(
        "cast(extract(epoch from {}) * 1000000 as bigint)",
        "(timestamp with time zone '1970-01-01 00:00:00+00' + {} * interval '1 microsecond')",
        "encode(sha256(convert_to({}, 'UTF8')), 'hex')",
        in_order='{} collate "C"',
    ),
    "snowflake": Dialect("date_part(epoch_microsecond, {})", "to_timestamp_tz({}, 6)", "sha2({}, 256)", escapes=True),
    "bigquery": Dialect(
        "unix_micros({})",
        "timestamp_micros({})",
        "to_hex(sha256({}))",
        joined="array_to_string([{}], chr(31))",
        text="string",
        quote="`",
        quoted="\\`",
        escapes=True,
    ),
    "spark": Dialect(
        "unix_micros({})",
        "timestamp_micros({})",
        "sha2({}, 256)",
        text="string",
        quote="`",
        quoted="``",
        escapes=True,
    ),
}
"""The databases that the folds can be written for."""


def dialect_of(name: str) -> Dialect:
    """The dialect of a name.

    Raises:
        UnknownNameError: If it is not one of `DIALECTS`.
    """
    if name not in DIALECTS:
        raise UnknownNameError(f"dialect is not known: {name!r}; use one of {', '.join(DIALECTS)}")
    return DIALECTS[name]

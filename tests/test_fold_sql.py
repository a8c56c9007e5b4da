"""The folds as SQL: what a database makes of a log is what `Plan.fold` makes of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import attrs
import duckdb
import pyarrow as pa
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from carepolicy import ALWAYS, NEVER, Calendar, Parties, Plan, Touch, Which
from carepolicy._table.conditions import Folds
from carepolicy._table.dialects import DIALECTS
from carepolicy._table.sql import facts_sql
from carepolicy.errors import InvalidPolicyError, InvalidTableError, UnknownNameError
from carepolicy.events import COLUMNS
from carepolicy.folds import Last
from tests.fold_logs import (
    Rows,
    asking,
    asks,
    claim,
    competing,
    every_fold,
    expected,
    facts_of,
    logs,
    plans_of_known_folds,
    row,
    survey,
    table_of,
)

AT, MID = "2026-03-04T00:00Z", "2018-01-10T00:00Z"
STAND_INS: dict[str, dict[str, Any]] = {
    "postgres": {"sha256": "hashed({})", "instant": "timestamp_micros({})"},
}
"""What sqlglot has no translation for, given to DuckDB as macros."""


def run(plan: Plan, sql: str, table: pa.Table, name: str = "events") -> Rows:
    """The facts that DuckDB finds."""
    with duckdb.connect() as database:
        database.execute("set timezone = 'America/Denver'")
        database.register("given", table)
        database.execute("create schema crm")
        database.execute("create macro timestamp_micros(us) as make_timestamp(us)")
        database.execute("create macro hashed(text) as sha256(text)")
        database.execute(f"create table {name} as from given")
        return facts_of(plan, database.sql(sql).to_arrow_table())


class TestTheLaw:
    """The same units, the same facts, and the same next visible recording, for every customer, case, ref and party."""

    @given(plans_of_known_folds, st.data())
    def test_a_database_folds_as_the_plan_does(self, plan: Plan, data: st.DataObject) -> None:
        rows, at = data.draw(logs(plan))
        assert run(plan, facts_sql(plan, at=at, columns=COLUMNS), table_of(rows)) == expected(plan, rows, at)

    @settings(max_examples=15)
    @given(plans_of_known_folds, st.data())
    def test_the_columns_that_the_facts_hang_on_are_enough(self, plan: Plan, data: st.DataObject) -> None:
        """For a log that says each thing once, by name: what else it says is never asked for."""
        rows, at = data.draw(logs(plan, plain=True))
        table = table_of(rows, Folds.of(plan).columns)
        assert run(plan, facts_sql(plan, at=at), table) == expected(plan, rows, at)

    def test_recordings_that_compete(self) -> None:
        plan, rows = competing()
        assert run(plan, facts_sql(plan, columns=COLUMNS), table_of(rows)) == expected(plan, rows, None)

    @pytest.mark.parametrize("at", ["2017-11-20T00:00Z", MID, None])
    def test_the_claim(self, at: str | None) -> None:
        plan, rows = Plan.named("claims"), claim()
        assert run(plan, facts_sql(plan, at=at, columns=COLUMNS), table_of(rows)) == expected(plan, rows, at)


class TestDialects:
    """Every dialect is read by sqlglot as such, and means in DuckDB what sqlglot makes of it."""

    @pytest.mark.parametrize("dialect", DIALECTS)
    @pytest.mark.parametrize("plan", [every_fold, survey], ids=["every fold", "one"])
    def test_each_means_the_same(self, dialect: str, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
        rows = [{**cells, "id": cells["id"] if number % 9 else None} for number, cells in enumerate(claim())]
        sqlglot.parse_one(facts_sql(plan, at=MID, dialect=dialect, columns=COLUMNS), dialect=dialect)
        if stand_in := STAND_INS.get(dialect):
            monkeypatch.setitem(DIALECTS, dialect, attrs.evolve(DIALECTS[dialect], **stand_in))
        sql = facts_sql(plan, at=MID, dialect=dialect, columns=COLUMNS)
        (translated,) = sqlglot.transpile(sql, dialect, "duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert run(plan, translated, table_of(rows)) == expected(plan, rows, MID)

    def test_another_is_not_known(self) -> None:
        with pytest.raises(UnknownNameError, match=r"^dialect is not known: 'mysql'; use one of duckdb, postgres, .*$"):
            facts_sql(survey, dialect="mysql")

    def test_text_and_names_are_escaped(self) -> None:
        """A quote is doubled, or stands behind a backslash where that escapes; a name has its own quote."""
        assert [DIALECTS[d].literal("O'Neil \\ Sons") for d in ("duckdb", "snowflake")] == [
            "'O''Neil \\ Sons'",
            "'O\\'Neil \\\\ Sons'",
        ]
        assert [DIALECTS[d].name('a"b`c') for d in ("postgres", "bigquery", "spark")] == [
            '"a""b`c"',
            '`a"b\\`c`',
            '`a"b``c`',
        ]


class TestTables:
    """Tables as they are."""

    def test_an_empty_one(self) -> None:
        assert run(every_fold, facts_sql(every_fold, at=AT), table_of([])) == {}

    def test_nulls_say_nothing(self) -> None:
        """A row with nothing but an instant and a kind is about a customer without a name."""
        rows = [row("2026-03-02T09:00Z", "survey")]
        assert run(survey, facts_sql(survey), table_of(rows)) == expected(survey, rows, None)
        table = table_of([*rows, {"kind": "survey", "customer": "ann"}])
        assert set(run(survey, facts_sql(survey), table)) == {("customer", "", "", "", "")}

    def test_one_without_most_columns(self) -> None:
        rows = [row("2026-03-02T09:00Z", "survey"), row("2026-03-05T09:00Z", "survey"), row(AT, "promise", due=AT)]
        sql = facts_sql(every_fold, at=AT, columns=["at", "kind"])
        facts = expected(every_fold, [{"at": r["at"], "kind": r["kind"]} for r in rows], AT)
        assert run(every_fold, sql, table_of(rows, ["kind", "at"])) == facts

    def test_one_without_instants_is_refused(self) -> None:
        with pytest.raises(InvalidTableError, match=r"^column is missing from the events: 'at'; add it, or rename .*$"):
            facts_sql(survey, columns=["kind", "when"])

    def test_cells_need_not_be_text(self) -> None:
        """Numbers and text with blanks around it are read as a log reads them."""
        rows = [row("2026-03-02T09:00Z", "survey", customer="7"), row("2026-03-03T09:00Z", " survey ", customer=" 7")]
        table = table_of(rows).set_column(5, "customer", pa.array([7, 7]))
        assert table.schema.field(5).name == "customer"
        assert run(survey, facts_sql(survey), table) == expected(survey, rows, None)

    def test_a_name_with_a_schema(self) -> None:
        rows = [row("2026-03-02T09:00Z", "survey", customer="ann")]
        sql = facts_sql(survey, 'crm.the "log"')
        assert run(survey, sql, table_of(rows), 'crm."the ""log"""') == expected(survey, rows, None)

    def test_names_with_quotes(self) -> None:
        """Of parties, of touches, and of what they send."""
        touch = Touch(guard=asks(Last(Which("contact", by="O'Neil"))), sends=Which(purpose='"how" it \\ was'))
        plan = Plan(Calendar.always(), parties=Parties(partners=["O'Neil"]), touches={'it\'s "ours"': touch})
        mine = row("2026-03-02T09:00Z", "contact", party="O'Neil", customer="d'Arc", purpose='"how" it \\ was')
        rows = [mine, {**mine, "at": mine["at"].add(days=1), "party": "neil", "id": "b"}]
        assert run(plan, facts_sql(plan), table_of(rows)) == expected(plan, rows, None)

    def test_the_year_9999_is_never(self) -> None:
        plan = asking([Last("promise", gives="due", missing=missing) for missing in (ALWAYS, NEVER)])
        table = table_of([{**row("2026-03-02T09:00Z", "promise"), "due": datetime(9999, 12, 31, tzinfo=UTC)}])
        (facts,) = run(plan, facts_sql(plan), table).values()
        assert facts == facts | {"asked": NEVER, "asked_2": NEVER}


class TestRefused:
    """What a database cannot fold."""

    def test_a_fold_of_ones_own(self) -> None:
        @attrs.frozen
        class Total(Last):
            """A fold that the database knows nothing of."""

        plan = Plan(Calendar.always(), call=Touch(guard=asks(Total("sold"))))
        message = (
            "fact is folded by a class of your own: 'asked' of Asks of 'call', by Total; fold with facts_from_events"
        )
        with pytest.raises(InvalidPolicyError, match=rf"^{re.escape(message)}$"):
            facts_sql(plan)

    def test_a_fact_named_like_a_unit(self) -> None:
        message = "fact has the name of a column that says whom it is about: 'case' of Asks of 'call'; give it another"
        with pytest.raises(InvalidPolicyError, match=rf"^{message} name$"):
            facts_sql(Plan(Calendar.always(), call=Touch(guard=asks(Last("opened"), "case"))))

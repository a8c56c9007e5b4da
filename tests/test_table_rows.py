"""What the rows of `decide_table` say: instants, scopes, zones, reasons, keys, and policies of every make."""

from __future__ import annotations

import pickle
import random
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar
from zoneinfo import available_timezones

import attrs
import pyarrow as pa
import pytest

from carepolicy import (
    ALWAYS,
    NEVER,
    Cadence,
    Calendar,
    ContactHours,
    Duty,
    Fact,
    Facts,
    Guard,
    Heartbeat,
    JourneyComplete,
    Plan,
    PromiseKept,
    RestBetween,
    StillFresh,
    Touch,
    Which,
    Window,
    days,
)
from carepolicy._instant import DAY, HOUR, Instant, iso, to_micros
from carepolicy._table.meaning import meaning_of
from carepolicy.errors import HorizonError, InvalidPolicyError, InvalidTableError, InvalidTimeError, UnknownZoneError
from carepolicy.folds import First, KthLatest, Last
from carepolicy.table import batch_decider, decide_table
from carepolicy.threads import EarliestOpen, Intervals, LastWhile
from tests import wrong_policies
from tests.table_frames import (
    AT,
    KINDS,
    LATELY,
    LONG_AGO,
    NOW,
    OFFICE,
    PLAN,
    ROWS,
    THEIRS,
    TOLD,
    decided,
    every_kind,
    stamps,
    table_of,
    told,
)

OURS = ContactHours(Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00", zone="America/Denver"), fixed=True)


def frame_of(rows: list[dict[str, Any]], plan: Plan) -> pa.Table:
    """Rows with every fact of a plan as a column."""
    missing = {name: fact.missing for name, fact in plan.facts.items()}
    names = dict.fromkeys(name for row in rows for name in (*row, *missing))
    return pa.table({name: [row.get(name, missing.get(name)) for row in rows] for name in names})


class TestAt:
    """One instant for all rows, or one for each."""

    @every_kind
    def test_a_column_of_instants(self, kind: str) -> None:
        asked = (NOW, NOW - 3 * DAY, NOW + 12 * HOUR)
        wanted = [told([row], at)[0] for row, at in zip(ROWS, asked, strict=True)]
        for column in (stamps(*asked, unit="ms", zone="Asia/Tokyo"), pa.array(asked)):
            assert decided(decide_table(PLAN, KINDS[kind](table_of(asked=column)), "asked")) == wanted

    def test_a_column_of_wall_times(self) -> None:
        wanted = [told([row], NOW)[0] for row in ROWS]
        table = table_of(asked=stamps(*[NOW + HOUR] * 3, zone=None))
        assert decided(decide_table(PLAN, table, "asked", naive="Europe/Paris")) == wanted
        with pytest.raises(InvalidTableError, match="column has wall times without a zone: 'asked'"):
            decide_table(PLAN, table, "asked")

    def test_the_column_is_meant_as_it_is_called_in_the_table(self) -> None:
        """Also where a fact of that name stands under another one."""
        table = table_of(last_invited=stamps(NOW, NOW, NOW), done=stamps(None, LONG_AGO, LATELY))
        assert decided(decide_table(PLAN, table, "last_invited", columns={"last_invited": "done"})) == TOLD

    @every_kind
    @pytest.mark.parametrize("column", [stamps(NOW, None, NOW), pa.array([NOW, NEVER, NOW]), pa.array([ALWAYS] * 3)])
    def test_rows_without_one_are_refused(self, kind: str, column: pa.Array) -> None:
        with pytest.raises(InvalidTableError, match="column has no instant in some rows: 'asked'; drop those rows"):
            decide_table(PLAN, KINDS[kind](table_of(asked=column)), "asked")

    @pytest.mark.parametrize(
        ("at", "text"),
        [
            ("2026-03-02T09:00", "at has no time zone: 2026-03-02 .*, or name a column of the table"),
            ("asked", "at is not an ISO 8601 time: 'asked'; .*, or name a column of the table"),
            (7, r"at is not a time: 7 \(int\)"),
        ],
    )
    def test_no_instant_and_no_column(self, at: Any, text: str) -> None:
        with pytest.raises(InvalidTimeError, match=text):
            decide_table(PLAN, table_of(), at)


class TestScope:
    """With a column `scope`, a touch is decided about the rows that it is about."""

    PLAN: ClassVar[Plan] = Plan(
        OFFICE,
        call=Touch(due=Cadence(every=days(3)) | Heartbeat(every=days(2)), guard=OURS),
        promise=Touch(due=PromiseKept(), guard=RestBetween(days(3))),
    )
    UNITS: ClassVar[list[dict[str, Any]]] = [
        {"customer": "ann", "scope": "case", "case": "c/1", "last_opened": LATELY, "next_visible": NEVER},
        {"customer": "ann", "scope": "ref", "case": "c/1", "ref": "r~", "next_visible": NEVER},
        {"customer": "ann", "scope": "customer", "first_heard_of": LATELY, "next_visible": NOW + HOUR},
        {"customer": "ann", "scope": "ref", "case": "c/1", "ref": "", "promise_due": LATELY, "next_visible": NOW},
        {"customer": "bob", "scope": "party", "party": "dealer", "next_visible": NEVER},
    ]

    def wanted(self) -> list[Any]:
        """A row of each rule and each unit of its scope."""
        return [
            told([row], plan=self.PLAN)[number]
            for number, rule in enumerate(self.PLAN.rules.rules)
            for row in self.UNITS
            if rule.scope == row["scope"]
        ]

    @every_kind
    def test_each_touch_its_own(self, kind: str) -> None:
        """A duty about customers, one about cases and one about promises; nothing is about parties."""
        assert {rule.scope for rule in self.PLAN.rules.rules} == {"customer", "case", "ref"}
        found = decided(decide_table(self.PLAN, KINDS[kind](frame_of(self.UNITS, self.PLAN)), AT))
        assert sorted(found) == sorted(self.wanted())

    def test_without_the_column_all_are_about_all(self) -> None:
        table = frame_of(self.UNITS, self.PLAN).drop_columns(["scope"])
        assert decided(decide_table(self.PLAN, table, AT)) == told(self.UNITS, plan=self.PLAN)

    @pytest.mark.parametrize("word", ["cases", "", None])
    def test_a_word_that_is_no_scope(self, word: str | None) -> None:
        with pytest.raises(InvalidTableError, match=r"scope is not known: '(cases)?'; use one of customer, case"):
            decide_table(PLAN, table_of(scope=["customer", word, "case"]), AT)

    def test_a_word_that_no_row_has_is_not_asked_for(self) -> None:
        scope = pa.DictionaryArray.from_arrays([1, 1, 1], ["nonsense", "customer"])
        assert decided(decide_table(PLAN, table_of(scope=scope), AT)) == TOLD


class TestZones:
    """Hours of contact are meant where the customer is."""

    @every_kind
    @pytest.mark.parametrize("zone", ["Europe/Pariss", "", None])
    def test_one_that_is_not_known_is_refused(self, kind: str, zone: str | None) -> None:
        table = table_of(zone=["UTC", zone, "UTC"])
        with pytest.raises(UnknownZoneError, match=f"zone of a customer is not known: '{zone or ''}' in column 'zone'"):
            decide_table(PLAN, KINDS[kind](table), AT)

    @every_kind
    def test_who_is_held_waits(self, kind: str) -> None:
        """Until something of the facts is due, for the hours; who is known is decided as ever."""
        table = table_of(zone=pa.array(["nowhere", None, "Australia/Lord_Howe"]))
        found = decided(decide_table(PLAN, KINDS[kind](table), AT, unknown="hold"))
        assert found[2] == TOLD[2]
        for row in found[:2]:
            assert row[2:4] == ("wait", (-1, row[3][1], -1, -1, -1))
            assert "ContactHours.hours" in row[4][: row[5]]

    @every_kind
    def test_zones_in_categories_with_gaps(self, kind: str) -> None:
        table = table_of(zone=pa.array(["Europe/Paris", None, "Australia/Lord_Howe"]).dictionary_encode())
        found = decided(decide_table(PLAN, KINDS[kind](table), AT, unknown="hold"))
        assert [found[0], found[2]] == [TOLD[0], TOLD[2]]
        assert found[1][2] == "wait"

    def test_who_is_held_is_redirected_and_too_late_all_the_same(self) -> None:
        plan = Plan(OFFICE, ask=Touch(guard=JourneyComplete() & StillFresh(days(9)) & THEIRS))
        rows = [
            {"customer": "ann", "zone": "?", "promised_by": LATELY},
            {"customer": "bob", "zone": "?", "completed": LATELY},
            {"customer": "cid", "zone": "?", "completed": NOW - DAY},
        ]
        found = decided(decide_table(plan, frame_of(rows, plan), AT, unknown="hold"))
        assert [row[2] for row in found] == ["redirect", "too_late", "wait"]
        assert found[2][3][4] == NOW + 8 * DAY  # when it closes

    def test_where_hours_are_ours_no_zone_is_asked_for(self) -> None:
        plan = Plan(OFFICE, ask=Touch(guard=OURS))
        rows = [{"customer": "ann", "zone": "nowhere"}]
        for unknown in ("refuse", "hold"):
            assert decided(decide_table(plan, frame_of(rows, plan), AT, unknown=unknown)) == told(
                [{"customer": "ann"}], plan=plan
            )

    def test_hours_of_theirs_and_of_ours(self) -> None:
        """Which of the two keep a customer waiting is said."""
        plan = Plan(OFFICE, call=Touch(guard=OURS & THEIRS & RestBetween(days(9)), due=Cadence(days(3))))
        rows = [{**row, "first_heard_of": LONG_AGO} for row in ROWS if row["zone"] != "Asia/Tokyo"]
        for hour in range(0, 24, 3):
            at = NOW + hour * HOUR
            assert decided(decide_table(plan, frame_of(rows, plan), iso(at))) == told(rows, at, plan)

    def test_hours_that_never_meet_in_a_zone(self) -> None:
        mornings = ContactHours(Calendar.weekly("Mon-Fri 09:00-11:00", zone="America/Denver"))
        plan = Plan(OFFICE, call=Touch(guard=OURS & mornings))
        with pytest.raises(ValueError, match="hours of call never meet for a customer in 'Asia/Tokyo'"):
            decide_table(plan, frame_of([{"customer": "ann", "zone": "Asia/Tokyo"}], plan), AT)
        coded = pa.DictionaryArray.from_arrays([0], ["America/Denver", "Asia/Tokyo"])
        table = frame_of([{"customer": "ann"}], plan).append_column("zone", coded)
        assert [row[2] for row in decided(decide_table(plan, table, AT))] == ["wait"]

    def test_every_zone_there_is(self) -> None:
        """All at once, and one after the other with one decider."""
        zones = sorted(available_timezones() - {"localtime"})
        rows = [{"customer": zone, "zone": zone} for zone in zones]
        wanted = told(rows)
        assert decided(decide_table(PLAN, frame_of(rows, PLAN), AT)) == wanted
        decide = batch_decider(PLAN, AT)
        few = range(0, len(zones), 40)
        parts = [decide(frame_of([rows[n]], PLAN).to_batches()[0]) for n in few]
        assert [decided(part)[0] for part in parts] == [wanted[n] for n in few]

    def test_centuries_away(self) -> None:
        """In many zones at once, years apart, the tables stay small and the answers right."""
        zones = ("Europe/Paris", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Monrovia")
        asked = [to_micros(f"{year}-05-04T03:00Z") for year in range(1801, 2399, 23)]
        rows: list[dict[str, Any]] = [{"customer": zone, "zone": zone, "asked": at} for at in asked for zone in zones]
        wanted = [told([row], row["asked"])[0] for row in rows]
        assert decided(decide_table(PLAN, frame_of(rows, PLAN), "asked")) == wanted


class TestHoursThatEnd:
    """Hours that never open again are an error only where they matter, as for one customer."""

    PLAN: ClassVar[Plan] = Plan(
        OFFICE,
        ask=Touch(
            guard=StillFresh(days(9))
            & ContactHours(Calendar.only(Window.between("2026-03-01T00:00Z", "2026-03-05T00:00Z")), fixed=True)
        ),
    )

    def test_while_they_last(self) -> None:
        rows: list[dict[str, Any]] = [{"customer": "ann"}, {"customer": "bob", "completed": NOW - DAY}]
        assert decided(decide_table(self.PLAN, frame_of(rows, self.PLAN), AT)) == told(rows, plan=self.PLAN)

    @pytest.mark.parametrize("year", [2026, 1700, 2500])
    def test_who_is_too_late_does_not_ask_for_them(self, year: int) -> None:
        at = f"{year}-06-02T09:00Z"
        rows = [{"customer": "ann", "completed": to_micros(f"{year}-01-02T09:00Z")}] * 2
        wanted = told(rows, to_micros(at), self.PLAN)
        assert wanted[0][2] == "too_late"
        assert decided(decide_table(self.PLAN, frame_of(rows, self.PLAN), at)) == wanted
        table = frame_of([{**row, "asked": to_micros(at)} for row in rows], self.PLAN)
        assert decided(decide_table(self.PLAN, table, "asked")) == wanted

    @pytest.mark.parametrize("zone", [{}, {"zone": "Asia/Tokyo"}])
    def test_who_waits_for_them_is_refused(self, zone: dict[str, str]) -> None:
        at = "2026-06-02T09:00Z"
        plan = Plan(OFFICE, ask=Touch(guard=attrs.evolve(self.PLAN["ask"].guard.parts[1], fixed=False)))  # type: ignore[union-attr]
        rows = [{"customer": "ann", **zone}, {"customer": "bob", **zone}]
        text = "no opening is left in the years 1800 to 2399 from 2026-06-02T09:00:00"
        with pytest.raises(HorizonError, match=text):
            told(rows, to_micros(at), plan)
        with pytest.raises(HorizonError, match=text):
            decide_table(plan, frame_of(rows, plan), at)
        with pytest.raises(HorizonError, match=text):
            decide_table(plan, frame_of([{**row, "asked": to_micros(at)} for row in rows], plan), "asked")


class TestOnly:
    """Only the columns wanted are made."""

    @every_kind
    @pytest.mark.parametrize("only", [["key"], ["verdict", "customer"], ["reasons"], ["binding", "act_at"], ["touch"]])
    def test_some(self, kind: str, only: list[str]) -> None:
        made = decide_table(PLAN, KINDS[kind](table_of()), AT, only=only)
        assert list(made.schema.names if hasattr(made, "schema") and kind != "polars" else made.columns) == only

    @pytest.mark.parametrize("only", [[], ["key", "key"]])
    def test_none_or_one_twice(self, only: list[str]) -> None:
        with pytest.raises(InvalidTableError, match="only names no column, or one twice: "):
            decide_table(PLAN, table_of(), AT, only=only)

    def test_what_is_no_column(self) -> None:
        with pytest.raises(InvalidTableError, match=r"only names no column of decisions: 'why'; use some of \('cust"):
            decide_table(PLAN, table_of(), AT, only=["key", "why"])

    @pytest.mark.parametrize("unknown", ["keep", None, ""])
    def test_what_to_do_about_unknown_zones(self, unknown: Any) -> None:
        with pytest.raises(InvalidTableError, match=r"unknown is not known: .*; use 'refuse' or 'hold'"):
            decide_table(PLAN, table_of(), AT, unknown=unknown)

    def test_a_plan_that_is_none(self) -> None:
        with pytest.raises(InvalidTableError, match=r"plan is none: 'claims'; pass a carepolicy\.Plan"):
            decide_table("claims", table_of(), AT)  # type: ignore[arg-type]

    def test_a_zone_of_wall_times_that_is_none(self) -> None:
        with pytest.raises(UnknownZoneError, match="'Europe/Pariss'"):
            decide_table(PLAN, table_of(), AT, naive="Europe/Pariss")


@attrs.frozen
class ByHand(Guard):
    """Written with `if`, for one customer only."""

    one_customer_only: ClassVar[bool] = True
    facts: ClassVar[Mapping[str, Fact]] = {"last_invited": Last("survey", missing=NEVER)}

    def opens(self, f: Facts) -> Instant:
        return f.last_invited + 9 * DAY if ALWAYS < f.last_invited < NEVER else ALWAYS


@attrs.frozen
class NoFacts(Duty):
    """Due at one instant for everybody; asked one by one."""

    one_customer_only: ClassVar[bool] = True

    def due(self, f: Facts) -> Instant:
        return LATELY


@attrs.frozen
class After(Guard):
    """After what somebody named last."""

    name: str

    def needs(self) -> Mapping[str, Fact]:
        return {self.name: Last(self.name)}

    def opens(self, f: Facts) -> Instant:
        return getattr(f, self.name)


@attrs.frozen
class Season(Guard):
    """The same for everybody."""

    def opens(self, f: Facts) -> Instant:
        return LONG_AGO

    def closes(self, f: Facts) -> Instant:
        return NOW + DAY


@attrs.frozen
class Delicate(Guard):
    """Holds for most rows, and raises for some that its author did not think of."""

    facts: ClassVar[Mapping[str, Fact]] = {"left": Last("left")}
    wrong: str = ""

    def opens(self, f: Facts) -> Instant:
        if f.left.__class__ is not int and 7 in f.left.tolist():
            return _WRONG[self.wrong](f.left)
        return f.left


@attrs.frozen
class Clashing(Guard):
    facts: ClassVar[Mapping[str, Fact]] = {"zone": Last("moved")}

    def opens(self, f: Facts) -> Instant:
        return f.zone


def _raises(column: Any) -> Any:
    raise ValueError("no")


_WRONG: Mapping[str, Any] = {
    "raises": _raises,
    "short": lambda column: column[:1],
    "float": lambda column: column / 2,
    "none": lambda column: None,
}


class TestPolicies:
    """Policies of every make, the same for one customer and for a table, or refused by name."""

    def test_row_by_row_where_they_are_written_so(self) -> None:
        """Also under another name for a fact that two declare differently, and with no facts at all."""
        plan = Plan(OFFICE, ask=Touch(guard=RestBetween(days(90)) & ByHand(), due=NoFacts()))
        assert set(plan.facts) == {"last_invited", "last_invited_2", "last_sent_ask"}
        known = [(ALWAYS, NEVER, NOW), (LONG_AGO, LATELY, ALWAYS), (LATELY, LONG_AGO, LONG_AGO)]
        rows = [{"customer": "ann", **dict(zip(sorted(plan.facts), values, strict=True))} for values in known]
        assert decided(decide_table(plan, frame_of(rows, plan), AT)) == told(rows, plan=plan)

    def test_no_facts_at_all(self) -> None:
        plan = Plan(OFFICE, call=Touch(guard=THEIRS))
        rows = [{"customer": "ann", "zone": "Asia/Tokyo"}, {"customer": "bob", "zone": "UTC"}]
        table = pa.Table.from_pylist(rows)
        assert decided(decide_table(plan, table, AT)) == told(rows, plan=plan)
        assert decided(decide_table(plan, table.drop_columns(["zone"]), AT)) == told(
            [{"customer": "ann"}, {"customer": "bob"}], plan=plan
        )

    @pytest.mark.parametrize(
        "policy",
        [
            wrong_policies.BranchesWithIf,
            wrong_policies.JoinsWithAnd,
            wrong_policies.TakesMax,
            wrong_policies.NegatesWithTilde,
            wrong_policies.ComparesInAChain,
            wrong_policies.AsksTheWholeTable,
            wrong_policies.RoundsWithMath,
            wrong_policies.GivesAFloat,
            wrong_policies.GivesABool,
            wrong_policies.GivesNone,
            wrong_policies.WrongLength,
            wrong_policies.WritesIntoFacts,
            wrong_policies.Counts,
            wrong_policies.LooksElsewhere,
        ],
    )
    @pytest.mark.parametrize("count", [1, 2])
    def test_traps_are_refused_by_name(self, policy: type, count: int) -> None:
        """Even where there is one row, on which some of them would work."""
        plan = Plan(OFFICE, ask=Touch(guard=policy()))
        rows = [{"customer": "ann"}] * count
        text = f"policy cannot decide about a table: of touch 'ask', {policy.__name__}.* breaks .*; or set one_customer"
        with pytest.raises(InvalidPolicyError, match=text):
            decide_table(plan, frame_of(rows, plan), AT)

    @pytest.mark.parametrize(
        ("wrong", "text"),
        [
            ("raises", r"Delicate\.opens raises ValueError \(no\); use where, latest"),
            ("short", r"Delicate\.opens gives ndarray, not an instant for each row"),
            ("float", r"Delicate\.opens gives ndarray"),
            ("none", r"Delicate\.opens gives NoneType"),
        ],
    )
    def test_traps_that_only_some_rows_spring(self, wrong: str, text: str) -> None:
        plan = Plan(OFFICE, ask=Touch(guard=Delicate(wrong)))
        with pytest.raises(InvalidPolicyError, match=text):
            decide_table(plan, frame_of([{"customer": "ann", "left": 7}] * 3, plan), AT)

    def test_a_fact_called_as_another_column(self) -> None:
        plan = Plan(OFFICE, ask=Touch(guard=Clashing()))
        with pytest.raises(InvalidPolicyError, match="fact has the name of another column: 'zone'; call it otherwise"):
            decide_table(plan, pa.table({"customer": ["ann"], "zone": [1]}), AT)

    @pytest.mark.parametrize("count", [2, 5, 13, 20, 70])
    def test_many_in_one_touch(self, count: int) -> None:
        """Of which any may bind, several at once, or none: more than one number can tell apart."""
        draw = random.Random(count)
        names = [f"fact_{n}" for n in range(count)]
        plan = Plan(OFFICE, ask=Touch(guard=_joined([*map(After, names), THEIRS])))
        rows = [
            {"customer": str(n), "zone": "UTC", **{name: draw.choice((ALWAYS, LATELY, NOW + HOUR)) for name in names}}
            for n in range(120)
        ]
        rows += [{"customer": "nobody", "zone": "UTC"}]
        rows += [{**rows[-1], name: LATELY} for name in names]
        assert decided(decide_table(plan, frame_of(rows, plan), AT)) == told(rows, plan=plan)

    def test_the_same_for_everybody(self) -> None:
        plan = Plan(OFFICE, ask=Touch(guard=Season()), call=Touch(guard=Season() & OURS))
        rows = [{"customer": "ann"}, {"customer": "bob"}]
        assert decided(decide_table(plan, frame_of(rows, plan), AT)) == told(rows, plan=plan)

    def test_the_first_of_several_duties(self) -> None:
        plan = Plan(OFFICE, call=Touch(due=Cadence(days(30)) | Cadence(days(50), by=("dealer",)) | NoFacts()))
        draw = random.Random(1)
        instants = (ALWAYS, LATELY, LATELY - 20 * DAY, LATELY + 20 * DAY)
        rows = [{"customer": str(n), **{name: draw.choice(instants) for name in plan.facts}} for n in range(60)]
        assert decided(decide_table(plan, frame_of(rows, plan), AT)) == told(rows, plan=plan)


def _joined(guards: list[Any]) -> Any:
    joined = guards[0]
    for guard in guards[1:]:
        joined = joined & guard
    return joined


class TestKeys:
    """The same text as `Decision.key`."""

    NAMES: ClassVar[list[str]] = ["50%", "a/b", "~", "%2F", "für Ängstliche", "", " ", "客", "a\x00b", "é%/~" * 99]

    @every_kind
    def test_names_with_the_signs_that_part_a_key(self, kind: str) -> None:
        names = [name for name in self.NAMES if not (kind == "duckdb" and "\x00" in name)]
        plan = Plan(OFFICE, touches={"a/%~": Touch(due=PromiseKept())})
        rows = [{"customer": name, "case": name, "ref": name, "party": name} for name in names]
        assert decided(decide_table(plan, KINDS[kind](frame_of(rows, plan)), AT)) == told(rows, plan=plan)

    @pytest.mark.parametrize("left_out", ["case", "ref", "party"])
    def test_columns_of_names_that_are_left_out(self, left_out: str) -> None:
        plan = Plan(OFFICE, touches={"promise": Touch(due=PromiseKept())})
        rows = [{"customer": "a", "case": "b", "ref": "", "party": "d"}] * 2
        wanted = told([{**row, left_out: ""} for row in rows], plan=plan)
        assert decided(decide_table(plan, frame_of(rows, plan).drop_columns([left_out]), AT)) == wanted

    @pytest.mark.parametrize("some", [(), (ALWAYS,), (NEVER, ALWAYS)])
    @pytest.mark.parametrize("year", ["0001", "1969", "2001", "2002", "2286", "2287", "9990"])
    def test_instants_of_any_number_of_digits(self, year: str, some: tuple[int, ...]) -> None:
        plan = Plan(Calendar.always(), ask=Touch(guard=RestBetween(days(1))))
        days_of = [f"{year}-{month}-09T01:46" for month in ("01", "09", "11")]
        instants = [to_micros(f"{day}:{second}Z") for day in days_of for second in ("39", "40")]
        rows = [{"customer": "a", "last_invited": at, "last_sent_ask": at} for at in (*instants, *some)]
        rows += [{**row, "last_sent_ask": at + 1} for row, at in zip(rows, instants, strict=False)]
        assert decided(decide_table(plan, frame_of(rows, plan), AT)) == told(rows, plan=plan)

    def test_a_small_part_of_a_long_column(self) -> None:
        """Signs beyond the rows that are asked about are not looked at, those in it are."""
        plan = Plan(OFFICE, ask=Touch(guard=OURS))
        rows = [{"customer": name} for name in ("a/", "b", "c%", "d")]
        table = frame_of(rows, plan)
        for start in range(4):
            assert decided(decide_table(plan, table.slice(start, 2), AT)) == told(rows[start : start + 2], plan=plan)

    def test_long_names(self) -> None:
        plan = Plan(OFFICE, ask=Touch(guard=OURS))
        rows = [{"customer": "x/" * 2**18, "case": "é" * 2**18}] * 2
        assert decided(decide_table(plan, frame_of(rows, plan), AT)) == told(rows, plan=plan)


class TestDecider:
    """What engines call: in another process, or in many threads."""

    def test_a_pickled_one_decides_the_same(self) -> None:
        decide = batch_decider(PLAN, AT, columns={"customer": "who"}, unknown="hold", only=["customer", "key"])
        batch = table_of().rename_columns(["who", "last_invited", "zone"]).to_batches()[0]
        first = decide(batch)
        assert pickle.loads(pickle.dumps(decide))(batch) == first

    def test_threads_share_one(self) -> None:
        """Years and zones apart, so that each needs other tables than the rest."""
        decide = batch_decider(PLAN, "asked")
        zones = ("Europe/Paris", "Asia/Tokyo", "America/New_York", "Pacific/Apia")
        batches, wanted = [], []
        for number in range(8):
            at = to_micros(f"{1990 + 12 * (number % 4)}-05-04T03:00Z")
            rows: list[dict[str, Any]] = [{"customer": "a", "asked": at + n * HOUR} for n in range(40)]
            rows = [{**row, "zone": zones[(number + n) % 4]} for n, row in enumerate(rows)]
            batches.append(frame_of(rows, PLAN).to_batches()[0])
            wanted.append([told([row], row["asked"])[0] for row in rows])
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda batch: decided(decide(batch)), batches)) == wanted


@attrs.frozen
class Stranger:
    """A fold of one's own."""


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        (Last("survey"), "the latest survey of the customer was"),
        (Last(("promise", "refund"), gives="due", scope="case"), "the latest promise or refund of the case falls due"),
        (First(Which(), missing=ALWAYS), "the first event of the customer was"),
        (KthLatest("survey", k=1), "the latest survey of the customer was"),
        (KthLatest("survey", k=3), "the latest but 2 survey of the customer was"),
        (EarliestOpen("promise", until="kept"), "the earliest promise that has not ended of the case falls due"),
        (EarliestOpen("a", until="b", gives="at"), "the earliest a that has not ended of the case was"),
        (Last(Which("a", by="us", direction="outbound")), "the latest a (outbound, by us) of the customer was"),
        (Last(Which("a", conversation=True)), "the latest a (conversation) of the customer was"),
        (Last(Which(named="survey")), "the latest survey of the customer was"),
        (LastWhile("talk", ahead="promise"), "the latest talk with a stated date still ahead of the case was"),
        (Intervals("paused", until="resumed"), "the latest paused that has not ended of the case was"),
    ],
)
def test_what_a_fact_means(fact: Fact, text: str) -> None:
    """In words, from its declaration."""
    assert meaning_of(fact) == f"when {text}"


def test_what_a_fold_of_ones_own_means() -> None:
    """What it says of itself."""
    fact: Any = Stranger()
    assert meaning_of(fact) == "what Stranger() comes to"

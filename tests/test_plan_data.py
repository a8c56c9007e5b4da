"""Plans as plain data: written and read back, described by a schema, refused with path and remedy."""

from __future__ import annotations

import copy
import json
import re
import sys
import tomllib
from importlib import resources
from typing import Any

import attrs
import jsonschema
import pytest

from carepolicy import (
    Actionable,
    Cadence,
    Calendar,
    Chasers,
    ContactHours,
    Guard,
    NoTrouble,
    Parties,
    Plan,
    PromiseKept,
    RestBetween,
    Stalled,
    Touch,
    Which,
    Window,
    days,
    elapsed,
    working_days,
)
from carepolicy._plan_data import recommended
from carepolicy.errors import InvalidPolicyError, MissingExtraError, UnknownNameError

office = Calendar.weekly("Mon-Fri 09:00-17:00", zone="UTC", holidays=["2026-12-25"])
claims = Plan.named("claims")
full = Plan(
    office,
    name="care",
    parties=Parties(ours="agent", partners=["shop"], customers=["customer", "driver"]),
    checks=[Stalled(3), Chasers(["status", "complaint"])],
    call=Touch(
        due=Cadence(working_days(10), at_most=elapsed(hours=300), by=["agent", "office"]) | PromiseKept(),
        guard=ContactHours(office),
        owner="agent",
        touch_class="legal",
        channel="visit",
        minutes=25,
        sends=Which("contact", by="agent", conversation=True),
    ),
    survey=Touch(guard=RestBetween(days(30)) & NoTrouble()),
)


@attrs.frozen
class Score(Guard):
    """A model of one's own."""

    least: float
    label: str | int | bytes = "x"
    strict: bool = False
    limit: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.label == "crash":
            raise TypeError("no")


class Plain(Guard):
    """No attrs class."""


class TestRoundTrip:
    """What is written is read back, and says what differs from the defaults."""

    @pytest.mark.parametrize(
        "plan",
        [
            claims,
            full,
            Plan(office, checks=(), call=Touch(guard=Actionable())),
            Plan(office & Calendar.only(Window(opens="2026-01-01T00:00Z")), call=Touch(guard=Actionable())),
            Plan(Calendar.always(), touches={"exit question": Touch(guard=Actionable(), sends=Which())}),
            Plan(office, parties=Parties(customers=()), call=Touch(due=Cadence(days(1), by=()))),
        ],
        ids=lambda plan: plan.name,
    )
    def test_by_toml_json_and_data(self, plan: Plan) -> None:
        for again in (
            Plan.from_toml(plan.to_toml()),
            Plan.from_json(plan.to_json()),
            Plan.from_data(json.loads(json.dumps(plan.to_data()))),
        ):
            assert again == plan
            assert again.version == plan.version
            assert again.explain() == plan.explain()

    def test_says_only_what_differs(self) -> None:
        assert full.to_data() == {
            "name": "care",
            "calendar": office.to_data(),
            "parties": {"ours": ["agent"], "partners": ["shop"], "customers": ["customer", "driver"]},
            "touch": {
                "call": {
                    "due": [
                        {
                            "type": "Cadence", "every": "10 working days", "at_most": "300 elapsed hours",
                            "by": ["agent", "office"],
                        },
                        {"type": "PromiseKept"},
                    ],
                    "guard": [{"type": "ContactHours", "hours": office.to_data()}],
                    "owner": "agent", "touch_class": "legal", "channel": "visit", "minutes": 25,
                    "sends": {"kind": ["contact"], "by": ["agent"], "conversation": True},
                },
                "survey": {"guard": [{"type": "RestBetween", "rest": "30 days"}, {"type": "NoTrouble"}]},
            },
            "check": [{"type": "Stalled", "failures": 3}, {"type": "Chasers", "purposes": ["status", "complaint"]}],
        }  # fmt: skip
        assert "ü" in Plan(office, name="ü", call=Touch(guard=Actionable())).to_json()

    def test_one_table_may_stand_for_a_list_and_one_word_for_several(self) -> None:
        short = """
            calendar = { weekly = "Mon-Fri 09:00-17:00", zone = "UTC" }
            touch.call = { due = { type = "Cadence", every = "3 days", by = "agent" } }
            check = { type = "Stalled" }
        """
        plan = Plan.from_toml(short)
        assert plan["call"].due == Cadence(days(3), by=["agent"])
        assert plan.checks == (Stalled(),)

    def test_policies_of_ones_own_are_handed_in(self) -> None:
        plan = Plan(office, call=Touch(guard=Score(0.5, "y", True, 3)))
        assert plan.to_data()["touch"]["call"]["guard"] == [
            {"type": "Score", "least": 0.5, "label": "y", "strict": True, "limit": 3}
        ]
        for text, read in ((plan.to_json(), Plan.from_json), (plan.to_toml(), Plan.from_toml)):
            assert read(text, policies=[Score]) == plan
        whole = {"type": "Score", "least": 1}
        data = {**plan.to_data(), "touch": {"call": {"guard": [whole]}}}
        assert Plan.from_data(data, policies=[Score])["call"].guard == Score(1.0)
        jsonschema.validate(data, Plan.json_schema(policies=[Score]))

    @pytest.mark.parametrize(
        ("policy", "problem"),
        [
            (Plain(), "policy cannot be written to a plan: <"),
            (Score(0.5, b"x"), "field cannot be written to a plan: b'x' (bytes); use text, numbers, spans"),
        ],
    )
    def test_what_is_no_data_is_refused(self, policy: Guard, problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match=re.escape(problem)):
            Plan(office, call=Touch(guard=policy)).to_data()

    def test_only_attrs_classes_are_handed_in(self) -> None:
        with pytest.raises(InvalidPolicyError, match="policy is not an attrs class: Plain; decorate it with @frozen"):
            Plan.from_data(full.to_data(), policies=[Plain])


def changed(path: str, value: object, *, drop: bool = False) -> dict[str, Any]:
    data: Any = copy.deepcopy(full.to_data())
    *above, last = path.split("/")
    place = data
    for step in above:
        place = place[int(step) if step.isdigit() else step]
    if drop:
        del place[last]
    else:
        place[int(last) if last.isdigit() else last] = value
    return data  # type: ignore[no-any-return]


WRONG = [
    ("nmae", "x", "plan has a key that nobody reads: 'nmae'; use name, calendar, parties, touch, check"),
    ("name", 5, "name is not of type string: 5; mend it"),
    ("calendar", {}, "calendar: calendar must hold one of weekly"),
    ("touch", [], "touch is not a table: []; write [touch.NAME]"),
    ("touch", {}, "plan has no touch; add one"),
    ("touch/call", "x", "touch.call is not a table: 'x'; write [touch.call]"),
    ("touch/call/duty", [], "touch.call has a key that nobody reads: 'duty'; use due, guard, owner, touch_class, chan"),
    ("touch/call", {"owner": "x"}, "touch.call: touch has neither duty nor guard"),
    ("touch/call/due", [], 'touch.call.due is not a list of tables: []; write e.g. [{type = "Cadence", …}]'),
    ("touch/call/due", "Cadence", "touch.call.due is not a list of tables: 'Cadence'"),
    ("touch/call/due", [{"type": "NoTrouble"}], "touch.call: duty is not one: NoTrouble("),
    ("touch/call/due/0", "Cadence", "touch.call.due[0] has no type: 'Cadence'; write e.g. {type ="),
    ("touch/call/due/0/type", 5, "touch.call.due[0] has no type: {'type': 5"),
    (
        "touch/call/due/0/type",
        "Cadenza",
        "touch.call.due[0].type is not a known policy: 'Cadenza'; use one of Acknowledgement, Action",
    ),
    ("touch/call/due/0/often", 3, "touch.call.due[0] has a key that nobody reads: 'often'; use every, at_most, by"),
    ("touch/call/due/0/every", "3 hours", "touch.call.due[0].every: span does not say which hours: '3 hours'; write"),
    ("touch/call/due/0/every", 3, "touch.call.due[0].every: span cannot be read: 3"),
    ("touch/call/due/0/every", "0 days", "touch.call.due[0]: every points backward or nowhere: 0 days"),
    ("touch/call/due/0/by", ["x", 3], "touch.call.due[0].by[1] is not of type string: 3; mend it"),
    ("touch/call/due/0/by", 3, "touch.call.due[0].by[0] is not of type string: 3"),
    ("touch/call/guard/0/hours", {"weekly": "x", "zone": "UTC"}, "touch.call.guard[0].hours: "),
    ("touch/call/guard/0/hours", "x", "touch.call.guard[0].hours: calendar is not a table: 'x'"),
    ("touch/call/guard/0", {"type": "ContactHours"}, "touch.call.guard[0] lacks hours: {}; add it"),
    ("touch/call/minutes", "ten", "touch.call.minutes is not of type integer: 'ten'; mend it"),
    ("touch/call/minutes", True, "touch.call.minutes is not of type integer: True"),
    ("touch/call/minutes", 0, "touch.call: minutes must be at least 1, got 0"),
    ("touch/call/touch_class", "spam", "touch.call: touch_class is not known: 'spam'"),
    ("touch/call/sends", "contact", "touch.call.sends is not a table: 'contact'; write its fields"),
    ("touch/call/sends/whom", "x", "touch.call.sends has a key that nobody reads: 'whom'"),
    ("touch/call/sends/conversation", 1, "touch.call.sends.conversation is not of type boolean: 1"),
    ("parties", "agent", "parties is not a table: 'agent'; write its fields"),
    ("parties/theirs", "x", "parties has a key that nobody reads: 'theirs'; use ours, partners, customers"),
    ("check", {"type": "Cadenza"}, "check[0].type is not a known policy: 'Cadenza'"),
    ("check/0/failures", 0, "check[0]: failures must be at least 1, got 0"),
]


class TestRefusals:
    """A slip of the pen is named with its place and what would do."""

    @pytest.mark.parametrize(("path", "value", "problem"), WRONG, ids=[f"{p}={v}" for p, v, _ in WRONG])
    def test_says_where_and_what_would_do(self, path: str, value: object, problem: str) -> None:
        with pytest.raises(InvalidPolicyError, match="^" + re.escape(problem)):
            Plan.from_data(changed(path, value))

    def test_without_a_calendar(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^calendar: calendar must hold one of"):
            Plan.from_data(changed("calendar", None, drop=True))

    def test_what_is_no_table_no_json_no_toml(self) -> None:
        with pytest.raises(InvalidPolicyError, match="plan is not a table: 5; see "):
            Plan.from_data(5)  # type: ignore[arg-type]
        text: Any
        for text in ("{", None):
            with pytest.raises(InvalidPolicyError, match=r"plan is not JSON: .*; mend it there"):
                Plan.from_json(text)
        for text in ("a = = b", None, 5):
            with pytest.raises(InvalidPolicyError, match=r"plan is not TOML: .*; mend it there"):
                Plan.from_toml(text)

    def test_a_policy_of_ones_own_that_fails(self) -> None:
        guard = [{"type": "Score", "least": 0.5, "label": "crash"}]
        with pytest.raises(InvalidPolicyError, match=re.escape("touch.call.guard[0] lacks a field: {'least': 0.5")):
            Plan.from_data(changed("touch/call/guard", guard), policies=[Score])

    def test_nothing_is_evaluated(self) -> None:
        with pytest.raises(InvalidPolicyError, match="is not a known policy: '__import__'"):
            Plan.from_data(changed("touch/call/due/0/type", "__import__"))


class TestSchema:
    """The JSON Schema allows what can be read and refuses what cannot."""

    schema = Plan.json_schema()

    def test_is_a_schema(self) -> None:
        jsonschema.Draft202012Validator.check_schema(self.schema)
        json.dumps(self.schema)

    @pytest.mark.parametrize("plan", [claims, full], ids=lambda plan: plan.name)
    def test_allows_plans(self, plan: Plan) -> None:
        jsonschema.validate(plan.to_data(), self.schema)
        jsonschema.validate(tomllib.loads(recommended("claims")), self.schema)

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (path, value)
            for path, value, problem in WRONG
            # a calendar is any table to the schema; what a number must be beyond its type, only reading tells
            if not re.search(r"^calendar: |hours: $|at least 1|backward", problem)
        ],
    )
    def test_refuses_what_reading_refuses(self, path: str, value: object) -> None:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(changed(path, value), self.schema)

    def test_needs_a_calendar(self) -> None:
        with pytest.raises(jsonschema.ValidationError, match="'calendar' is a required property"):
            jsonschema.validate(changed("calendar", None, drop=True), self.schema)

    def test_describes_policies_of_ones_own(self) -> None:
        schema = Plan.json_schema(policies=[Score])
        guards = schema["properties"]["touch"]["additionalProperties"]["properties"]["guard"]["oneOf"]
        assert {"$ref": "#/$defs/Score"} in guards
        own = schema["$defs"]["Score"]
        assert own["required"] == ["type", "least"]
        assert own["properties"] == {
            "type": {"const": "Score"}, "least": {"type": "number"}, "label": {}, "strict": {"type": "boolean"},
            "limit": {"type": "integer"},
        }  # fmt: skip


class TestShippedSchema:
    """Editors need the schema as a file; it is the one that `Plan.json_schema` gives."""

    def test_is_up_to_date(self) -> None:
        """If this fails: `carepolicy schema` prints the new one."""
        shipped = resources.files("carepolicy") / "plans" / "plan.schema.json"
        assert json.loads(shipped.read_text(encoding="utf-8")) == Plan.json_schema()


class TestJson:
    """A name given twice would silently lose the first."""

    def test_refuses_a_name_given_twice(self) -> None:
        with pytest.raises(InvalidPolicyError, match=r"^plan gives a name twice: 'touch'; give each name once"):
            Plan.from_json('{"touch": {"a": 1}, "name": "x", "touch": {"b": 2}}')


class TestExplain:
    """A plan in plain words, for the care team."""

    def test_reads_like_a_list_of_rules(self) -> None:
        lines = full.explain().splitlines()
        assert lines[0] == f"Plan care, version {full.version}."
        assert lines[2:5] == ["Ours: agent.", "Partners: shop.", ""]
        assert lines[5] == "call (legal, done by agent)"
        assert lines[6].startswith("  owed: a live talk that agent or office began, every 10 working days, 300 elapsed")
        assert lines[7] == "  owed: a promise is kept by its date"
        assert lines[8].startswith("  only if: during ")
        assert lines[9:] == [
            "",
            "survey (survey)",
            "  only if: 30 days after the last survey",
            "  only if: nothing is open or wrong at the customer",
            "",
            "An audit also looks for:",
            "  - 3 attempts at one thing fail",
            "  - the customer asks for status while an update, a promise or an estimate is overdue",
        ]

    def test_without_name_and_parties(self) -> None:
        lines = Plan(office, call=Touch(guard=Actionable())).explain().splitlines()
        assert lines[0].startswith("Plan (without a name), version ")
        assert not any(line.startswith(("Ours", "Partners")) for line in lines)


class TestNamed:
    """Recommended plans ship with carepolicy."""

    def test_are_known_by_name(self) -> None:
        assert claims.name == "claims"
        with pytest.raises(UnknownNameError, match="plan is not one that ships: 'claim'; use one of claims, or a file"):
            Plan.named("claim")
        with pytest.raises(UnknownNameError, match=r"plan is not one that ships: '[.][.]/plans/claims'"):
            Plan.named("../plans/claims")


def test_writing_toml_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tomli_w", None)
    with pytest.raises(
        MissingExtraError, match=r"writing TOML needs tomli-w, .*; pip install 'carepolicy\[toml\]', or use to_json"
    ):
        claims.to_toml()

"""Handovers as JSON: exact both ways, with a schema, and anything else is refused in one sentence."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from carepolicy._instant import to_micros
from carepolicy.errors import InvalidPolicyError
from carepolicy.handover.document import Choice, Link, NextAction, Said
from carepolicy.handover.handover import Handover
from tests.handover.hostile import CORPUS, full

AT = to_micros("2026-03-02T09:00:00.000001Z")
FULL = Handover(
    case="c",
    at_us=AT,
    last_event="e1",
    last_event_us=AT,
    wanted=Said(text="\u202ea coat <b>", at_us=AT),
    options=(Choice(name="swap"), Choice(name="refund", cost=3.5, in_time=False)),
    next_action=NextAction(what="call"),
    read_back=(("severity", "serious"), ("next action", "call")),
    previous=(Link(sender="kim", to="lee", prepared_us=AT),),
)


def data(**changed: Any) -> str:
    return json.dumps({**json.loads(FULL.to_json()), **changed})


class TestJson:
    """Text out and in again."""

    def test_it_comes_back_as_it_was(self) -> None:
        """To the microsecond, with nothing where nothing was said."""
        assert Handover.from_json(FULL.to_json()) == FULL
        assert Handover.from_json(Handover().to_json()) == Handover()

    @pytest.mark.parametrize("words", CORPUS, ids=lambda words: ascii(words)[:40])
    def test_no_text_ends_the_script_that_holds_it(self, words: str) -> None:
        """A page may hold it as data; a file may hold it as UTF-8; and it still says the same."""
        handover = full(words)
        written = handover.to_json()
        assert not set("<>&\u2028\u2029") & set(written)
        assert written.encode()
        assert Handover.from_json(written) == handover

    def test_two_halves_that_nobody_joined_stay_two(self) -> None:
        handover = Handover(title="\ud83d\ude00 and \U0001f600")
        assert Handover.from_json(handover.to_json()) == handover

    def test_instants_are_text_and_never_is_null(self) -> None:
        """A reader needs no sentinel; the event and its instant have names of their own."""
        read = json.loads(FULL.to_json())
        assert read["version"] == 1
        assert read["at"] == "2026-03-02T09:00:00.000001+00:00"
        assert (read["last_event"], read["last_event_at"]) == ("e1", read["at"])
        assert read["next_action"]["at"] is read["accepted_at"] is None

    def test_a_whole_number_is_a_cost(self) -> None:
        """Other programs write 3.0 as 3."""
        read = json.loads(FULL.to_json())
        read["options"][1]["cost"] = 4
        assert Handover.from_json(json.dumps(read)).options[1].cost == 4.0

    def test_the_schema_takes_what_is_written(self) -> None:
        """And refuses a field that nobody reads."""
        schema = Handover.json_schema()
        jsonschema.Draft202012Validator.check_schema(schema)
        check = jsonschema.Draft202012Validator(schema)
        check.validate(json.loads(FULL.to_json()))
        check.validate(json.loads(Handover().to_json()))
        for wrong in ({"more": 1}, {"version": 2}, {"options": [1]}, {"read_back": [["one"]]}):
            assert not check.is_valid(json.loads(data(**wrong)))


class TestRefused:
    """One sentence: where, what, and what would do."""

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("{", "handover is not JSON: '{'; pass what to_json gave"),
            ("[1]", "handover is not of version 1: [1]; pass what to_json gave"),
            ('{"version": 2}', "handover is not of version 1: 2; pass what to_json gave"),
            ('{"version": true}', "handover is not of version 1: True; pass what to_json gave"),
            (None, "handover is not JSON: None; pass what to_json gave"),
            ("[" * 100_000, "handover is not JSON: '[" + "[" * 58 + "; pass what to_json gave"),
            (data(case=7), "handover.case is not of type string: 7; mend it"),
            (data(gaps={}), "handover.gaps is not a list: {}; mend it"),
            (data(seen=[1]), "handover.seen[0] is not of type string: 1; mend it"),
            (data(read_back=[["a"]]), "handover.read_back[0] is not a list of 2: ['a']; mend it"),
            (data(options=[1]), "handover.options[0] is not an object: 1; write its fields"),
            (
                data(at="2026-03-02"),
                (
                    "handover.at has no time zone: 2026-03-02 00:00:00; attach one,"
                    " e.g. value.replace(tzinfo=ZoneInfo('Europe/Paris'))"
                ),
            ),
        ],
    )
    def test_what_is_none_is_refused(self, text: Any, sentence: str) -> None:
        """Nothing is guessed."""
        with pytest.raises(InvalidPolicyError) as caught:
            Handover.from_json(text)
        assert str(caught.value) == sentence

    def test_fields_are_all_there_and_no_others(self) -> None:
        """A slip of the pen does not pass in silence."""
        with pytest.raises(
            InvalidPolicyError, match=r"^handover has a field that nobody reads: 'cases'; write customer, "
        ):
            Handover.from_json(data(cases="x"))
        less = json.loads(FULL.to_json())
        del less["wanted"]["text"]
        with pytest.raises(InvalidPolicyError, match=r"^handover\.wanted lacks a field: 'text'; write text, at, by, "):
            Handover.from_json(json.dumps(less))

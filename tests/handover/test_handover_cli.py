"""The command `carepolicy handover`: what it prints for the claim, in each form, and what it refuses."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from carepolicy import cli
from carepolicy.handover.handover import Handover
from tests.test_package import ROOT

CLAIM = ROOT / "examples" / "claim" / "claim.csv"
ASKED = ("--case", "claim", "--at", "2018-01-26T12:00", "--to", "service manager")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app(), ["handover", str(CLAIM), *map(str, arguments)])


class TestPrinted:
    """A stranger could act on it."""

    def test_the_claim_as_text(self) -> None:
        """The dealer, the car's place, what was tried, the part, who waits, how often they had to ask, what to say."""
        printed = " ".join(run(*ASKED).stdout.split())
        for part in (
            "the car with the dealer",
            "I understand that",
            "Is that right?",
            "sensor arrives on Monday",
            "Mon 22 Jan 2018 17:00",
            "customer waits for claims-office",
            "body-shop waits for dealer",
            "4 times how it stands, and perhaps 4 times more",
            "dealer gave the car back, fault returned on the drive, taken back again",
            "What outcome would make this right for you?",
        ):
            assert part in printed

    @pytest.mark.parametrize(
        ("form", "begins"),
        [("markdown", "# "), ("html", "<!DOCTYPE html>"), ("json", "{"), ("slack", "{"), ("csv", '"')],
    )
    def test_in_each_form(self, form: str, begins: str) -> None:
        """To paste, to print, to send."""
        result = run(*ASKED, "--format", form)
        assert result.exit_code == 0, result.output
        assert result.stdout.startswith(begins)
        assert result.stdout.endswith("\n")
        assert not result.stdout.endswith("\n\n")

    def test_json_is_the_whole_handover(self) -> None:
        """With the plan's zone, or another one."""
        here = Handover.from_json(run(*ASKED, "--format", "json").stdout)
        assert (here.zone, here.customer_zone, here.sender) == ("America/Denver", "", "")
        more = ("--customer-zone", "Europe/Paris", "--sender", "kim", "--customer", "")
        there = Handover.from_json(run(*ASKED, "--format", "json", "--zone", "America/New_York", *more).stdout)
        assert (there.zone, there.customer_zone, there.sender) == ("America/New_York", "Europe/Paris", "kim")
        assert json.loads(run(*ASKED, "--format", "slack").stdout)["blocks"]

    def test_the_case_may_be_left_out(self) -> None:
        """Where there is one only."""
        assert "the car with the dealer" in run(*ASKED[2:]).stdout


class TestRefused:
    """One sentence, and no traceback."""

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (
                ("--case", "x", *ASKED[2:]),
                "carepolicy: case is not known by Fri 26 Jan 2018 19:00 UTC: 'x'; known are 'claim'\n",
            ),
            (
                (*ASKED, "--format", "pdf"),
                "carepolicy: --format is not known: 'pdf'; use one of text, markdown, html, json, slack, csv\n",
            ),
        ],
    )
    def test_what_is_not_known(self, arguments: tuple[str, ...], sentence: str) -> None:
        """With what there is."""
        result = run(*arguments)
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", sentence)

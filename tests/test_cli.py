"""The command: what it reads, says, refuses, and how it ends."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet
from typer.testing import CliRunner, Result

from carepolicy import ALWAYS, Actionable, Audit, Decision, Finding, Plan, Review, Touch, Verdict, _bar, _rendering, cli
from carepolicy._instant import DAY
from carepolicy._reading import read_log
from carepolicy.decision import About
from carepolicy.finding import KINDS
from tests.test_package import ROOT

CLAIM = ROOT / "examples" / "claim" / "claim.csv"
HEAD = "id,at,kind,customer,case,party,direction,channel,outcome,author,purpose,due,text\n"
PLAN = '[calendar]\nweekly = "Mon-Fri 09:00-17:00"\nzone = "Europe/Paris"\n'
CALLS = '[touch.call]\nowner = "agent"\nminutes = 20\ndue = [{ type = "Cadence", every = "30 days", by = ["agent"] }]\n'


@pytest.fixture(autouse=True)
def columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same width on every terminal."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, so that messages hold short names."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli.app(), [str(a) for a in arguments], input=stdin)


def outside(*arguments: object, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """The command as a shell runs it."""
    program = [sys.executable, "-c", "from carepolicy.cli import main; main()", *map(str, arguments)]
    return subprocess.run(program, capture_output=True, check=False, timeout=60, **more)


def refusal(*arguments: object, stdin: str | bytes | None = None) -> str:
    """What the command says when it refuses; nothing goes to standard output, and there is no traceback."""
    result = run(*arguments, stdin=stdin)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    return result.stderr


def rows_of(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


class TestAudit:
    """`carepolicy audit` says what history did against a plan."""

    def test_for_a_newcomer(self) -> None:
        """Heading, findings with what should have happened, who had the case, totals; no colours, at most 100 wide."""
        result = run("audit", CLAIM)
        assert (result.exit_code, result.stderr) == (0, "")
        text = result.stdout
        assert f"held against plan claims (version {Plan.named('claims').version})" in " ".join(text.split())
        assert "as known on Sat 10 Feb 2018 10:00; times are those of America/Denver" in text
        assert "\n Tue 21 Nov 2017   promise broken    " in text
        assert "\n for 7.8 days " in text
        assert "instead: confirm what is known instead of asking for it" in text
        assert "Who had the case in hand" in text
        assert "\x1b" not in text
        assert max(map(len, text.splitlines())) <= 100
        assert text.splitlines() == [line.rstrip() for line in text.splitlines()]

    def test_the_totals_come_last(self) -> None:
        """By kind, in plain words."""
        text = " ".join(run("audit", CLAIM).stdout.split())
        assert f"{len(rows_of(run('audit', CLAIM, '--json')))} findings: customer chased " in text

    def test_what_is_only_possible_is_marked(self) -> None:
        text = run("audit", CLAIM).stdout
        possible = [f for f in rows_of(run("audit", CLAIM, "--json")) if f["certainty"] == "possible"]
        assert text.count("possible:\n") + text.count(" possible:  ") == len(possible) > 0
        assert f"({len(possible)} of them possible)" in text

    def test_json_is_one_finding_a_line(self) -> None:
        """The same as the library gives."""
        timeline = read_log(str(CLAIM), zone="America/Denver").timeline
        expected = Plan.named("claims").audit(timeline, "2018-02-10T10:00-07:00")
        assert rows_of(run("audit", CLAIM, "--json")) == [f.to_data() for f in expected]

    def test_until_is_not_the_clock(self) -> None:
        """What happened or became known later is not used; a wall time is one of the zone."""
        early = rows_of(run("audit", CLAIM, "--json", "--until", "2017-11-28T00:00"))
        assert early
        assert all(f["at"] < "2017-11-28" for f in early)
        assert (
            early == rows_of(run("audit", CLAIM, "--json", "--until", "2017-11-28T07:00", "--zone", "UTC"))[:0] + early
        )

    def test_until_reaches_to_what_became_known_last(self, here: Path) -> None:
        """An event recorded a week after it happened moves the default."""
        Path("late.csv").write_text("at,recorded_at,kind\n2026-03-02 09:00,2026-03-09 09:00,sold\n")
        assert "as known on Mon 9 Mar 2026 09:00" in run("audit", "late.csv").stdout

    @pytest.mark.parametrize(
        ("kinds", "code"), [("chaser", 1), ("drift,chaser", 1), ("any", 1), ("drift", 0), ("", 0), (" , ", 0)]
    )
    def test_fail_on(self, kinds: str, code: int) -> None:
        """Ends with 1 when there is such a finding, and prints all the same."""
        result = run("audit", CLAIM, "--json", "--fail-on", kinds)
        assert result.exit_code == code
        assert rows_of(result) == rows_of(run("audit", CLAIM, "--json"))

    def test_fail_on_given_twice(self) -> None:
        """Counts both times, in either order."""
        for one, other in (("chaser", "missed"), ("missed", "chaser")):
            assert run("audit", CLAIM, "--json", "--fail-on", one, "--fail-on", other).exit_code == 1

    def test_fail_on_what_does_not_exist(self) -> None:
        said = refusal("audit", CLAIM, "--fail-on", "chaser,chasers")
        assert said.startswith("carepolicy: --fail-on is not a kind of finding: 'chasers'; use any, or missed, late, ")
        assert said.count("\n") == 1

    def test_every_kind_has_plain_words(self) -> None:
        assert set(_rendering.IN_WORDS) == set(KINDS)

    def test_nothing_to_find(self, here: Path) -> None:
        Path("quiet.csv").write_text("at,kind\n2026-03-02T09:00Z,sold\n")
        result = run("audit", "quiet.csv", "--fail-on", "any")
        assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "0 findings")

    def test_no_events_at_all(self, here: Path) -> None:
        """There is no instant to judge at; with one there is nothing to find."""
        Path("none.csv").write_text(HEAD)
        assert refusal("audit", "none.csv") == (
            "carepolicy: log has no events: 'none.csv'; name the instant to judge at with --until\n"
        )
        assert run("audit", "none.csv", "--until", "2026-03-02T09:00Z", "--json").stdout == ""

    def test_several_customers(self, here: Path) -> None:
        """Findings say whose they are, and parties are added up over the cases."""
        row = "{0},2026-03-02T09:00Z,opened,{0},{1},office,,,,,,,\n"
        Path("two.csv").write_text(HEAD + row.format("ann", "c1") + row.format("bob", "c2"))
        text = run("audit", "two.csv", "--until", "2026-05-01T09:00Z").stdout
        assert text.count("\n                   customer ann") == text.count(" customer bob") > 0
        assert "\n                   case c1" in text
        assert " office 2 120.0 0.0 " in " ".join(text.split())

    def test_a_long_table_is_cut(self, here: Path) -> None:
        """And says so: nobody reads thousands of rows, and `--json` gives them all."""
        day = "2026-03-02T09:00Z"
        Path("many.csv").write_text(HEAD + "".join(f"{n},{day},opened,c{n},x,office,,,,,,,\n" for n in range(150)))
        until = ("--until", "2026-05-01T09:00Z")
        count = len(rows_of(run("audit", "many.csv", "--json", *until)))
        assert count > 200
        text = run("audit", "many.csv", *until).stdout
        assert f"What went wrong: the last 200 of {count}; --json gives them all" in text
        assert text.splitlines()[-1].startswith(f"{count} findings: ")

    def test_contradictions_are_told(self, here: Path) -> None:
        Path("odd.csv").write_text("id,at,kind,case,ref\na,2026-03-02T09:00Z,kept,c,p\n")
        text = run("audit", "odd.csv").stdout
        assert "What contradicts itself in the log" in text
        assert "kept without promise" in text

    def test_a_log_cannot_steer_the_terminal(self, here: Path) -> None:
        """Control characters are blanks, square brackets are no markup, line breaks do not break the table."""
        row = "e,2026-03-02T09:00Z,opened,,c,\x1b[31m[red]off:smile:ice\r\n"
        Path("evil.csv").write_text("id,at,kind,customer,case,party\n" + row, newline="")
        text = run("audit", "evil.csv", "--until", "2026-05-01T09:00Z").stdout
        assert "\x1b" not in text
        assert "[31m[red]off:smil" in text

    def test_a_finding_of_an_extension(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Of a kind of its own, and without a word on what should have happened."""
        finding = Finding(kind="left_hanging", at_us=0, policy="Hang", why="nobody rang off")
        audit = Audit(findings=(finding,), held=(), problems=(), until_us=0, zone="UTC")
        _rendering.show_audit(audit, "heading")
        text = " ".join(capsys.readouterr().out.split())
        assert "Thu 1 Jan 1970 left hanging nobody rang off 00:00 1 finding: left hanging 1" in text


class TestReview:
    """`carepolicy review` says what is due, what waits and what is blocked."""

    AT = ("--at", "2017-12-13T09:00")

    def test_json_is_one_decision_a_line(self) -> None:
        """The survey of December 2017 can never be answered in time."""
        rows = rows_of(run("review", CLAIM, *self.AT, "--json"))
        survey = next(row for row in rows if row["touch"] == "survey")
        assert survey["verdict"] == "impossible"
        assert {"JourneyComplete", "AnswerableUntil"} <= {r["policy"] for r in survey["reasons"] if r["binding"]}

    def test_nothing_learnt_later_is_used(self, here: Path) -> None:
        """The same log cut at the instant gives the same lines, review_at included."""
        lines = CLAIM.read_text().splitlines(keepends=True)
        Path("cut.csv").write_text("".join([lines[0], *(x for x in lines[1:] if x.split(",")[1] < "2017-12-13 09:01")]))
        assert run("review", CLAIM, *self.AT, "--json").stdout == run("review", "cut.csv", *self.AT, "--json").stdout

    def test_for_a_person(self) -> None:
        """Due, waiting and blocked things with reasons; what nobody owes and nothing guards is left out."""
        text = run("review", CLAIM, *self.AT).stdout
        assert "32 of 64 events were known then; times are those of America/Denver" in text
        due, waits, blocked = (text.index(title) for title in ("\nDue now\n", "\nWaits\n", "\nNot to be done\n"))
        assert due < text.index("overdue since") < waits < text.index("until something happens") < blocked
        assert blocked < text.index("impossible") < text.index("May be done now, though nobody owes it: exit_question")
        assert text.splitlines()[-1].startswith("Look again: Wed 13 Dec 2017 ")
        assert "tow-1" not in text
        assert max(map(len, text.splitlines())) <= 100

    def test_without_a_plan_to_do_anything(self, here: Path) -> None:
        """Nothing due, nothing to look at again."""
        Path("empty.csv").write_text(HEAD)
        text = run("review", "empty.csv", *self.AT).stdout
        assert text.splitlines()[-3:] == ["Nothing is due now.", "", "Look again: as soon as something happens"]

    def test_roster(self, here: Path) -> None:
        """A customer of whom nothing is known is not forgotten."""
        Path("empty.csv").write_text(HEAD)
        Path("plan.toml").write_text(PLAN + CALLS)
        Path("roster.txt").write_text("\ufeffann\n\n  bob \n", encoding="utf-8")
        arguments = ("review", "empty.csv", "--at", "2026-03-02T10:00", "--plan", "plan.toml", "--roster", "roster.txt")
        assert {(d["customer"], d["touch"]) for d in rows_of(run(*arguments, "--json"))} == {
            ("ann", "call"),
            ("bob", "call"),
        }
        text = run(*arguments).stdout
        assert "customer ann" in text
        assert "customer bob" in text
        assert "under plan plan.toml (version " in text

    def test_minutes(self, here: Path) -> None:
        """What does not fit is shown apart."""
        Path("empty.csv").write_text(HEAD)
        Path("plan.toml").write_text(PLAN + CALLS)
        Path("roster.txt").write_text("ann\nbob\n")
        text = run(
            "review", "empty.csv", *self.AT, "--plan", "plan.toml", "--roster", "roster.txt", "--minutes", "20"
        ).stdout
        due, beyond = text.index("Due now\n"), text.index("Due now, but beyond the 20 minutes at hand")
        assert due < text.index("customer ann") < beyond < text.index("customer bob")

    def test_allowed_for_several(self, here: Path) -> None:
        Path("two.csv").write_text(HEAD + "".join(f"{c},2026-03-02T09:00Z,sold,{c},,,,,,,,,\n" for c in "ab"))
        assert "exit_question (2 customers)" in run("review", "two.csv", "--at", "2026-03-02T10:00Z").stdout

    def test_decisions_of_every_shape(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Owed and allowed before it is due, waiting with two edges, dropped, and owed since always."""
        shapes: list[dict[str, Any]] = [
            {"verdict": Verdict.GO, "about": About("call", "ann"), "due_us": DAY},
            {"verdict": Verdict.OVERDUE, "about": About("visit"), "due_us": ALWAYS},
            {"verdict": Verdict.WAIT, "about": About("call"), "due_us": 3 * DAY, "act_us": 2 * DAY},
            {"verdict": Verdict.WAIT, "about": About("call"), "due_us": 4 * DAY, "act_us": 4 * DAY},
            {"verdict": Verdict.TOO_LATE, "about": About("call"), "unit": ("", "", "offer", "")},
        ]
        touches = {"call": Touch(guard=Actionable()), "visit": Touch(guard=Actionable(), channel="visit")}
        _rendering.show_review(Review(tuple(Decision(**s) for s in shapes), touches, 0), "heading")
        text = " ".join(capsys.readouterr().out.split())
        assert "ann phone: call Fri 2 Jan 1970 00:00" in text
        assert "visit: visit overdue May" not in text
        assert "from Sat 3 Jan 1970 00:00 due Sun 4 Jan 1970 00:00" in text
        assert text.count("Mon 5 Jan 1970") == 1
        assert "call too late offer" in text

    def test_at_has_to_be_a_time(self) -> None:
        assert refusal("review", CLAIM, "--at", "soon") == (
            "carepolicy: --at is not an ISO 8601 time: 'soon'; write e.g. 2026-03-02T09:00+01:00\n"
        )

    def test_at_has_to_be_given(self) -> None:
        result = run("review", CLAIM)
        assert result.exit_code == 2
        assert "--at" in result.stderr


class TestPlans:
    """`--plan` takes a name or a file."""

    def test_explain(self) -> None:
        assert run("explain").stdout == f"{Plan.named('claims').explain()}\n" == run("explain", "claims").stdout

    def test_schema(self) -> None:
        assert json.loads(run("schema").stdout) == json.loads(json.dumps(Plan.json_schema()))

    def test_toml_and_json_are_the_same(self, here: Path) -> None:
        plan = Plan.from_toml(PLAN + CALLS)
        Path("plan.TOML").write_text(PLAN + CALLS)
        Path("plan.json").write_text("\ufeff" + plan.to_json(), encoding="utf-8")
        assert run("explain", "plan.TOML").stdout == run("explain", "plan.json").stdout == f"{plan.explain()}\n"

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("clams", None, "plan is not one that ships: 'clams'; use one of claims, or a file"),
            ("gone.toml", None, "plan is not there: 'gone.toml'; check the path"),
            ("plan.yaml", b"", "plan is neither TOML nor JSON by its ending: 'plan.yaml'; name it .toml or .json"),
            ("plan.toml", b"touch = ", "plan.toml: plan is not TOML: "),
            ("plan.json", b"[]", "plan.json: plan "),
            ("plan.json", b"[" * 200_000, "plan.json: plan cannot be read; nest it less, and write shorter numbers"),
            ("plan.json", b"\xe9", "plan is not UTF-8: 'plan.json' has the byte 0xe9 on line 1; save it as UTF-8"),
        ],
    )
    def test_refused(self, here: Path, name: str, content: bytes | None, said: str) -> None:
        if content is not None:
            Path(name).write_bytes(content)
        assert refusal("explain", name).startswith(f"carepolicy: {said}")
        assert refusal("audit", CLAIM, "--plan", name).startswith(f"carepolicy: {said}")

    def test_zone(self, here: Path) -> None:
        """Of wall times in the log; the plan's when left out."""
        Path("plan.toml").write_text(PLAN + CALLS)
        Path("wall.csv").write_text("at,kind\n2026-03-02 09:00,sold\n")
        assert "as known on Mon 2 Mar 2026 09:00; " in run("audit", "wall.csv", "--plan", "plan.toml").stdout
        moved = run("audit", "wall.csv", "--plan", "plan.toml", "--zone", "UTC").stdout
        assert "as known on Mon 2 Mar 2026 10:00; times are those of Europe/Paris" in moved
        assert refusal("audit", "wall.csv", "--zone", "Denver").startswith(
            "carepolicy: zone is not a known time zone: 'Denver'; "
        )


def events(result: Result) -> str:
    """How many events the heading of an audit speaks of."""
    return result.stdout.splitlines()[1].partition(" ")[0]


class TestCsv:
    """CSV as spreadsheets and people write it."""

    @pytest.mark.parametrize(
        "content",
        [
            b"\xef\xbb\xbfat,kind\n2026-03-02T09:00Z,sold\n",
            b"at,kind\r\n2026-03-02T09:00Z,sold\r\n\r\n",
            b"\n\n at , kind \n2026-03-02T09:00Z,sold",
            b"at,kind,\n2026-03-02T09:00Z,sold,\n",
            b"at,kind\n2026-03-02T09:00Z,sold,,\n,\n",
            b'at,kind,text\n2026-03-02T09:00Z,sold,"a ""b"", c\nd"\n',
            b"at,kind,text\n2026-03-02T09:00Z,sold," + b"x" * 200_000,
        ],
        ids=["mark", "crlf", "blank", "comma at the end", "empty cells beyond", "quotes", "huge"],
    )
    def test_read(self, here: Path, content: bytes) -> None:
        Path("log.csv").write_bytes(content)
        result = run("audit", "log.csv")
        assert (result.exit_code, result.stderr, events(result)) == (0, "", "1")
        piped = run("audit", "-", stdin=content)
        assert piped.stdout.splitlines()[1:] == result.stdout.splitlines()[1:]

    def test_quoted_cells_keep_what_they_hold(self, here: Path) -> None:
        Path("log.csv").write_bytes(b'at,kind,text\n2026-03-02T09:00Z,sold,"a ""b"", c\r\nd"\n')
        assert read_log("log.csv", zone="UTC").timeline.events[0].text == 'a "b", c\r\nd'

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "log is empty: 'log.csv'; it needs a header with at least at and kind"),
            (b"\xef\xbb\xbf \n", "log is empty: 'log.csv'; it needs a header with at least at and kind"),
            (
                b"a,2026-03-02T09:00Z,sold\n",
                (
                    "log has no column at and no column kind: 'log.csv' begins with 'a, 2026-03-02T09:00Z, sold';"
                    " put the column names first, separated by commas"
                ),
            ),
            (b"at;kind;" + b"x" * 90, "log has no column at and no column kind: 'log.csv' begins with 'at;kind;xx"),
            (
                b"at,kind,text,text\n",
                "log names a column twice: 'log.csv', 'text'; give each column its own name",
            ),
            (
                b"at,kind\n2026-03-02T09:00Z,sold\n2026-03-02T09:00Z,caf\xe9\n",
                (
                    "log is not UTF-8: 'log.csv' has the byte 0xe9 on line 3; save it as UTF-8"
                    " (in a spreadsheet: 'CSV UTF-8')"
                ),
            ),
            ("at,kind\n".encode("utf-16"), "log is not UTF-8: 'log.csv' has the byte 0xff on line 1; "),
            (
                b'at,kind,text\n2026-03-02T09:00Z,sold,"one\ntwo"\n2026-03-02T09:00Z,sold,"never closed\n\n',
                (
                    "log cannot be split into cells: 'log.csv', from line 4 on (unexpected end of data);"
                    " close each quotation mark, and double those inside a cell"
                ),
            ),
        ],
        ids=["empty", "blank", "headless", "semicolons", "twice", "latin", "utf-16", "open quote"],
    )
    def test_refused_as_a_whole(self, here: Path, content: bytes, said: str) -> None:
        """Even when lenient: there is nothing to go on."""
        Path("log.csv").write_bytes(content)
        for more in ((), ("--lenient",)):
            assert refusal("audit", "log.csv", *more).startswith(f"carepolicy: {said}")

    BAD = (
        b"id,at,kind,text\n"
        b"a,2026-03-02T09:00Z,sold,fine\n"
        b"b,yesterday,sodl,\n"
        b"\n"
        b"c,2026-03-02T09:00Z,sold,too,many\n"
        b"d,2026-03-02T09:00Z,sold,n\0ul\n"
        b"e,2026-03-02T09:00Z,sold\n"
    )

    def test_every_bad_cell_is_reported(self, here: Path) -> None:
        """With line, row, column, value and remedy, in one go."""
        Path("log.csv").write_bytes(self.BAD)
        said = refusal("audit", "log.csv").splitlines()
        assert [line.partition(";")[0] for line in said] == [
            "carepolicy: log.csv, line 3: row 2, column at: 'yesterday'",
            "carepolicy: log.csv, line 3: row 2, column kind: 'sodl'",
            "carepolicy: log.csv, line 5: row 3, column (beyond the header): 'many'",
            "carepolicy: log.csv, line 6: row 4, column text: 'n\\x00ul'",
        ]
        assert all("; " in line for line in said)

    def test_lenient(self, here: Path) -> None:
        """The good rows are audited, and what is left out is said."""
        Path("log.csv").write_bytes(self.BAD)
        result = run("audit", "log.csv", "--lenient")
        assert (result.exit_code, events(result)) == (0, "2")
        said = result.stderr.splitlines()
        assert said[0] == (
            "carepolicy: log.csv: row 5 has fewer cells than the header; what is missing is taken as not said"
        )
        assert [line.partition(": row")[0] for line in said[1:]] == [
            f"carepolicy: left out: log.csv, line {line}" for line in (3, 3, 5, 6)
        ]

    def test_short_rows_are_noted_once(self, here: Path) -> None:
        Path("log.csv").write_text("at,kind,text\n" + "2026-03-02T09:00Z,sold\n" * 3)
        assert run("audit", "log.csv").stderr == (
            "carepolicy: log.csv: 3 rows, the first of them row 1, have fewer cells than the header;"
            " what is missing is taken as not said\n"
        )

    def test_long_values_are_cut(self, here: Path) -> None:
        Path("log.csv").write_text(f"at,kind\n{'x' * 500},sold\n")
        assert f"column at: '{'x' * 60}…'; write e.g." in refusal("audit", "log.csv")

    def test_kinds_of_an_extension(self, here: Path) -> None:
        Path("log.csv").write_text("at,kind\n2026-03-02T09:00Z,flood\n2026-03-02T09:00Z,fire\n")
        assert "column kind: 'fire'" in refusal("audit", "log.csv", "--kinds", "flood")
        assert events(run("audit", "log.csv", "--kinds", "flood, fire,")) == "2"
        assert run("review", "log.csv", "--at", "2026-03-02T09:00Z", "--kinds", "flood,fire").exit_code == 0


class TestFiles:
    """Other formats, and files that are none."""

    @pytest.mark.parametrize("name", ["log.jsonl", "log.NDJSON"])
    def test_json_lines(self, here: Path, name: str) -> None:
        Path(name).write_text(
            '{"at": "2026-03-02T09:00Z", "kind": "sold", "text": "a\u2028b"}\r\n\n'
            '{"at": "2026-03-02T09:00Z", "kind": "left", "case": null, "amount": 3}',
            encoding="utf-8",
        )
        assert events(run("audit", name)) == "2"

    def test_bad_json_lines(self, here: Path) -> None:
        """Every line that is no object is reported, beside the cells at fault."""
        lines = ["{", "", '["at"]', '{"at": 5, "kind": "sold"}', '{"kind": "a", "kind": "b"}', "[" * 200_000]
        Path("log.jsonl").write_text("\n".join(lines))
        said = refusal("audit", "log.jsonl").splitlines()
        assert [line.partition(", column")[0] for line in said] == [
            f"carepolicy: log.jsonl, line {line}: row {row}" for line, row in [(1, 1), (3, 2), (4, 3), (5, 4), (6, 5)]
        ]
        assert "column (all): '{'; write one JSON object a line, each name once" in said[0]
        assert "column at: '5'" in said[2]

    def test_parquet(self, here: Path) -> None:
        """The same findings as the CSV; times may be timestamps."""
        events_of = read_log(str(CLAIM), zone="America/Denver").timeline.events
        names = ("id", "at", "recorded_at", "due", "kind", "party", "direction", "channel", "outcome", "author")
        columns = {name: [getattr(e, name) for e in events_of] for name in (*names, "purpose", "case", "ref", "fact")}
        columns |= {"precision": [e.precision for e in events_of], "text": [e.text for e in events_of]}
        parquet.write_table(pyarrow.table(columns), "claim.parquet")
        assert run("audit", "claim.parquet", "--json").stdout == run("audit", CLAIM, "--json").stdout

    def test_bad_parquet(self, here: Path) -> None:
        Path("log.parquet").write_text("at,kind\n")
        assert refusal("audit", "log.parquet").startswith("carepolicy: log cannot be read as Parquet: 'log.parquet' (")
        parquet.write_table(pyarrow.table({"when": ["x"]}), "log.pq")
        assert "log has no column at and no column kind: 'log.pq'" in refusal("audit", "log.pq")
        parquet.write_table(pyarrow.table({"at": ["x"], "kind": ["sold"]}), "log.pq")
        assert "log.pq: row 1, column at: 'x'; write e.g." in refusal("audit", "log.pq")

    def test_without_pyarrow(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        assert refusal("audit", "log.parquet") == (
            "carepolicy: reading Parquet needs pyarrow, which is not installed;"
            " pip install 'carepolicy[parquet]', or pass CSV\n"
        )

    def test_not_a_file(self, here: Path) -> None:
        assert refusal("audit", "gone.csv") == "carepolicy: log is not there: 'gone.csv'; check the path\n"
        assert refusal("audit", ".") == "carepolicy: log is a directory: '.'; name a file in it\n"
        Path("plain").touch()
        assert refusal("audit", "plain/x") == (
            "carepolicy: log cannot be read: 'plain/x' (Not a directory); check who may read it\n"
        )

    def test_usage(self) -> None:
        """Errors of usage end with 2 as well."""
        assert run("audit").exit_code == 2
        assert run("audit", CLAIM, "--nonsense").exit_code == 2
        assert run("review", CLAIM, "--at", "2026-03-02", "--minutes", "-1").exit_code == 2
        assert "audit" in run("--help").stdout


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class TestTerminal:
    """What standard output and standard error can take."""

    def test_a_bar_shows_when_it_lasts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """On standard error, and only there."""
        err = Terminal()
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys, "stderr", err)
        with _bar.progress("counting [sheep]", 10, delay=0) as advance:
            advance(5)
            patience = 500
            while "sheep" not in err.getvalue() and patience:
                time.sleep(0.01)
                patience -= 1
        assert "counting [sheep]" in err.getvalue()

    @pytest.mark.parametrize("stderr", [Terminal, io.StringIO])
    def test_no_bar_for_what_is_soon_done(
        self, here: Path, monkeypatch: pytest.MonkeyPatch, stderr: type[io.StringIO]
    ) -> None:
        err = stderr()
        monkeypatch.setattr(sys, "stderr", err)
        Path("many.csv").write_text("id,at,kind\n" + "".join(f"{n},2026-03-02T09:00Z,sold\n" for n in range(1500)))
        plan, log, zone = cli._load("many.csv", "claims", "UTC", "", lenient=False)
        assert (plan.name, len(log.timeline), zone) == ("claims", 1500, "UTC")
        assert err.getvalue() == ""

    def test_no_bar_where_there_is_no_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        err = io.StringIO()
        monkeypatch.setattr(sys, "stderr", err)
        with _bar.progress("counting", delay=0) as advance:
            time.sleep(0.05)
            advance(1)
        assert err.getvalue() == ""

    def test_a_reader_that_goes_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """`carepolicy audit ... | head` ends quietly, as shells expect."""
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            monkeypatch.setattr(sys, "stdout", out)
            with pytest.raises(SystemExit) as ended:
                _rendering.write("x" * 100_000)
            monkeypatch.undo()
        assert ended.value.code == 141

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_a_full_disk(self) -> None:
        with Path("/dev/full").open("w") as full:
            program = [sys.executable, "-c", "from carepolicy.cli import main; main()", "schema"]
            done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
        assert done.returncode == 2
        assert done.stderr.startswith(b"carepolicy: output cannot be written: No space left on device; ")

    def test_a_full_disk_from_inside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(text: str) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(_rendering, "write", full)
        assert refusal("schema") == (
            "carepolicy: output cannot be written: No space left on device; make room, or write it elsewhere\n"
        )

    @pytest.mark.parametrize("more", [(), ("--json",)])
    def test_ascii_output(self, here: Path, more: tuple[str, ...]) -> None:
        """Where standard output takes only ASCII, nothing crashes, and JSON stays JSON."""
        Path("log.csv").write_text("id,at,kind,case,party\né,2026-03-02T09:00Z,opened,c,bürö ✓\n", encoding="utf-8")
        until = ("--until", "2026-05-01T09:00Z")
        environment = {**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
        done = outside("audit", "log.csv", *until, *more, env=environment)
        assert (done.returncode, done.stderr) == (0, b"")
        text = done.stdout.decode("ascii")
        if more:
            assert [json.loads(line) for line in text.splitlines()] == rows_of(run("audit", "log.csv", *until, *more))
        else:
            assert "b\\xfcr\\xf6 \\u2713" in text

    def test_utf8_output_is_readable(self, here: Path) -> None:
        Path("log.csv").write_text("id,at,kind,case,party\né,2026-03-02T09:00Z,opened,c,bürö\n", encoding="utf-8")
        assert '"é"' in run("audit", "log.csv", "--until", "2026-05-01T09:00Z", "--json").stdout

    @pytest.mark.parametrize(("columns", "widest"), [("60", 60), ("500", 120), ("7", 40), ("no", 100)])
    def test_width(self, monkeypatch: pytest.MonkeyPatch, columns: str, widest: int) -> None:
        """As COLUMNS says, within reason; 100 where nobody says."""
        monkeypatch.setenv("COLUMNS", columns)
        done = outside("audit", CLAIM, stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONIOENCODING": "utf-8"})
        rules = [len(line) for line in done.stdout.decode().splitlines() if "──" in line]
        assert widest - 3 <= max(rules) <= widest


class TestEntryPoint:
    """`carepolicy` on the command line."""

    def test_it_runs(self) -> None:
        done = outside("audit", CLAIM, "--json")
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.decode() == run("audit", CLAIM, "--json").stdout

    def test_without_the_extra(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """One sentence, no traceback."""
        monkeypatch.setitem(sys.modules, "typer", None)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 2
        assert capsys.readouterr().err == (
            "carepolicy: the command needs typer, which is not installed; pip install 'carepolicy[cli]'\n"
        )

    def test_another_module_that_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Is not blamed on the extra."""

        def broken() -> None:
            raise ModuleNotFoundError("no module named 'other'", name="other")

        monkeypatch.setattr(cli, "app", broken)
        with pytest.raises(ModuleNotFoundError, match="other"):
            cli.main()

    def test_with_the_extra(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr(sys, "argv", ["carepolicy", "schema"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code
        assert json.loads(capsys.readouterr().out)["title"] == "carepolicy plan"


def test_reading_needs_no_terminal() -> None:
    """What reads logs is plain Python: a host may read the same files without the extra."""
    program = "import sys, carepolicy._reading; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & {"typer", "rich", "pyarrow"} == set()

"""`carepolicy decide`: a file of facts in, a file of decisions out, and a run that was killed is continued."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

from carepolicy import Calendar, ContactHours, Plan, RestBetween, Touch, days
from carepolicy._bar import progress
from carepolicy._deciding import CHUNKS, Outcome, decide_file
from carepolicy._facts_file import chunks
from carepolicy.errors import InvalidTableError
from carepolicy.table import decide_table
from tests.test_cli import Terminal, here, outside, refusal, run

__all__ = ["here"]  # the fixture
AT = "2026-03-02T09:00+01:00"
ROWS = 10
STEP = 86_400_000_000


def facts(rows: int = ROWS, **more: list[Any]) -> pa.Table:
    asked = pa.array([1_768_000_000_000_000 + n * STEP if n % 3 else None for n in range(rows)], pa.int64())
    columns = {"customer": [f"c{n}" for n in range(rows)], "last_invited": asked.view(pa.timestamp("us", "UTC"))}
    return pa.table({**columns, **more})


@pytest.fixture
def plan(here: Path) -> Plan:
    """A plan and facts in the folder to work in."""
    plan = Plan(
        Calendar.weekly("Mon-Fri 08:00-17:00", zone="Europe/Berlin"),
        survey=Touch(guard=RestBetween(days(90))),
        offer=Touch(guard=RestBetween(days(30))),
    )
    Path("p.json").write_text(plan.to_json(), encoding="utf-8")
    parquet.write_table(facts(), "facts.parquet", row_group_size=3)
    return plan


def decide(*more: object, out: str = "out.parquet") -> Any:
    return run("decide", "facts.parquet", "--plan", "p.json", "--at", AT, "-o", out, *more)


def refused(*more: object) -> str:
    return refusal("decide", "facts.parquet", "--plan", "p.json", "-o", "out.parquet", *more)


class Watched:
    """A bar that writes down what it is told."""

    def __init__(self, last: int = 1 << 60) -> None:
        self.told: list[Any] = []
        self.left = last

    @contextmanager
    def __call__(self, what: str, total: int, *, begun: int | None = None) -> Iterator[Callable[[int], object]]:
        self.told.append((what, total, begun))
        yield self.advance

    def advance(self, count: int) -> None:
        self.told.append(count)
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def interrupted(plan: Plan, after: int, **options: Any) -> None:
    """A run that ends after so many chunks; what it finished stays."""
    with pytest.raises(KeyboardInterrupt):
        decide_file("facts.parquet", plan, AT, "out.parquet", bar=Watched(after), say=print, chunk_rows=1, **options)


def parts() -> list[str]:
    return sorted(path.name.partition("-")[2] for path in Path("out.parquet.parts").glob("*.part"))


class TestDecide:
    """The same decisions as `decide_table`, in a file."""

    def test_as_a_table(self, plan: Plan) -> None:
        result = decide()
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == (
            f"20 decisions about 10 rows of facts.parquet under plan p.json (version {plan.version}): out.parquet\n"
        )
        found = pl.read_parquet("out.parquet")
        assert found.equals(decide_table(plan, pl.read_parquet("facts.parquet"), AT))
        assert found.schema == decide_table(plan, pl.read_parquet("facts.parquet"), AT).schema
        assert not Path("out.parquet.parts").exists()

    def test_chunks_do_not_hang_on_row_groups(self, plan: Plan) -> None:
        """Chunks are those of `decide_table`, wherever row groups end."""
        decide("--chunk-rows", 4)
        wanted = [decide_table(plan, facts().slice(at, 4).combine_chunks(), AT) for at in (0, 4, 8)]
        assert parquet.read_table("out.parquet").to_pylist() == pa.concat_tables(wanted).to_pylist()
        parquet.write_table(facts(), "other.parquet", row_group_size=7)
        run("decide", "other.parquet", "--plan", "p.json", "--at", AT, "-o", "o2.parquet", "--chunk-rows", "4")
        assert parquet.read_table("o2.parquet").equals(parquet.read_table("out.parquet"))

    def test_batches_are_cut_to_size(self) -> None:
        whole = pa.RecordBatch.from_pydict({"n": list(range(9))})
        batches = [whole.slice(0, 1), whole.slice(1, 0), whole.slice(1, 7), whole.slice(8, 1)]
        assert [batch["n"].to_pylist() for batch in chunks(batches, 4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]
        assert list(chunks([], 4)) == []

    def test_what_it_was_decided_by(self, plan: Plan) -> None:
        """The file says the plan and the instant."""
        decide()
        said = parquet.read_schema("out.parquet").metadata
        assert said[b"carepolicy.plan"].decode() == plan.version
        assert said[b"carepolicy.at"] == b"2026-03-02 08:00:00+00:00"

    def test_many_decisions_fill_several_row_groups(self, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("carepolicy._deciding._ROW_GROUP", 8)
        decide("--chunk-rows", 2)
        assert parquet.read_metadata("out.parquet").num_row_groups == 3
        assert parquet.read_table("out.parquet").num_rows == 20

    def test_a_wall_time_is_one_of_the_plan(self, plan: Plan) -> None:
        decide()
        run("decide", "facts.parquet", "--plan", "p.json", "--at", "2026-03-02T09:00", "-o", "o2.parquet")
        assert Path("o2.parquet").read_bytes() == Path("out.parquet").read_bytes()

    def test_an_instant_for_each_row(self, plan: Plan) -> None:
        asked = pa.array([1_772_000_000_000_000 + n * STEP for n in range(ROWS)]).view(pa.timestamp("us", "UTC"))
        table = facts().append_column("asked", asked)
        parquet.write_table(table, "facts.parquet")
        result = run("decide", "facts.parquet", "--plan", "p.json", "--at", "asked", "-o", "out.parquet", "--quiet")
        assert (result.exit_code, result.output) == (0, "")
        assert parquet.read_table("out.parquet").to_pylist() == decide_table(plan, table, "asked").to_pylist()
        assert parquet.read_schema("out.parquet").metadata[b"carepolicy.at"] == b"asked"

    def test_their_names_and_wall_times(self, plan: Plan) -> None:
        table = facts().rename_columns(["client", "asked=on"])
        table = table.set_column(1, "asked=on", table["asked=on"].cast(pa.timestamp("us")))
        parquet.write_table(table, "facts.parquet")
        named = ("--columns", "customer=client", "--columns", "last_invited=asked=on")
        assert decide(*named, "--naive", "UTC").exit_code == 0
        decided = parquet.read_table("out.parquet")
        assert decided.to_pylist() == decide_table(plan, facts(), AT).to_pylist()
        assert "column has wall times without a zone: 'asked=on'" in refused("--at", AT, *named, "--force")

    def test_only_some_columns(self, plan: Plan) -> None:
        decide("--only", "customer, verdict")
        assert parquet.read_schema("out.parquet").names == ["customer", "verdict"]

    def test_unknown_zones(self, here: Path) -> None:
        """Refused by name, or those customers wait."""
        hours = ContactHours(Calendar.weekly("Mon-Sun 08:00-20:00", zone="Europe/Berlin"))
        plan = Plan(Calendar.always(), call=Touch(guard=hours))
        Path("p.json").write_text(plan.to_json(), encoding="utf-8")
        table = pa.table({"customer": ["ann", "bob"], "zone": ["Mars/Base", "Europe/Paris"]})
        parquet.write_table(table, "facts.parquet")
        assert "zone of a customer is not known: 'Mars/Base'" in refused("--at", AT)
        assert decide("--unknown", "hold").exit_code == 0
        assert parquet.read_table("out.parquet")["verdict"].to_pylist() == ["wait", "go"]

    def test_no_facts(self, plan: Plan) -> None:
        """A file without rows gives one without rows."""
        parquet.write_table(facts(0), "facts.parquet")
        assert decide().stdout.startswith("0 decisions about 0 rows of facts.parquet ")
        assert parquet.read_table("out.parquet").num_rows == 0
        assert parquet.read_schema("out.parquet").names == pl.read_parquet("out.parquet").columns

    @pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())])
    def test_names_in_every_layout(self, plan: Plan, kind: pa.DataType) -> None:
        """The output has one layout, whatever wrote the facts."""
        decide(out="plain.parquet")
        table = facts()
        parquet.write_table(table.set_column(0, "customer", table["customer"].cast(kind)), "facts.parquet")
        decide()
        assert parquet.read_table("out.parquet").equals(parquet.read_table("plain.parquet"))


class TestRefused:
    """What cannot be used ends with 2 and one sentence, before any work."""

    def test_missing_columns(self, plan: Plan) -> None:
        parquet.write_table(pa.table({"customer": ["ann"]}), "facts.parquet")
        said = refused("--at", AT)
        assert said.startswith("carepolicy: table lacks columns: 'last_invited', which RestBetween of touch 'survey'")
        assert not Path("out.parquet.parts").exists()

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            (
                ("--at", "soon"),
                (
                    "--at is not an ISO 8601 time: 'soon'; write e.g. 2026-03-02T09:00+01:00, or name a column of "
                    "'facts.parquet'"
                ),
            ),
            (("--at", AT, "--columns", "customer"), "--columns is not a pair: 'customer'; write ours=theirs, as "),
            (("--at", AT, "--columns", "=client"), "--columns is not a pair: ''; write ours=theirs, as "),
            (("--at", AT, "--columns", "boss=x"), "columns names what the plan does not use: 'boss'; it uses "),
            (("--at", AT, "--unknown", "drop"), "unknown is not known: 'drop'; use 'refuse' or 'hold'"),
            (("--at", AT, "--only", "mood"), "only names no column of decisions: 'mood'; use some of "),
            (("--at", AT, "--naive", "Mars/Base"), "zone is not a known time zone: 'Mars/Base'; "),
        ],
    )
    def test_options(self, plan: Plan, more: tuple[str, ...], said: str) -> None:
        assert refused(*more).startswith(f"carepolicy: {said}")

    def test_not_parquet(self, plan: Plan) -> None:
        for name in ("gone.parquet", ".", "p.json"):
            said = refusal("decide", name, "--at", AT, "-o", "out.parquet")
            assert said.startswith(f"carepolicy: facts cannot be read as Parquet: {name!r} (")
            assert said.endswith("); check the path, and what wrote it\n")

    def test_broken_in_the_middle(self, plan: Plan) -> None:
        raw = bytearray(Path("facts.parquet").read_bytes())
        raw[4:200] = b"\xff" * 196
        Path("facts.parquet").write_bytes(raw)
        assert refused("--at", AT).startswith("carepolicy: facts cannot be read as Parquet: 'facts.parquet' (")

    def test_without_pyarrow(self, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        assert refused("--at", AT).startswith("carepolicy: tables need the package pyarrow; install ")

    def test_the_output_is_there(self, plan: Plan) -> None:
        """It is only replaced when asked."""
        Path("out.parquet").write_text("precious")
        said = "carepolicy: output is there already: 'out.parquet'; name another, or replace it with --force\n"
        assert refused("--at", AT) == said
        Path("out.parquet.parts").mkdir()
        assert refused("--at", AT) == said
        assert Path("out.parquet").read_text() == "precious"
        assert decide("--force").exit_code == 0
        assert parquet.read_table("out.parquet").num_rows == 20

    def test_the_output_is_the_facts(self, plan: Plan) -> None:
        assert decide("--force", out="./facts.parquet").stderr == (
            "carepolicy: output is the file of facts: 'facts.parquet'; name another\n"
        )

    def test_the_output_cannot_be_written(self, plan: Plan) -> None:
        assert decide(out="no/such/folder.parquet").stderr == (
            "carepolicy: output cannot be written: No such file or directory; make room, or write it elsewhere\n"
        )

    def test_a_folder_that_is_not_ours(self, plan: Plan) -> None:
        """Nothing is removed that no run wrote."""
        Path("out.parquet.parts").mkdir()
        Path("out.parquet.parts", "letter.txt").touch()
        assert refused("--at", AT) == (
            "carepolicy: folder for parts holds something else: 'out.parquet.parts', 'letter.txt'; move it, or write "
            "the output elsewhere\n"
        )
        assert Path("out.parquet.parts", "letter.txt").exists()

    def test_a_disk_that_gives_no_reason(self, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(descriptor: int) -> None:
            raise OSError("the disk is full")

        monkeypatch.setattr(os, "fsync", full)
        assert refused("--at", AT) == (
            "carepolicy: output cannot be written: the disk is full; make room, or write it elsewhere\n"
        )
        assert list(Path("out.parquet.parts").iterdir()) == []


class TestContinued:
    """The same command again goes on where a run ended, and the output is the same, byte for byte."""

    @pytest.fixture
    def whole(self, plan: Plan) -> bytes:
        parquet.write_table(facts(3 * CHUNKS + 5), "facts.parquet", row_group_size=20)
        assert decide("--chunk-rows", 1, out="whole.parquet").exit_code == 0
        return Path("whole.parquet").read_bytes()

    @pytest.mark.parametrize("after", [1, CHUNKS, CHUNKS + 1, 3 * CHUNKS, 3 * CHUNKS + 5, 3 * CHUNKS + 6])
    def test_after_an_interruption(self, plan: Plan, whole: bytes, after: int) -> None:
        interrupted(plan, after)
        done = (
            (after - 1) // CHUNKS if after < 3 * CHUNKS + 6 else 4
        )  # the last chunk of a part is told before it is whole
        assert parts() == [f"{number:06}.part" for number in range(done)]
        result = decide("--chunk-rows", 1)
        begun = min(done * CHUNKS, 101)
        assert result.stderr == (
            f"carepolicy: an earlier run is continued: {begun} of 101 rows were decided\n" if begun else ""
        )
        assert Path("out.parquet").read_bytes() == whole
        assert not Path("out.parquet.parts").exists()

    def test_what_is_done_is_not_decided_again(self, plan: Plan, whole: bytes) -> None:
        """And a bar is told: it begins where the run does, and sums up to all."""
        interrupted(plan, 2 * CHUNKS + 3)
        bar = Watched()
        found = decide_file("facts.parquet", plan, AT, "out.parquet", bar=bar, say=print, chunk_rows=1)
        assert found == Outcome(rows=101, decisions=202)
        left = [("deciding", 101, 64), *[1] * 37]
        assert bar.told == [*left, ("writing", 4, None), 1, 1, 1, 1]

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
    def test_killed_at_every_step(self, plan: Plan, tmp_path: Path) -> None:
        """Before and after each change to a file, and again and again."""
        parquet.write_table(facts(), "facts.parquet")
        Path("runs").mkdir()
        words = ("tests.killed_runs", str(tmp_path / "facts.parquet"), str(tmp_path / "runs"))
        program = [sys.executable, "-W", "ignore", "-m", *words]
        root = Path(__file__).parent.parent
        done = subprocess.run(program, cwd=root, capture_output=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr.decode()
        found = json.loads(done.stdout)
        assert found["steps"] > 30
        assert (found["wrong"], found["same"]) == ([], True)

    @pytest.mark.parametrize("seconds", [0.1, 0.7, 1.9])
    def test_killed_from_outside(self, plan: Plan, whole: bytes, seconds: float) -> None:
        """At any moment, as the machine does it."""
        words = ("decide", "facts.parquet", "--plan", "p.json", "--at", AT, "-o", "out.parquet", "--chunk-rows", "1")
        program = [sys.executable, "-c", "from carepolicy.cli import main; main()", *words]
        first = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            first.wait(seconds)
        first.kill()
        first.wait()
        assert outside(*words).returncode == 0
        assert Path("out.parquet").read_bytes() == whole

    def test_killed_when_all_was_done(self, plan: Plan, whole: bytes) -> None:
        """The output is whole, and stays; what is left of the parts is removed."""
        Path("out.parquet").write_bytes(whole)
        for left in (True, False):
            if left:
                interrupted(plan, 2, force=True)
            result = decide("--chunk-rows", 1)
            assert result.stdout.startswith("202 decisions about 101 rows ")
            assert result.stderr == "carepolicy: the output of this very job is there: nothing was left to decide\n"
            assert not Path("out.parquet.parts").exists()
            assert Path("out.parquet").read_bytes() == whole
        assert "output is there already" in refused("--at", AT, "--chunk-rows", "2")
        assert decide("--chunk-rows", 1, "--force").stderr == ""

    @pytest.mark.parametrize(
        ("more", "differs"),
        [
            (("--at", "2026-03-03T09:00+01:00"), "at"),
            (("--unknown", "hold", "--only", "customer"), "unknown, only"),
            (("--chunk-rows", "2"), "chunk_rows"),
            (("--naive", "UTC", "--columns", "customer=customer"), "columns, naive"),
        ],
    )
    def test_another_option(self, plan: Plan, whole: bytes, more: tuple[str, ...], differs: str) -> None:
        """What another run left is discarded, and what differed is named."""
        interrupted(plan, CHUNKS + 1)
        result = decide("--chunk-rows", 1, *more)
        assert result.stderr == f"carepolicy: parts of an earlier run are discarded: it had other {differs}\n"
        decide("--chunk-rows", 1, *more, out="alone.parquet")
        assert Path("out.parquet").read_bytes() == Path("alone.parquet").read_bytes()

    def test_another_plan_and_other_facts(self, plan: Plan, whole: bytes) -> None:
        other = Plan(Calendar.always(), survey=Touch(guard=RestBetween(days(91))))
        interrupted(other, CHUNKS + 1)
        parquet.write_table(facts(101).slice(1), "facts.parquet")
        assert decide("--chunk-rows", 1).stderr == (
            "carepolicy: parts of an earlier run are discarded: it had other facts, plan\n"
        )
        assert parquet.read_table("out.parquet").num_rows == 200

    def test_a_part_is_whole_or_not_there(self, plan: Plan, whole: bytes) -> None:
        """What was being written is thrown away; a part holds its rows."""
        interrupted(plan, CHUNKS + 1)
        folder = Path("out.parquet.parts")
        (folder / "half.unfinished").write_text("half")
        first = next(folder.glob("*-000000.part"))
        with first.open("rb") as stream:
            assert ipc.open_stream(stream).read_all().num_rows == 2 * CHUNKS
        decide("--chunk-rows", 1)
        assert Path("out.parquet").read_bytes() == whole

    def test_two_at_once_never_mix(self, plan: Plan, whole: bytes) -> None:
        """A part says of which job it is, even where both write into one folder."""
        interrupted(plan, CHUNKS + 1)
        kept = {path: path.read_bytes() for path in Path("out.parquet.parts").glob("*.part")}
        interrupted(plan, CHUNKS + 1, only=("customer",))
        for path, content in kept.items():
            path.write_bytes(content)
        assert "it had other only" in decide("--chunk-rows", 1, "--only", "key").stderr
        assert parquet.read_schema("out.parquet").names == ["key"]


class TestBar:
    """How far it is, on standard error."""

    def test_rows_and_rate(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From what was done before on."""
        err = Terminal()
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(sys, "stderr", err)
        with progress("deciding", 4000, begun=1000, delay=0) as advance:
            patience = 500
            while "a second" not in err.getvalue() and patience:
                advance(1)
                time.sleep(0.01)
                patience -= 1
        said = err.getvalue()
        assert "1,000 of 4,000 rows" in said
        assert " a second" in said
        assert "left" in said

    def test_quiet(self, monkeypatch: pytest.MonkeyPatch) -> None:
        err = Terminal()
        monkeypatch.setattr(sys, "stderr", err)
        with progress("deciding", 4000, begun=0, delay=0, quiet=True) as advance:
            time.sleep(0.05)
            advance(1)
        assert err.getvalue() == ""


def test_help_says_what_it_does(here: Path) -> None:
    said = " ".join(run("decide", "--help").stdout.split())
    for words in ("Decide about a table of facts of any size; run it again when it was killed", "--columns", "--force"):
        assert words in said


def test_facts_are_refused_in_the_library_as_well(here: Path) -> None:
    with pytest.raises(InvalidTableError, match=r"^facts cannot be read as Parquet: 'x' "):
        decide_file("x", Plan.named("claims"), AT, "out.parquet", bar=Watched(), say=print)

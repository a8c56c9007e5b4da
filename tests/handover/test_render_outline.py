"""Renderings for people: the order of reading, dates as their reader says them, and what each place has room for."""

from __future__ import annotations

import builtins
import csv
import io
import json
import re
from typing import Any

import attrs
import pytest

from carepolicy._instant import to_micros
from carepolicy.errors import MissingExtraError, UnknownNameError
from carepolicy.handover.document import Gap, NextAction, Owed, Person, Said, Waiting
from carepolicy.handover.handover import Handover
from carepolicy.render import html, markdown, row, slack, text
from carepolicy.render.dates import Dates
from carepolicy.render.outline import FIRST, TITLES, Section, outline
from carepolicy.render.visible import visible

AT = to_micros("2018-01-26T12:00-07:00")
SMALL = Handover(
    case="order",
    at_us=AT,
    zone="America/Denver",
    customer_zone="Europe/Berlin",
    title="Ada, order: the coat",
    confirmation="I understand that the coat is too large. Is that right?",
    next_action=NextAction(what="swap it", who="Eve", at_us=AT, zone="America/New_York", why="promised"),
    unanswered=(
        Said(text="where is it?", at_us=AT, by="customer", channel="email", event="e1"),
        Said(text="hello?", at_us=AT, by="customer", by_the_day=True),
    ),
)


def _owed(number: int, char: str = "x") -> tuple[Owed, ...]:
    return tuple(
        Owed(what=f"{n} {char * 250}", by="shop", to="customer", role="partner", made_us=AT) for n in range(number)
    )


def section(handover: Handover, code: str) -> Section:
    return next(s for s in outline(handover).sections if s.code == code)


class TestOutline:
    """What stands where."""

    def test_first_comes_what_to_say_and_to_do(self) -> None:
        codes = [
            s.code for s in outline(attrs.evolve(SMALL, gaps=(Gap(part="a", what="b", harm="", question=""),))).sections
        ]
        assert tuple(codes[:3]) == FIRST
        assert codes == [code for code in TITLES if code in codes]

    def test_who_waits_for_nothing_in_particular_is_a_line_of_its_own(self) -> None:
        """Without a colon that promises more."""
        waiting = (Waiting(who="customer", on="shop"), Waiting(who="shop", on="maker", what="a part"))
        lines = section(attrs.evolve(SMALL, waiting=waiting), "waiting").lines
        assert [(line.label, line.text) for line in lines] == [
            ("", "customer waits for shop"), ("shop waits for maker", "a part"),
        ]  # fmt: skip

    def test_an_instant_is_said_in_the_zone_of_the_reader_with_the_customers_beside_it(self) -> None:
        lines = section(SMALL, "unanswered").lines
        assert lines[0].notes == ("customer", "email", "Fri 26 Jan 2018 12:00 (customer: Fri 26 Jan 2018 20:00)", "e1")
        assert lines[1].notes == ("customer", "Fri 26 Jan 2018"), "the hour is a stand-in"
        notes = section(SMALL, "next").lines[0].notes
        assert notes == ("by Fri 26 Jan 2018 14:00 America/New_York (customer: Fri 26 Jan 2018 20:00)", "promised")
        assert outline(SMALL).about[2].text == "America/Denver, customer: Europe/Berlin"

    def test_a_zone_that_says_the_same_is_not_said_twice(self) -> None:
        assert Dates("Europe/Paris", "Europe/Berlin").when(AT) == "Fri 26 Jan 2018 20:00"
        assert Dates("Europe/Paris").when(2**61) == ""

    def test_the_worst_gaps_stand_on_top_and_none_is_lost(self) -> None:
        gaps = tuple(Gap(part=f"p{n}", what="w", harm="", question="", rank=n, required=n == 5) for n in range(6))
        handover = attrs.evolve(SMALL, gaps=gaps[::-1])
        assert [line.label for line in section(handover, "missing").lines] == ["p0", "p1", "p2", "p5"]
        assert [line.label for line in section(handover, "missing_too").lines] == ["p3", "p4"]

    def test_who_is_not_named_is_said_in_one_line(self) -> None:
        people = (Person(part="owner", team="shop"), Person(part="agent", team="agent"), Person(part="dealer"))
        lines = section(attrs.evolve(SMALL, people=people), "people").lines
        assert [(line.label, line.text) for line in lines] == [
            ("owner", "nobody named"),
            ("nobody named", "agent, dealer"),
        ]

    def test_a_handover_of_nothing_still_has_a_title(self) -> None:
        told = outline(Handover())
        assert (told.title, told.sections) == ("Handover", ())
        for render in (html, markdown, text, slack, row):
            assert render.render(Handover())


class TestDates:
    """Dates as their reader says them."""

    def test_in_a_locale(self) -> None:
        page = re.sub(r"\s", " ", html.render(SMALL, locale="de"))
        assert "Freitag, 26. Januar 2018, 12:00 (customer: Freitag, 26. Januar 2018, 20:00)" in page
        assert "sexta-feira, 26 de janeiro de 2018" in text.render(SMALL, locale="pt-BR").replace("\n    ", " ")
        assert Dates("UTC", locale="de_AT")._say(2**61, "UTC", False) == ""
        assert Dates("UTC", locale="de").day(AT) == "Freitag, 26. Januar 2018"

    @pytest.mark.parametrize("locale", ["xx-YY", "!", "de-"])
    def test_an_unknown_locale_is_refused(self, locale: str) -> None:
        message = rf"^locale is not known: '{locale}'; write e\.g\. 'de' or 'pt-BR'$"
        with pytest.raises(UnknownNameError, match=message):
            markdown.render(SMALL, locale=locale)

    def test_without_babel_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = builtins.__import__

        def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
            if name.startswith("babel"):
                raise ImportError(name)
            return found(name, *args, **kwargs)

        monkeypatch.setattr(builtins, "__import__", refuse)
        with pytest.raises(
            MissingExtraError, match=r"^dates in a locale need the package babel; install carepolicy\[l"
        ):
            slack.render(SMALL, locale="de")


class TestVisible:
    """Nothing hides, and what is spelt with joiners stays as it is."""

    @pytest.mark.parametrize(
        "word", ["می\u200cخواهم", "क्\u200dष", "👩\u200d🚀", "❤\ufe0f\u200d🔥", "1\ufe0f\u20e3", "naïve", "日本"]
    )
    def test_what_is_spelt_so_stays(self, word: str) -> None:
        assert visible(word) == word

    @pytest.mark.parametrize(
        ("hidden", "shown"),
        [
            ("a\u200db", "a[U+200D]b"),
            ("a\ufe0fb", "a[U+FE0F]b"),
            ("\ud800", "[U+D800]"),
            ("a\t\r\n b", "a b"),
            ("\U000e0041", "[U+E0041]"),
            ("\U0001bca0\U00013430", "[U+1BCA0][U+13430]"),
        ],
    )
    def test_what_hides_is_named(self, hidden: str, shown: str) -> None:
        assert visible(hidden) == shown


class TestSlack:
    """What Slack has no room for is cut, and the message says so."""

    def test_our_own_sentences_are_whole(self) -> None:
        """What to say first ends with its question, and the summary with what comes next."""
        long = "I understand that " + "it is late, that " * 60 + "you had to ask. Is that right?"
        handover = attrs.evolve(SMALL, confirmation=long, summary=long)
        said = [b["text"]["text"] for b in slack.render(handover)["blocks"]]
        assert f"SAY FIRST\n• {long}" in said
        assert f"IN SHORT\n• {long}" in said

    def test_a_section_goes_on_in_another_block(self) -> None:
        message = slack.render(attrs.evolve(SMALL, promises=_owed(20)))
        said = "".join(b["text"]["text"] for b in message["blocks"])
        assert all(f"shop to customer: {n} x" in said for n in range(20))
        assert said.count("STILL OWED") > 1
        assert slack.messages(attrs.evolve(SMALL, promises=_owed(20))) == (message,)

    def test_what_has_no_room_is_counted_by_section(self) -> None:
        """What is owed comes before the details."""
        handover = attrs.evolve(SMALL, promises=_owed(200))
        blocks = slack.render(handover)["blocks"]
        found = re.fullmatch(
            r"CUT\n(\d+) lines had no room in this message; the page has them all "
            r"\(Still owed: (\d+), Not answered yet: 2\)",
            blocks[-1]["text"]["text"],
        )
        assert found
        shown = sum(b["text"]["text"].count("\n• ") for b in blocks)
        whole = sum(len(s.lines) for s in outline(handover).sections) + 1 + len(outline(SMALL).about)
        assert shown + int(found[1]) == whole
        assert int(found[1]) == int(found[2]) + 2

    @pytest.mark.parametrize("what", ["x", "&", "日"])
    def test_slack_refuses_no_message_for_its_length_and_together_they_lose_nothing(self, what: str) -> None:
        """All blocks together have a limit of their own, below that of fifty full ones."""
        handover = attrs.evolve(SMALL, promises=_owed(200, what))
        every = slack.messages(handover)
        for message in (slack.render(handover), *every):
            assert len(message["blocks"]) <= slack.BLOCKS
            assert len(json.dumps(message["blocks"], ensure_ascii=False)) <= slack.ALL
        said = "".join(b["text"]["text"] for message in every for b in message["blocks"])
        assert all(f"shop to customer: {n} " in said for n in range(200))

    @pytest.mark.parametrize("char", ["&", "x"])
    def test_a_line_that_is_too_long_is_cut_outside_an_escape(self, char: str) -> None:
        said = Said(text="w", at_us=AT, by=char * 299, to=char * 299, channel=char * 299, event=char * 299)
        handover = attrs.evolve(
            SMALL,
            wanted=said,
            people=(Person(part=char * 300, name=char * 300, team=char * 299, reach=char * 299),) * 2,
        )
        texts = [b["text"]["text"] for message in slack.messages(handover) for b in message["blocks"]]
        assert all(len(t) <= slack.TEXT for t in texts)
        assert all(re.fullmatch(r"(?:[^&]|&amp;)*", t, re.DOTALL) for t in texts)


class TestSheet:
    """One row of a sheet."""

    def test_its_header_names_its_cells(self) -> None:
        (names, cells) = csv.reader(io.StringIO(f"{row.header()}\r\n{row.render(SMALL)}"))
        found = dict(zip(names, cells, strict=True))
        assert found["case"] == "order"
        assert found["at"] == "2018-01-26T12:00:00-07:00"
        assert found["say_first"] == SMALL.confirmation

    @pytest.mark.parametrize("text", [";=" * 20_000, "\u202e" * 40_000, "x" * 40_000])
    def test_a_cell_has_no_more_than_a_sheet_takes(self, text: str) -> None:
        """What is written before a formula or for what is hidden counts too: what is over would start a cell anew."""
        ((cell,),) = csv.reader(io.StringIO(row.escaped(text)))
        assert len(cell) <= 32_767
        assert cell.endswith("characters)")


class TestPage:
    """The page keeps to itself."""

    def test_it_loads_nothing_and_runs_nothing(self) -> None:
        page = html.render(SMALL)
        assert "default-src 'none'; style-src 'sha256-" in page
        assert "unsafe" not in page
        assert not re.search(r"<script|src=|href=|url\(|@import|style=", page)
        assert '<html lang="en">' in page

    def test_no_amount_of_money_is_a_formula_in_a_notebook(self) -> None:
        """Notebooks set what stands between two dollar signs as mathematics."""
        assert '<article lang="en" class="tex2jax_ignore mathjax_ignore">' in html.fragment(SMALL)

    def test_a_fragment_has_no_style(self) -> None:
        piece = html.fragment(SMALL)
        assert piece.startswith("<article")
        assert "style" not in piece
        assert "<h1" not in piece

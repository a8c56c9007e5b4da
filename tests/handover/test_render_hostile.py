"""Whatever somebody writes into a log, no rendering of a handover obeys it, and none loses it."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import re
import unicodedata
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given, settings
from markdown_it import MarkdownIt

from carepolicy.handover.handover import Handover
from carepolicy.render import html, markdown, row, slack, text
from carepolicy.render.visible import visible
from tests.handover.hostile import CORPUS, PLAIN, full, marks_of, nasty

_FORMULAS = "=+-@＝＋－＠−\t\r\x00"
_JOINERS = "\u200c\u200d"


class _Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Any] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(("/" + tag, ()))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.elements.append(("comment", ()))

    def unknown_decl(self, data: str) -> None:
        self.elements.append(("declaration", ()))

    def handle_pi(self, data: str) -> None:
        self.elements.append(("instruction", ()))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    if importlib.util.find_spec("linkify_it") is None:
        return parser
    parser.options["linkify"] = True
    return parser.enable("linkify")


_MARKDOWN = _parser()


def _markdown(source: str) -> tuple[list[str], str]:
    """The structure of a Markdown text, and its text."""
    kinds, said = [], ""
    for token in _MARKDOWN.parse(source):
        kinds.append(token.type)
        for child in token.children or ():
            if child.type in ("text", "code_inline"):
                said += child.content
            else:
                kinds.append(child.type)
        said += "\n"
    return kinds, said


def _slack(handover: Handover) -> list[str]:
    """The texts of all messages, as Slack shows them."""
    return [unescape(block["text"]["text"]) for message in slack.messages(handover) for block in message["blocks"]]


def _same_words(found: str, handover: Handover) -> set[str]:
    return {mark for mark in marks_of(handover) if not re.search(rf"{mark}(?!\d)", found)}


_PLAIN = full(PLAIN)
_PLAIN_PAGE, _PLAIN_FRAGMENT = _Page(html.render(_PLAIN)), _Page(html.fragment(_PLAIN))
_PLAIN_MARKDOWN, _ = _markdown(markdown.render(_PLAIN))
_PLAIN_TITLES = [line for line in text.render(_PLAIN).splitlines() if line[:1] not in ("", " ")]
hostile = pytest.mark.parametrize("words", CORPUS, ids=lambda words: ascii(words)[:40])


def check_html(handover: Handover) -> None:
    page = _Page(html.render(handover))
    assert page.elements == _PLAIN_PAGE.elements
    assert _Page(html.fragment(handover)).elements == _PLAIN_FRAGMENT.elements
    assert not _same_words(page.text, handover)


def check_markdown(handover: Handover) -> None:
    kinds, said = _markdown(markdown.render(handover))
    assert kinds == _PLAIN_MARKDOWN
    assert not _same_words(said, handover)


def check_text(handover: Handover) -> None:
    said = text.render(handover)
    titles = [line for line in said.splitlines() if line[:1] not in ("", " ")]
    assert titles[1:] == _PLAIN_TITLES[1:]
    assert all(len(line) <= text.WIDTH for line in said.splitlines())
    assert not _same_words(said, handover)


def check_slack(handover: Handover) -> None:
    for message in (slack.render(handover), *slack.messages(handover)):
        check_slack_limits(message)
        for block in message["blocks"]:
            shown = block["text"]
            assert shown["type"] == "plain_text"
            assert shown["emoji"] is False
            assert shown["text"]
            assert not set("<>") & set(shown["text"])
            assert re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt);)*", shown["text"], re.DOTALL)
        assert not set("<>") & set(message["text"])
        assert message["mrkdwn"] is message["link_names"] is message["unfurl_links"] is False
    assert not _same_words("\n".join(_slack(handover)), handover)


def check_row(handover: Handover) -> None:
    written = row.render(handover)
    assert "\n" not in written
    assert "\r" not in written
    (cells,) = csv.reader(io.StringIO(written, newline=""))
    assert len(cells) == len(row.COLUMNS)
    assert not _same_words("\n".join(cells), handover)
    for delimiter in ",;\t|":
        for found in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter):
            assert not [cell for cell in found if cell.lstrip(" \"'")[:1] and _is_formula(cell)]


def _is_formula(cell: str) -> bool:
    return cell.strip(' "')[:1] in tuple(_FORMULAS)


def check_nothing_hidden(handover: Handover) -> None:
    renderings = [html.render(handover), markdown.render(handover), text.render(handover), row.render(handover)]
    for rendered in [*renderings, *_slack(handover)]:
        rendered.encode()  # no halves of characters
        hidden = {c for c in rendered if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
        assert hidden <= {"\n", *_JOINERS}


CHECKS = (check_html, check_markdown, check_text, check_slack, check_row, check_nothing_hidden)


class TestHostileTexts:
    """A text of the corpus in every field: each sink's own parser finds our structure, and every text."""

    @hostile
    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_nothing_obeys_it_and_nothing_loses_it(self, check: Any, words: str) -> None:
        check(full(words))

    @hostile
    def test_its_letters_are_found_back_in_the_page(self, words: str) -> None:
        """What is written is what is shown, with the hidden named."""
        assert visible(words) in _Page(html.render(full(words, mark=False))).text


class TestLongNotes:
    """A note of a megabyte is cut where it is shown, and says so."""

    @pytest.mark.parametrize("note", ["word " * 200_000, "x" * 1_000_000, "&" * 1_000_000, "[a](b" * 200_000])
    def test_every_rendering_says_what_it_cut(self, note: str) -> None:
        handover = full(note, mark=False)
        shown = f"(cut: {len(note) - 600} characters)"
        assert shown in _Page(html.render(handover)).text
        assert shown in _markdown(markdown.render(handover))[1]
        assert shown in re.sub(r"\s+", " ", text.render(handover))
        assert "characters)" in row.render(handover)
        check_slack_limits(slack.render(handover))
        assert "(cut: " in json.dumps(slack.render(handover))

    def test_a_page_stays_small(self) -> None:
        assert len(html.render(full("x" * 1_000_000, mark=False))) < 200_000


def check_slack_limits(message: dict[str, Any]) -> None:
    assert len(message["blocks"]) <= slack.BLOCKS
    assert all(len(b["text"]["text"]) <= (150 if b["type"] == "header" else 3000) for b in message["blocks"])
    assert len(json.dumps(message["blocks"], ensure_ascii=False)) <= slack.ALL


@given(words=nasty)
@settings(max_examples=15, deadline=None)
@example(words="\ud800<")
def test_no_text_is_obeyed_or_lost(words: str) -> None:
    """Random nasty texts: the same as for the corpus, in every sink."""
    handover = full(words)
    for check in CHECKS:
        check(handover)

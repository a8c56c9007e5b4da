"""Lines over two logarithmic axes as an SVG, with nothing but text: for the pages of the documentation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 220, 50, 55
COLOURS = ("#0b6e4f", "#c8553d", "#5b5f97", "#8a6d1b")
INK, FAINT = "#333333", "#dddddd"
APART = 18  # between two labels at the ends of lines

Point = tuple[float, float]


def lines_svg(title: str, across: str, up: str, lines: Mapping[str, Sequence[Point]]) -> str:
    """Lines by name, each labelled at its right end, over powers of ten.

    Args:
        title: What it shows.
        across, up: What the axes are.
        lines: Points of each line, from left to right; all numbers above zero.
    """
    points = [point for line in lines.values() for point in line]
    low, high = _decades([y for _, y in points])
    first, last = math.log10(min(x for x, _ in points)), math.log10(max(x for x, _ in points))

    def place(point: Point) -> Point:
        x = LEFT + (math.log10(point[0]) - first) / ((last - first) or 1) * (WIDTH - LEFT - RIGHT)
        return x, HEIGHT - BOTTOM - (math.log10(point[1]) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [_text(LEFT, TOP / 2, title, size=15), _text(LEFT, HEIGHT - 14, across), _text(LEFT, TOP - 6, up)]
    for power in range(low, high + 1):
        _, y = place((10**first, 10.0**power))
        parts.append(_line(LEFT, y, WIDTH - RIGHT, y, FAINT))
        parts.append(_text(LEFT - 8, y + 4, f"{10.0**power:,g}", anchor="end"))
    for power in range(math.ceil(first - 1e-9), math.floor(last + 1e-9) + 1):
        x, _ = place((10.0**power, 10.0**low))
        parts.append(_line(x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 5, INK))
        parts.append(_text(x, HEIGHT - BOTTOM + 20, f"{10**power:,}", anchor="middle"))
    ends = _apart({name: place(line[-1])[1] for name, line in lines.items()})
    for colour, (name, line) in zip(COLOURS, lines.items(), strict=False):
        placed = [place(point) for point in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in placed]
        parts.append(_text(placed[-1][0] + 12, ends[name] + 4, name, colour=colour))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#ffffff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten below and above all values."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _apart(heights: Mapping[str, float]) -> dict[str, float]:
    """Heights of labels, moved down where two would overlap."""
    placed: dict[str, float] = {}
    above = -math.inf
    for name, height in sorted(heights.items(), key=lambda pair: pair[1]):
        above = placed[name] = max(height, above + APART)
    return placed


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 13, colour: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">'
        f"{escape(words)}</text>"
    )

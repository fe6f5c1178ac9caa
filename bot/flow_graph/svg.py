"""A drawing as SVG that needs nothing else: no script, no font, no style sheet."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from bot.flow_graph.layout import HEAD_HEIGHT, LANE, MARGIN, PADDING, Drawing, PlacedArrow, PlacedBox
from bot.flow_graph.lettering import LINE, SIZE, width_of
from bot.languages.supported import LANGUAGES

# state → (fill, border, what the legend says)
STATES = {
    "reviewed": ("#d7f0d7", "#2e7d32", "signed"),
    "draft": ("#fff6cc", "#b8860b", "draft"),
    "void": ("#ffe0b3", "#d2691e", "changed since signed"),
    "fuzzy": ("#ffd9c2", "#d2691e", "English changed"),
    "missing": ("#ffd0d0", "#b00020", "missing"),
}
_PLAIN = ("#ffffff", "#607080")
_FONT = "Helvetica, Arial, 'Noto Sans', 'Noto Sans CJK SC', sans-serif"


def to_svg(drawing: Drawing) -> str:
    """The whole picture as text."""
    width, height = max(drawing.width, 640), drawing.height
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}" font-family="{_FONT}" font-size="{SIZE:.0f}">',
            f"<title>{escape(drawing.graph.title)}</title>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0 L8 4 L0 8 z" fill="#607080"/></marker></defs>',
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fafafa"/>',
            f'<text x="{MARGIN}" y="30" font-size="17" font-weight="bold" fill="#203040">'
            f"{escape(drawing.graph.title)}</text>",
            *_legend(drawing),
            *(_arrow(arrow) for arrow in drawing.arrows),
            *(line for box in drawing.boxes for line in _box(box, drawing.graph.language)),
            "</svg>",
            "",
        ]
    )


def _legend(drawing: Drawing) -> Iterator[str]:
    shown = {placed.box.state for placed in drawing.boxes}
    x = MARGIN
    for state, (fill, border, words) in STATES.items():
        if state in shown:
            yield f'<rect x="{x:.0f}" y="38" width="12" height="12" fill="{fill}" stroke="{border}"/>'
            yield f'<text x="{x + 17:.0f}" y="48" font-size="11" fill="#506070">{words}</text>'
            x += 30 + width_of(words)


def _arrow(placed: PlacedArrow) -> str:
    points = placed.points
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    if placed.back:
        path += "".join(f" L{x:.1f} {y:.1f}" for x, y in points[1:])
        return _path(path, dashed=True)
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        bend = min(LANE * 3, max((to_x - x) / 2, 8))
        path += f" C{x + bend:.1f} {y:.1f} {to_x - bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
    return _path(path, dashed=False)


def _path(path: str, dashed: bool) -> str:
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<path d="{path}" fill="none" stroke="#607080" stroke-width="1.3"{dash} marker-end="url(#tip)"/>'


def _box(placed: PlacedBox, language: str) -> Iterator[str]:
    box = placed.box
    fill, border = STATES[box.state][:2] if box.state in STATES else _PLAIN
    if box.kind in {"link", "call", "end"}:
        fill = "#e8eef7"
    dash = ' stroke-dasharray="6 3"' if box.mark == "hold" else ""
    heavy = 2.5 if box.kind == "emergency" else 1.2
    right_to_left = language in LANGUAGES and LANGUAGES[language].right_to_left
    anchor = placed.x + placed.width - PADDING if right_to_left else placed.x + PADDING
    direction = ' direction="rtl"' if right_to_left else ""
    full = "\n".join([box.text, *box.rows])
    yield f"<g><title>{escape(full)}</title>"
    yield (
        f'<rect x="{placed.x:.1f}" y="{placed.y:.1f}" width="{placed.width:.1f}" height="{placed.height:.1f}" rx="6" '
        f'fill="{fill}" stroke="{border}" stroke-width="{heavy}"{dash}/>'
    )
    y = placed.y + PADDING + HEAD_HEIGHT - 6
    head = box.head + (" · ON HOLD" if box.mark == "hold" else "")
    yield f'<text x="{placed.x + PADDING:.1f}" y="{y:.1f}" font-size="10" fill="#708090">{escape(_short(head))}</text>'
    for line in placed.lines:
        y += LINE
        yield _text(anchor, y, line, language, direction)
    for lines, middle in placed.rows:
        top = middle - (len(lines) - 1) * LINE / 2
        separator = top - LINE
        yield (
            f'<path d="M{placed.x:.1f} {separator + 4:.1f} h{placed.width:.1f}" stroke="{border}" stroke-width="0.5" '
            'opacity="0.6"/>'
        )
        for at, line in enumerate(lines):
            yield _text(anchor, top + at * LINE + 5, line, language, direction)
    yield "</g>"


def _text(x: float, y: float, line: str, language: str, direction: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="#102030" lang={quoteattr(language)}{direction}>{escape(line)}</text>'


def _short(head: str) -> str:
    return head if len(head) <= 44 else f"{head[:43]}…"

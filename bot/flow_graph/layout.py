"""Where boxes stand and how arrows run: columns from left to right, arrows that go round boxes.

The usual layered drawing (Sugiyama): arrows that lead back are set apart, each box stands one column right of what
leads to it, long arrows get a slot of their own in every column they pass, and slots are ordered by where their
neighbours are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.flow_graph.graph import Arrow, Box, Graph
from bot.flow_graph.lettering import LINE, lines_of

WIDTH, PADDING, COLUMN_GAP, ROW_GAP, MARGIN, LANE = 250.0, 10.0, 70.0, 22.0, 24.0, 14.0
ROW_HEIGHT = 24.0
HEAD_HEIGHT = 16.0
_SWEEPS = 8
_SLOT_HEIGHT = 8.0


@dataclass(frozen=True)
class PlacedBox:
    """A box on paper, its text in lines. `rows` are the lines of each row with the middle of the row."""

    box: Box
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], float], ...]


@dataclass(frozen=True)
class PlacedArrow:
    """An arrow as points that are joined in order; `back` for one that leads to the left."""

    arrow: Arrow
    points: tuple[tuple[float, float], ...]
    back: bool


@dataclass(frozen=True)
class Drawing:
    """Everything with its place; (0, 0) is top left."""

    graph: Graph
    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    arrows: tuple[PlacedArrow, ...]


@dataclass
class _Slot:
    """What stands in a column: a box, or the passage of a long arrow."""

    column: int
    height: float
    box: Box | None = None
    y: float = 0.0
    left: list[_Slot] = field(default_factory=list, repr=False)
    right: list[_Slot] = field(default_factory=list, repr=False)

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def lay_out(graph: Graph, top: float = 60.0) -> Drawing:
    """Place every box and arrow; `top` is kept free for a title."""
    known = {box.id for box in graph.boxes}
    arrows = [arrow for arrow in graph.arrows if arrow.source in known and arrow.target in known]
    back = _leading_back([box.id for box in graph.boxes], arrows)
    forward = [arrow for arrow in arrows if arrow not in back]
    column = _columns([box.id for box in graph.boxes], forward)
    texts = {box.id: (lines_of(box.text, WIDTH - 2 * PADDING), _row_lines(box)) for box in graph.boxes}
    slots = {box.id: _Slot(column[box.id], _height(*texts[box.id]), box) for box in graph.boxes}
    passages = {arrow: _passage(arrow, slots) for arrow in dict.fromkeys(forward)}
    columns = _ordered([*slots.values(), *(slot for chain in passages.values() for slot in chain)])
    _set_heights(columns, top)
    x_of = [MARGIN + at * (WIDTH + COLUMN_GAP) for at in range(len(columns))]
    boxes = {box.id: _placed(box, slots[box.id], x_of, texts[box.id]) for box in graph.boxes}
    bottom = max((slot.y + slot.height for column_ in columns for slot in column_), default=top)
    placed = [
        PlacedArrow(arrow, _forward_points(arrow, boxes, chain, x_of), False) for arrow, chain in passages.items()
    ]
    for lane, arrow in enumerate(dict.fromkeys(back), start=1):
        placed.append(PlacedArrow(arrow, _back_points(arrow, boxes, bottom + lane * LANE), True))
    width = MARGIN + len(columns) * (WIDTH + COLUMN_GAP)
    height = bottom + (len(back) + 1) * LANE + MARGIN
    return Drawing(graph, width, height, tuple(boxes.values()), tuple(placed))


def _leading_back(order: Sequence[str], arrows: Sequence[Arrow]) -> set[Arrow]:
    """Arrows that close a circle, seen from the first box on."""
    leaving: dict[str, list[Arrow]] = {}
    for arrow in arrows:
        leaving.setdefault(arrow.source, []).append(arrow)
    state: dict[str, int] = {}
    back: set[Arrow] = set()
    for start in order:
        if start in state:
            continue
        state[start] = 1
        stack = [(start, list(reversed(leaving.get(start, []))))]
        while stack:
            box, waiting = stack[-1]
            if not waiting:
                state[box] = 2
                stack.pop()
                continue
            arrow = waiting.pop()
            if state.get(arrow.target) == 1:
                back.add(arrow)
            elif arrow.target not in state:
                state[arrow.target] = 1
                stack.append((arrow.target, list(reversed(leaving.get(arrow.target, [])))))
    return back


def _columns(order: Sequence[str], forward: Sequence[Arrow]) -> dict[str, int]:
    """Each box one right of the rightmost that leads to it."""
    column = dict.fromkeys(order, 0)
    for _ in order:
        moved = False
        for arrow in forward:
            if column[arrow.target] <= column[arrow.source]:
                column[arrow.target] = column[arrow.source] + 1
                moved = True
        if not moved:
            break
    return column


def _passage(arrow: Arrow, slots: Mapping[str, _Slot]) -> list[_Slot]:
    """The slots of an arrow between the columns of its ends, joined with them."""
    source, target = slots[arrow.source], slots[arrow.target]
    chain = [_Slot(at, _SLOT_HEIGHT) for at in range(source.column + 1, target.column)]
    for left, right in zip([source, *chain], [*chain, target]):
        left.right.append(right)
        right.left.append(left)
    return chain


def _ordered(slots: Sequence[_Slot]) -> list[list[_Slot]]:
    """The columns, each in the order that crosses the fewest arrows (barycentre, a few sweeps)."""
    columns: list[list[_Slot]] = [[] for _ in range(max((slot.column for slot in slots), default=0) + 1)]
    for slot in slots:
        columns[slot.column].append(slot)
    position = {id(slot): float(at) for column in columns for at, slot in enumerate(column)}
    for sweep in range(_SWEEPS):
        to_right = sweep % 2 == 0
        for column in columns if to_right else reversed(columns):
            weight = {
                id(slot): sum(position[id(other)] for other in near) / len(near) if near else position[id(slot)]
                for slot in column
                for near in [slot.left if to_right else slot.right]
            }
            column.sort(key=lambda slot, weight=weight: weight[id(slot)])  # type: ignore[misc]
            position.update({id(slot): float(at) for at, slot in enumerate(column)})
    return columns


def _set_heights(columns: Sequence[Sequence[_Slot]], top: float) -> None:
    """Stand slots below each other, each as near to what leads to it as the ones above allow."""
    for column in columns:
        y = top
        for slot in column:
            wanted = sum(other.middle for other in slot.left) / len(slot.left) - slot.height / 2 if slot.left else y
            slot.y = max(y, wanted)
            y = slot.y + slot.height + ROW_GAP
    # A column that was pushed down by one long neighbour is pulled up as a whole.
    for column in columns:
        if column and (spare := min(slot.y for slot in column) - top) > 0 and not any(slot.left for slot in column):
            for slot in column:
                slot.y -= spare


def _row_lines(box: Box) -> tuple[tuple[str, ...], ...]:
    return tuple(lines_of(row, WIDTH - 2 * PADDING, most=2) for row in box.rows)


def _height(lines: Sequence[str], rows: Sequence[Sequence[str]]) -> float:
    return 2 * PADDING + HEAD_HEIGHT + len(lines) * LINE + sum(map(_row_height, rows))


def _row_height(lines: Sequence[str]) -> float:
    return ROW_HEIGHT + (len(lines) - 1) * LINE


def _placed(
    box: Box, slot: _Slot, x_of: Sequence[float], texts: tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
) -> PlacedBox:
    lines, rows = texts
    y = slot.y + PADDING + HEAD_HEIGHT + len(lines) * LINE
    placed = []
    for row in rows:
        placed.append((row, y + _row_height(row) / 2))
        y += _row_height(row)
    return PlacedBox(box, x_of[slot.column], slot.y, WIDTH, slot.height, lines, tuple(placed))


def _start(arrow: Arrow, boxes: Mapping[str, PlacedBox]) -> tuple[float, float]:
    source = boxes[arrow.source]
    y = (
        source.rows[arrow.row][1]
        if arrow.row is not None and arrow.row < len(source.rows)
        else source.y + source.height / 2
    )
    return source.x + source.width, y


def _end(arrow: Arrow, boxes: Mapping[str, PlacedBox]) -> tuple[float, float]:
    target = boxes[arrow.target]
    return target.x, target.y + min(PADDING + HEAD_HEIGHT / 2, target.height / 2)


def _forward_points(
    arrow: Arrow, boxes: Mapping[str, PlacedBox], chain: Sequence[_Slot], x_of: Sequence[float]
) -> tuple[tuple[float, float], ...]:
    points = [_start(arrow, boxes)]
    for slot in chain:
        points += [(x_of[slot.column], slot.middle), (x_of[slot.column] + WIDTH, slot.middle)]
    return (*points, _end(arrow, boxes))


def _back_points(arrow: Arrow, boxes: Mapping[str, PlacedBox], lane: float) -> tuple[tuple[float, float], ...]:
    """Out to the right, down below everything, back, and up to the box, between the columns."""
    (x, y), (to_x, to_y) = _start(arrow, boxes), _end(arrow, boxes)
    out, back = x + COLUMN_GAP * 0.3, to_x - COLUMN_GAP * 0.3
    return ((x, y), (out, y), (out, lane), (back, lane), (back, to_y), (to_x, to_y))

"""A graph as Mermaid text, for pages that draw it themselves."""

from __future__ import annotations

from bot.flow_graph.graph import Box, Graph
from bot.flow_graph.svg import STATES


def to_mermaid(graph: Graph) -> str:
    """`flowchart LR`, its boxes numbered, so that any id and any script may stand in their texts."""
    number = {box.id: f"n{at}" for at, box in enumerate(graph.boxes)}
    lines = ["flowchart LR", f"  %% {' '.join(graph.title.split())}"]
    for box in graph.boxes:
        lines.append(f"  {number[box.id]}{_shape(box)}" + (f":::{box.state}" if box.state in STATES else ""))
    for arrow in graph.arrows:
        if arrow.source in number and arrow.target in number:
            rows = next(box.rows for box in graph.boxes if box.id == arrow.source)
            label = f'|"{_quoted(rows[arrow.row])}"|' if arrow.row is not None and arrow.row < len(rows) else ""
            lines.append(f"  {number[arrow.source]} -->{label} {number[arrow.target]}")
    shown = {box.state for box in graph.boxes}
    for state, (fill, border, _) in STATES.items():
        if state in shown:
            lines.append(f"  classDef {state} fill:{fill},stroke:{border}")
    return "\n".join(lines) + "\n"


def _shape(box: Box) -> str:
    text = _quoted(box.text) if box.kind in {"link", "call", "end"} else _quoted(f"{box.head}\n{box.text}")
    if box.kind in {"link", "call"}:
        return f'(["{text}"])'
    if box.kind in {"ask", "collect"}:
        return f'{{{{"{text}"}}}}'
    return f'["{text}"]'


def _quoted(text: str) -> str:
    """Mermaid reads quotes, `#` and `<` by their numbers."""
    text = text.strip().replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    return text.replace("\n", "<br/>")

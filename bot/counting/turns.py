"""What a turn adds to the counts that are split by language and topic: at most one a conversation in each of them.

Ten turns may be one person; ten conversations are hardly so. What was counted stands in the conversation's own state,
sealed like the rest of it.
"""

from __future__ import annotations

from bot.content import Content
from bot.counting.counters import count
from bot.flow_engine.state import DialogueState
from bot.languages.supported import SOURCE

Series = tuple[str, dict[str, str]]


def count_conversation(content: Content, state: DialogueState, channel: str) -> bool:
    """Count what is new about a conversation and note it in `state`; whether there was anything."""
    new = {key: series for key, series in _series(content, state, channel).items() if key not in state.counted}
    for key, (name, labels) in new.items():
        count(name, **labels)
        state.counted.append(key)
    return bool(new)


def _series(content: Content, state: DialogueState, channel: str) -> dict[str, Series]:
    """A short key → the series that this turn belongs to."""
    language = state.language or SOURCE
    understood = "no" if state.misses else "yes"
    found: dict[str, Series] = {
        language: ("hotline_conversations", {"channel": channel, "language": language}),
        f"{language} {understood}": ("hotline_understanding", {"language": language, "understood": understood}),
    }
    for kind, *where in state.said:
        flow = content.flows.flows.get(where[0]) if kind in {"step", "ask"} else None
        if flow and flow.emergency:
            found[f"! {flow.id}"] = ("hotline_emergencies", {"topic": flow.id})
    return found

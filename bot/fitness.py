"""What content must have before it is served to residents."""

from __future__ import annotations

from pathlib import Path

from bot.content import Content
from bot.errors import ContentError
from bot.flow_engine.required import FLOW_OF_COMMAND, REQUIRED_PHRASES
from bot.languages.catalog import read_catalog
from bot.languages.supported import SOURCE
from bot.reviews import DRAFT, REVIEWED, VOID, entry_state, flow_state


def refuse_broken_content(content: Content) -> None:
    """Raise ContentError for content that would leave residents without an answer."""
    errors = [problem for problem in content.problems if problem.level == "error"]
    if errors:
        raise ContentError(f"The flows have {len(errors)} errors; run `hotline check`. The first: {errors[0]}")
    for phrase in REQUIRED_PHRASES:
        if phrase not in content.flows.phrases:
            raise ContentError(f'flows/phrases.yml lacks the phrase "{phrase}"; run `hotline check`.')
    for flow_id in FLOW_OF_COMMAND.values():
        if flow_id not in content.flows.flows:
            raise ContentError(f'The flow "{flow_id}" is missing; run `hotline check`.')


def refuse_unread_emergencies(unread: tuple[str, ...]) -> None:
    """Raise ContentError when there are emergency texts that nobody has signed."""
    if unread:
        raise ContentError(
            f"Emergency texts without a review are not served in production: {', '.join(unread)}. "
            "Have them read and signed: hotline review FLOW --by NAME [--language CODE]"
        )


def unread_emergencies(content: Content, locales: Path) -> tuple[str, ...]:
    """The emergency flows, "flow" or "flow (language)", that were not signed as they stand now."""
    flows = [flow for flow in content.flows.flows.values() if flow.emergency]
    unread = [flow.id for flow in flows if flow_state(flow) != REVIEWED]
    emergencies = {flow.id for flow in flows}
    for language in content.languages:
        if language != SOURCE:
            parts = {
                part
                for message in read_catalog(locales, language)
                if (part := (message.context or "").partition("/")[0]) in emergencies
                and entry_state(message) in {DRAFT, VOID}
            }
            unread += [f"{part} ({language})" for part in sorted(parts)]
    return tuple(unread)

"""The rules of a call, around those of every conversation: keys, silence, doubt, and that no answer ends in nothing."""

from __future__ import annotations

import dataclasses

from bot.content import Content
from bot.flow_engine.answers import exact_option, loose_option
from bot.flow_engine.dialogue import take_turn
from bot.flow_engine.folding import fold, number_in
from bot.flow_engine.heard import Heard, likely_emergency, likely_topic
from bot.flow_engine.required import AFTER_ANSWER, FLOW_OF_COMMAND, OUT_OF_SCOPE
from bot.flow_engine.state import DialogueState
from bot.flow_engine.walking import Walk
from bot.languages.supported import SOURCE

# Silences in a row before the bot says goodbye, and turns not understood.
MAX_SILENCES, MAX_MISSES = 3, 3
# What a caller can keep in mind, and what keys 1 to 6 choose; 7 to 0, * and # mean the same at every moment.
MAX_OPTIONS = 6
OUTCOMES = {"done", "busy", "no-answer", "failed"}
_LANGUAGE_FLOW = FLOW_OF_COMMAND["language"]


def take_call_turn(content: Content, before: DialogueState, heard: Heard) -> DialogueState:
    """The state after one turn of a call. Unless it ends the call or transfers it, a question is open."""
    state = before.copy()
    state.deeds, state.ended = [], False
    confirm, state.confirm = state.confirm, []
    if heard.event == "silence":
        after = _silence(content, state, confirm)
    else:
        state.silences = 0
        after = _turn(content, state, heard, confirm)
    return _with_a_question(content, after, heard)


def _turn(content: Content, state: DialogueState, heard: Heard, confirm: list[str]) -> DialogueState:
    if heard.event == "begin":
        return _begin(content, state, heard)
    if heard.event in OUTCOMES:
        return _transferred(content, state, heard)
    if heard.event == "text_me":
        return _text_me(content, state, heard)
    if heard.event == "language":
        return _begin_flow(content, state, heard, _LANGUAGE_FLOW)
    if confirm and not heard.event:
        answered = _confirmed(content, state, heard, confirm)
        if answered is not None:
            return answered
    if not heard.event:
        chosen = _language_key(content, state, heard)
        if chosen is not None:
            return chosen
    state.prefix = ""
    if heard.doubtful and not heard.event:
        doubt = _doubt(content, state, heard)
        if doubt:
            state.confirm = doubt
            state.said, state.page = [["confirm", *doubt]], 0
            return state
    after = take_turn(content, state, _on_this_page(content, state, heard))
    if after.misses > MAX_MISSES or (after.misses == 0 and state.misses >= MAX_MISSES and _gave_up(after)):
        after.said, after.ended = [["phrase", "goodbye_not_understood"]], True
    after.page %= option_pages(content, after)
    return after


# --- beginning, language --------------------------------------------------------------------------


def _begin(content: Content, state: DialogueState, heard: Heard) -> DialogueState:
    """A call came in: the menu for whoever's language is known, the languages for everybody else."""
    fresh = DialogueState(language=state.language, language_sure=state.language_sure)
    if not fresh.language_sure:
        return _begin_flow(content, fresh, heard, _LANGUAGE_FLOW)
    return take_turn(content, fresh, dataclasses.replace(heard, event="menu"))


def _begin_flow(content: Content, state: DialogueState, heard: Heard, flow: str) -> DialogueState:
    walk = Walk(content, state, "voice", heard.context)
    walk.start(flow)
    state.said, state.page, state.prefix = walk.said, 0, ""
    return state


def _asks_language(content: Content, state: DialogueState) -> bool:
    walk = Walk(content, state, "voice")
    if not walk.has_open_question():
        return False
    _, step = walk.open_question()
    slot = content.flows.slots.get(step.target) if step.kind == "collect" else None
    return slot is not None and slot.type == "language"


def _language_key(content: Content, state: DialogueState, heard: Heard) -> DialogueState | None:
    """The language that a key chooses while languages are offered; None for anything else."""
    key = number_in(heard.text, {})
    if key is None or not _asks_language(content, state):
        return None
    keys = {voice.key: voice.language for voice in content.flows.voices.values()}
    pressed = f"{state.prefix}{key}"
    if pressed not in keys:
        more = any(known.startswith(pressed) for known in keys)
        state.prefix = pressed if more else ""
        state.said = [list(item) for item in state.said if item[0] == "ask"][-1:] or state.said
        if not more:
            state.misses += 1
            state.said = [["phrase", "not_understood_menu"], *state.said]
        state.page = 0
        return state
    return _speak(content, state, heard, keys[pressed])


def _speak(content: Content, state: DialogueState, heard: Heard, language: str) -> DialogueState:
    """Go on in `language`; in English, after a word in it, where there are no translations."""
    state.prefix, state.misses = "", 0
    state.frames.pop()
    shipped = content.spoken(language) is not None
    state.language, state.language_sure = (language, True) if shipped else (SOURCE, state.language_sure)
    walk = Walk(content, state, "voice", heard.context)
    if walk.has_open_question():
        walk.ask_again()
        state.said, state.page = walk.said, 0
        after = state
    else:
        after = take_turn(content, state, Heard("", channel="voice", event="menu", context=heard.context))
    if not shipped:
        after.said.insert(0, ["not_yet", language])
    return after


# --- doubt ----------------------------------------------------------------------------------------


def _doubt(content: Content, state: DialogueState, heard: Heard) -> list[str]:
    """What a caller was perhaps heard to say, if it has to be asked: an option, a topic. Emergencies are answered."""
    if heard.emergency or likely_emergency(content, heard):
        return []
    language = state.language or SOURCE
    walk = Walk(content, state, "voice")
    if walk.has_open_question() and not state.offer:
        flow, step = walk.open_question()
        options = content.options(flow.id, step, language, state.slots)
        index = exact_option(heard.text, options)
        index = loose_option(heard.text, options) if index is None else index
        if index is not None:
            return ["choice", str(index)]
    if content.command(heard.text, language) or content.language_named(heard.text):
        return []
    topic = likely_topic(content, heard)
    return ["topic", topic.id] if topic and topic.id not in {OUT_OF_SCOPE, *content.off} else []


def _confirmed(content: Content, state: DialogueState, heard: Heard, confirm: list[str]) -> DialogueState | None:
    """Act on a yes, ask again on a no; None when the caller said something else."""
    language, folded = state.language or SOURCE, fold(heard.text)
    answers = {
        name: {fold(content.text(content.flows.phrases[name].say, language)), *content.word_list(name, language)}
        for name in ("yes", "no")
    }
    number = number_in(heard.text, content.numerals(language))
    walk = Walk(content, state, "voice", heard.context)
    if number == 1 or folded in answers["yes"]:
        kind, value = confirm
        if kind == "topic" and value in content.flows.flows:
            walk.start(value)
        elif kind == "choice" and walk.has_open_question():
            plain = Heard(str(int(value) + 1), channel="voice", context=heard.context)
            chosen = _language_key(content, state, plain) if _asks_language(content, state) else None
            return chosen or take_turn(content, state, plain)
    elif number != 2 and folded not in answers["no"]:
        return None
    if not walk.said and walk.has_open_question():
        walk.ask_again()
    state.said, state.page = walk.said, 0
    return state


# --- silence --------------------------------------------------------------------------------------


def _silence(content: Content, state: DialogueState, confirm: list[str]) -> DialogueState:
    state.silences += 1
    if state.silences >= MAX_SILENCES:
        state.said, state.page, state.ended = [["phrase", "goodbye_silent"]], 0, True
        return state
    state.confirm = confirm
    asked = [item for item in state.said if item[0] in {"ask", "topics", "confirm"}][-1:]
    lead = ["phrase", "no_input" if state.silences == 1 else "no_input_again"]
    state.said = [lead, *asked]
    return state


# --- a person, a text -----------------------------------------------------------------------------


def _transferred(content: Content, state: DialogueState, heard: Heard) -> DialogueState:
    walk = Walk(content, state, "voice", heard.context)
    if state.frames and not walk.has_open_question():
        walk.transferred(heard.event)
    state.said, state.page = walk.said, 0
    return state


def _text_me(content: Content, state: DialogueState, heard: Heard) -> DialogueState:
    """The answer just heard goes out by SMS; the question stays open."""
    walk = Walk(content, state, "voice", heard.context)
    answer = [item for item in state.said if item[0] in {"step", "rejected"}]
    if answer:
        can = bool(heard.context.get("textable"))
        state.deeds = [["text", *answer]] if can else []
        walk.said.append(["phrase", "text_sent" if can else "text_failed"])
    walk.ask_again()
    state.said, state.page = walk.said, 0
    return state


# --- how a turn ends ------------------------------------------------------------------------------


def _with_a_question(content: Content, state: DialogueState, heard: Heard) -> DialogueState:
    """A call goes on with a question, a transfer, or a goodbye; never with silence."""
    if state.ended or any(item[0] == "transfer" for item in state.said):
        return state
    if state.erased:
        state.ended = True
        return state
    closing = {flow.id for flow in content.flows.flows.values() if flow.metadata.get("closes_talk")}
    if any(item[0] == "step" and item[1] in closing for item in state.said):
        state.ended = True
        return state
    walk = Walk(content, state, "voice", heard.context)
    asked = any(item[0] in {"ask", "topics", "confirm"} for item in state.said)
    if not asked:
        if walk.has_open_question():
            walk.ask_again()
        else:
            state.frames = []
            walk.start(AFTER_ANSWER)
        state.said = [*state.said, *walk.said]
    hint = ["phrase", "text_me_hint"]
    if heard.context.get("textable") and hint not in state.said and any(item[0] == "step" for item in state.said):
        state.said = [*state.said, hint]
    return state


def _on_this_page(content: Content, state: DialogueState, heard: Heard) -> Heard:
    """A key counts from the first option that was spoken: the first of the second half is 1 again."""
    number = number_in(heard.text, {}) if len(heard.text) == 1 else None
    if number is None or not state.page or state.offer:
        return heard
    return dataclasses.replace(heard, text=str(number + state.page * MAX_OPTIONS))


def option_pages(content: Content, state: DialogueState) -> int:
    """How many times options have to be spoken for all of them to be heard."""
    walk = Walk(content, state.copy(), "voice")
    if state.offer or not walk.has_open_question() or _asks_language(content, state):
        return 1
    return max(1, -(-len(content.choices(walk.open_question()[1], state.slots)) // MAX_OPTIONS))


def _gave_up(state: DialogueState) -> bool:
    return any(item[:2] == ["phrase", "person_instead"] for item in state.said)

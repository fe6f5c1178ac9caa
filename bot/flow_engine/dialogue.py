"""The rules of a conversation: one text comes in, a new position comes out. No words, no Rasa, no network."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.content import Content
from bot.flow_engine.answers import Options, as_date, as_number, exact_option, loose_option
from bot.flow_engine.folding import fold, number_in
from bot.flow_engine.heard import Heard, likely_emergency, likely_topic
from bot.flow_engine.model import Slot, Step
from bot.flow_engine.required import FLOW_OF_COMMAND, OUT_OF_SCOPE
from bot.flow_engine.state import DialogueState, Utterance
from bot.flow_engine.walking import Walk
from bot.languages.choosing import LIKELY, SURE, Evidence, choose
from bot.languages.supported import SOURCE

_MENU, _GREETINGS = "menu", {"greet", "menu"}
_NEXT_PAGE: list[Utterance] = [["more"]]  # not an utterance: the last reply's next page


@dataclass
class _Turn:
    """The working space of one turn."""

    content: Content
    state: DialogueState
    heard: Heard
    walk: Walk
    first: bool
    after: list[Utterance] = field(default_factory=list)

    @property
    def language(self) -> str:
        return self.state.language or SOURCE


def needs_understanding(content: Content, state: DialogueState, text: str) -> bool:
    """False when the text answers the open question, or is a number, a command or a language's name: no model is asked
    then."""
    language = state.language or SOURCE
    if number_in(text) is not None:
        return False
    walk = Walk(content, state.copy(), "sms")
    options = _open_options(content, state, walk, language)
    if options and exact_option(text, options) is not None:
        return False
    return content.command(text, language) is None and content.language_named(text) is None


def take_turn(content: Content, before: DialogueState, heard: Heard) -> DialogueState:
    """The state after `heard`; what to say is in its `said`."""
    state = before.copy()
    state.deeds = []
    walk = Walk(content, state, heard.channel, heard.context)
    turn = _Turn(content, state, heard, walk, first=not state.introduced)
    lost = walk.lost()
    offered = [] if lost else state.offer
    state.offer = []
    _settle_language(turn)
    for attempt in _ATTEMPTS:
        if attempt(turn, offered):
            state.misses = 0
            break
    else:
        if lost:
            _start_over(turn, lost)
        else:
            _not_understood(turn)
    _introduce(turn)
    if walk.said != _NEXT_PAGE:
        turn.state.said, turn.state.page = [*walk.said, *turn.after], 0
        if turn.state.said != before.said:
            walk.fade(before.fading)
    turn.state.introduced = True
    return turn.state


# --- language -------------------------------------------------------------------------------------


def _settle_language(turn: _Turn) -> None:
    evidence = turn.heard.evidence
    if turn.heard.channel == "voice" and turn.state.language_sure:
        return  # a caller was heard in the language they chose
    found = turn.content.spoken(evidence.language)
    if evidence.language and evidence.certainty == SURE and found is None and not turn.state.language_sure:
        # A script we can tell but a language we do not speak yet.
        turn.after.append(["phrase", "english_only"])
    if found is None and not turn.state.language_sure:
        found = turn.content.language_of_command(turn.heard.text)
        evidence = Evidence(found, LIKELY) if found else evidence
    decision = choose(turn.state.language, turn.state.language_sure, Evidence(found, evidence.certainty, evidence.also))
    turn.state.language, turn.state.language_sure = decision.language, decision.sure
    if decision.offer:
        turn.after.append(["offer", decision.offer])


def _set_language(turn: _Turn, language: str) -> None:
    turn.state.language, turn.state.language_sure = language, True
    turn.after = []
    if not turn.first:
        turn.walk.said.append(["phrase", "language_set"])


def _language_name(turn: _Turn, offered: list[str]) -> bool:
    named = turn.content.language_named(turn.heard.text)
    if named is None:
        return False
    language = turn.content.spoken(named)
    if language is None:
        # Known but not spoken here: say so in English, with a person's number.
        turn.walk.said.append(["phrase", "english_only"])
        _ask_again_or_menu(turn, offered)
        return True
    _switch(turn, language, offered)
    return True


def _switch(turn: _Turn, language: str, offered: list[str]) -> None:
    """Change the language and say in it what was said last, which ends in the open question."""
    _set_language(turn, language)
    last = [item for item in turn.state.said if item[0] in {"step", "ask", "rejected"}]
    if last and not offered and _ends_in_open_question(turn, last):
        turn.walk.said += last
    else:
        _ask_again_or_menu(turn, offered)


def _ends_in_open_question(turn: _Turn, said: list[Utterance]) -> bool:
    return turn.walk.has_open_question() and said[-1] == ["ask", *turn.state.frames[-1]]


# --- the open question ----------------------------------------------------------------------------


def _open_options(content: Content, state: DialogueState, walk: Walk, language: str) -> Options | None:
    if state.offer:
        return content.topic_options(_still_there(content, state.offer), language)
    if not walk.has_open_question():
        return None
    flow, step = walk.open_question()
    return content.options(flow.id, step, language, state.slots)


def _still_there(content: Content, flow_ids: list[str]) -> list[str]:
    return [flow_id for flow_id in flow_ids if flow_id in content.flows.flows]


def _strict_answer(turn: _Turn, offered: list[str]) -> bool:
    if offered:
        topics = _still_there(turn.content, offered)
        index = exact_option(turn.heard.text, turn.content.topic_options(topics, turn.language))
        if index is None:
            return False
        if index < len(topics):
            turn.walk.start(topics[index])
        else:
            turn.walk.said.append(["phrase", "person_instead"])
        return True
    if not turn.walk.has_open_question():
        return False
    flow, step = turn.walk.open_question()
    index = exact_option(turn.heard.text, turn.content.options(flow.id, step, turn.language, turn.state.slots))
    return index is not None and _choose(turn, step, index)


def _loose_answer(turn: _Turn, offered: list[str]) -> bool:
    if offered or not turn.walk.has_open_question():
        return False
    flow, step = turn.walk.open_question()
    index = loose_option(turn.heard.text, turn.content.options(flow.id, step, turn.language, turn.state.slots))
    return index is not None and _choose(turn, step, index)


def _choose(turn: _Turn, step: Step, index: int) -> bool:
    slot = turn.content.flows.slots.get(step.target) if step.kind == "collect" else None
    if slot and slot.type == "language":
        _set_language(turn, str(turn.content.choices(step, turn.state.slots)[index].value))
        turn.state.frames.pop()
        _ask_again_or_menu(turn, [])
    else:
        turn.walk.choose(index)
    return True


def _value(turn: _Turn, offered: list[str]) -> bool:
    """A `collect` without options takes the text itself, read as the slot's type."""
    if not turn.walk.has_open_question():
        return False
    _, step = turn.walk.open_question()
    slot = turn.content.flows.slots.get(step.target) if step.kind == "collect" else None
    if slot is None or turn.content.choices(step, turn.state.slots):
        return False
    value = _read_value(turn, slot)
    if value is None:
        return False
    turn.walk.fill(value)
    return True


def _read_value(turn: _Turn, slot: Slot) -> object:
    text = turn.heard.text
    if slot.type == "float":
        return as_number(text, turn.content.numerals(turn.language))
    if slot.type == "date":
        near = {
            word: days
            for days, name in enumerate(("today", "tomorrow"))
            for word in turn.content.word_list(name, turn.language)
        }
        date = as_date(text, turn.language, turn.content.clock().date(), near)
        return date.isoformat() if date else None
    if slot.type == "list":
        return [item.strip() for item in text.split(",") if item.strip()] or None
    return text.strip() or None


def _ask_again_or_menu(turn: _Turn, offered: list[str]) -> None:
    if offered:
        turn.state.offer = offered
        turn.walk.said += [["phrase", "did_you_mean"], ["topics", *offered]]
    elif turn.walk.has_open_question():
        turn.walk.ask_again()
    else:
        _start(turn, _MENU)


# --- commands -------------------------------------------------------------------------------------


def _command(turn: _Turn, offered: list[str]) -> bool:
    found = turn.content.command(turn.heard.text, turn.language)
    name = turn.heard.event or (found[0] if found else "")
    if not name:
        return False
    state, walk = turn.state, turn.walk
    turn.after = []
    if name in FLOW_OF_COMMAND:
        if name == "menu":
            walk.remember()
            state.frames = []
        return _start(turn, FLOW_OF_COMMAND[name])
    if name == "back":
        if not walk.back():
            walk.said.append(["phrase", "nothing_before"])
            walk.ask_again()
    elif name == "repeat":
        walk.repeat()
        state.offer = offered
    elif name == "more":
        if state.said:
            state.page += 1
            state.offer = offered
            walk.said = _NEXT_PAGE
        else:
            walk.said = [["phrase", "no_more"]]
    elif name == "help":
        walk.said.append(["phrase", "help"])
        state.offer = offered
    elif name == "stop":
        walk.opt_out()
        state.offer = offered
    elif name == "erase":
        walk.erase()
    elif name == "source":
        topic = _last_topic(turn)
        walk.said += [["phrase", "sources", topic], ["phrase", "sources_signed", topic]] if topic else []
        walk.said = walk.said or [["phrase", "no_sources"]]
        state.offer = offered
    else:
        return False
    return True


def _last_topic(turn: _Turn) -> str:
    """The flow of the last answer, or of the open question; "" when nothing was answered yet."""
    state, flows = turn.state, turn.content.flows.flows
    told = [item[1] for item in state.said if item[0] in {"step", "ask"}]
    told += [frame[0] for frames in (state.frames, *reversed(state.past)) for frame in reversed(frames)]
    return next((flow_id for flow_id in told if flow_id in flows and flows[flow_id].resumable), "")


def _unreadable(turn: _Turn, offered: list[str]) -> bool:
    """A picture, a voice note or a place without a word beside it."""
    if not turn.heard.unreadable or fold(turn.heard.text):
        return False
    turn.walk.said.append(["phrase", "media"])
    turn.walk.ask_again()
    return True


# --- topics ---------------------------------------------------------------------------------------


def _certain_emergency(turn: _Turn, offered: list[str]) -> bool:
    """Words that leave no doubt come before everything, but for an answer to this very emergency's question."""
    flow_id = turn.heard.emergency
    if flow_id is None:
        return False
    if turn.walk.has_open_question() and turn.walk.open_question()[0].id == flow_id and _loose_answer(turn, offered):
        return True
    return _start(turn, flow_id)


def _likely_emergency(turn: _Turn, offered: list[str]) -> bool:
    """An emergency by the model's judgement: where it wavers between several, the likeliest of them."""
    return (flow_id := likely_emergency(turn.content, turn.heard)) is not None and _start(turn, flow_id)


def _topic(turn: _Turn, offered: list[str]) -> bool:
    flow = likely_topic(turn.content, turn.heard)
    if flow is None or flow.id == OUT_OF_SCOPE:
        return False
    if flow.guard is not None and not flow.guard.holds(turn.walk.values()):
        return False
    if flow.id == FLOW_OF_COMMAND["language"]:
        asked_for = turn.content.spoken(turn.content.language_asked_for(turn.heard.text))
        if asked_for:
            _switch(turn, asked_for, offered)
            return True
    interrupted = turn.walk.open_question()[0] if turn.walk.has_open_question() else None
    _start(turn, flow.id)
    open_now = turn.walk.open_question()[0] if turn.walk.has_open_question() else None
    if interrupted and interrupted.resumable and flow.resumable and open_now is flow is not interrupted:
        # The question at the end of this answer covers the one that was open: say how to get back to it.
        turn.after.append(["phrase", "way_back", interrupted.id])
    return True


def _start(turn: _Turn, flow_id: str) -> bool:
    if flow_id not in turn.content.flows.flows:
        return False
    turn.walk.start(flow_id)
    return True


def _introduce(turn: _Turn) -> None:
    """On first contact: who we are; before the first legal answer, but after the first line of an emergency."""
    if not turn.first or turn.state.erased:
        return
    said = turn.walk.said
    started = next((utterance[1] for utterance in said if utterance[0] in {"step", "ask"}), None)
    flow = turn.content.flows.flows.get(started or "")
    if flow is None or flow.id in _GREETINGS or not flow.resumable:
        turn.walk.said = [["phrase", "welcome"], *(item for item in said if item[:2] != ["step", "greet"])]
        turn.after.append(["phrase", "other_languages"])
    elif flow.emergency:
        turn.after.append(["phrase", "disclaimer"])
    else:
        turn.walk.said = [["phrase", "disclaimer"], *said]


# --- not understood -------------------------------------------------------------------------------


def _not_understood(turn: _Turn) -> None:
    """First the question again in other words, then the nearest three topics, then a person."""
    state, walk = turn.state, turn.walk
    if turn.first:
        _start(turn, _MENU)
        return
    state.misses += 1
    if state.misses == 1:
        if _is_out_of_scope(turn):
            _start(turn, OUT_OF_SCOPE)
        else:
            _ask_in_other_words(turn)
        return
    topics = _nearest_topics(turn)
    if state.misses == 2 and topics:
        state.offer = topics
        walk.said += [["phrase", "did_you_mean"], ["topics", *topics]]
        return
    walk.said.append(["phrase", "person_instead"])
    state.misses = 0 if state.misses > 3 else state.misses


def _is_out_of_scope(turn: _Turn) -> bool:
    """Whether the text is surely about something else: then that is said. A number or a single word says nothing."""
    flow = likely_topic(turn.content, turn.heard)
    wordy = number_in(turn.heard.text) is None and len(fold(turn.heard.text)) > 6
    return flow is not None and flow.id == OUT_OF_SCOPE and wordy


def _start_over(turn: _Turn, why: str) -> None:
    """The text answered a question that staff have changed or switched off since."""
    turn.walk.said.append(["phrase", why])
    turn.state.misses = 0
    _start(turn, _MENU)


def _ask_in_other_words(turn: _Turn) -> None:
    walk = turn.walk
    if not walk.has_open_question():
        walk.said.append(["phrase", "not_understood"])
        return
    _, step = walk.open_question()
    slot = turn.content.flows.slots.get(step.target) if step.kind == "collect" else None
    hints = {"float": "pick_a_number", "date": "pick_a_date", "bool": "pick_yes_or_no"}
    walk.said.append(["phrase", hints.get(slot.type, "not_understood_menu") if slot else "not_understood_menu"])
    walk.ask_again()


def _nearest_topics(turn: _Turn) -> list[str]:
    topics: list[str] = []
    if number_in(turn.heard.text) is not None:
        return topics  # a key that is no option says nothing about topics
    for intent, _ in turn.heard.ranking:
        found = turn.content.flow_of_intent.get(intent)
        if found and found[0].resumable and found[0].id not in {*topics, *turn.content.off}:
            topics.append(found[0].id)
    return topics[:3]


# In this order: what the open question asks for, words for the bot, what cannot wait, then everything else.
_ATTEMPTS = (
    _strict_answer,
    _command,
    _language_name,
    _unreadable,
    _certain_emergency,
    _loose_answer,
    _likely_emergency,
    _topic,
    _value,
)

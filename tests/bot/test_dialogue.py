"""The rules of a conversation that need no model: state in, state out."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import wording
from bot.channels.sms import fits
from bot.content import Content, load_content
from bot.flow_engine.dialogue import needs_understanding, take_turn
from bot.flow_engine.heard import Heard
from bot.flow_engine.state import MAX_FRAMES, MAX_PAST, DialogueState
from bot.languages.choosing import SURE, Evidence
from bot.settings import FLOWS

KNOWN = DialogueState(introduced=True, language="en", language_sure=True)


def after(content: Content, state: DialogueState, *heard: str | Heard) -> DialogueState:
    for item in heard:
        state = take_turn(content, state, item if isinstance(item, Heard) else Heard(item))
    return state


def topic(intent: str, confidence: float = 0.9, text: str = "some words") -> Heard:
    return Heard(text, ranking=((intent, confidence),))


def test_a_turn_does_not_change_the_state_it_was_given(content: Content) -> None:
    state = DialogueState()
    take_turn(content, state, Heard("hello", ranking=(("greet", 0.9),)))
    assert state == DialogueState()


def test_a_question_in_the_middle_is_answered_and_the_way_back_is_offered(content: Content) -> None:
    state = after(content, KNOWN, topic("school_ice_protocol"), topic("warrant_types"))
    assert state.said[-1] == ["phrase", "way_back", "school_ice_protocol"]
    state = after(content, state, "back")
    assert state.said == [["ask", "school_ice_protocol", "what_next"]]


def test_an_answer_without_a_question_returns_by_itself(content: Content) -> None:
    state = after(content, KNOWN, topic("school_ice_protocol"), topic("speak_to_person"))
    assert state.said[-2:] == [
        ["phrase", "welcome_back", "school_ice_protocol"],
        ["ask", "school_ice_protocol", "what_next"],
    ]


def test_thanks_keeps_the_open_menu_without_asking_again(content: Content) -> None:
    state = after(content, KNOWN, "menu", topic("thanks"))
    assert state.said == [["step", "thanks", "1"]]
    assert after(content, state, "3").said[0] == ["step", "school_ice_protocol", "answer"]


def test_the_ladder_of_not_understanding(content: Content) -> None:
    unclear = Heard("gibberish", ranking=(("warrant_types", 0.3), ("privacy", 0.2), ("greet", 0.1)))
    first = after(content, KNOWN, unclear)
    assert first.said == [["phrase", "not_understood"]]
    second = after(content, first, unclear)
    assert second.said == [["phrase", "did_you_mean"], ["topics", "warrant_types", "privacy"]]
    third = after(content, second, unclear)
    assert third.said == [["phrase", "person_instead"]]


def test_an_offered_topic_is_chosen_by_number_and_something_else_leads_to_a_person(content: Content) -> None:
    unclear = Heard("gibberish", ranking=(("warrant_types", 0.3), ("privacy", 0.2)))
    offered = after(content, KNOWN, unclear, unclear)
    assert after(content, offered, "2").said[0] == ["step", "privacy", "answer"]
    assert after(content, offered, "3").said == [["phrase", "person_instead"]]


def test_understanding_resets_the_ladder(content: Content) -> None:
    assert after(content, KNOWN, Heard("gibberish"), topic("thanks")).misses == 0


def test_an_emergency_comes_before_the_open_question(content: Content) -> None:
    state = after(content, KNOWN, topic("change_language"), Heard("they are here", emergency="ice_at_door"))
    assert state.said[0] == ["step", "ice_at_door", "outside"]


def test_an_emergency_at_first_contact_is_answered_before_the_disclaimer(content: Content) -> None:
    said = after(content, DialogueState(), Heard("ice", emergency="ice_at_door")).said
    assert said[0] == ["step", "ice_at_door", "outside"]
    assert said[-1] == ["phrase", "disclaimer"]


def test_a_topic_at_first_contact_comes_after_the_disclaimer(content: Content) -> None:
    said = after(content, DialogueState(), topic("warrant_types")).said
    assert said[:2] == [["phrase", "disclaimer"], ["step", "warrant_types", "two_papers"]]


def test_a_label_of_the_open_menu_wins_over_a_word_for_the_bot(content: Content) -> None:
    state = after(content, KNOWN, topic("ice_at_door"), "3", "menu")
    assert state.said == [["ask", "menu", "topics"]]
    # "privacy" is a word for the bot (who) and a synonym in the menu: the menu is asked first.
    assert after(content, state, "privacy").said[0] == ["step", "privacy", "answer"]


def test_a_switch_of_language_says_the_last_answer_and_its_question_again(content: Content) -> None:
    state = after(content, KNOWN, topic("warrant_types"), "kreyòl")
    assert state.language == "ht"
    assert state.said == [
        ["phrase", "language_set"],
        ["step", "warrant_types", "two_papers"],
        ["ask", "warrant_types", "which_paper"],
    ]


def test_a_language_asked_for_in_a_sentence(content: Content) -> None:
    please = topic("change_language", text="en español por favor")
    assert after(content, KNOWN, please).language == "es"
    refusal = topic("change_language", text="no english")
    assert after(content, KNOWN, refusal).said == [["ask", "change_language", "which"]]


def test_the_language_menu_leads_back_to_the_open_question(content: Content) -> None:
    state = after(content, KNOWN, topic("warrant_types"), "language", "2")
    assert state.language == "es"
    assert state.said[-1] == ["ask", "warrant_types", "which_paper"]


def test_a_language_we_do_not_speak_gets_a_person(content: Content) -> None:
    served = other_content()
    served.translations = dataclasses.replace(content.translations, languages=("en", "es"))
    assert after(served, KNOWN, "tagalog please").said != []
    assert after(served, KNOWN, "polski").said[0] == ["phrase", "english_only"]


def test_erase_leaves_only_the_language_of_the_goodbye(content: Content) -> None:
    state = after(content, KNOWN, topic("warrant_types"), "delete my data")
    assert state.erased
    assert (state.frames, state.past, state.slots) == ([], [], {})


def test_what_needs_no_model(content: Content) -> None:
    state = after(content, KNOWN, "menu")
    assert not needs_understanding(content, state, "2")
    assert not needs_understanding(content, state, "lawyer")
    assert not needs_understanding(content, state, "más")
    assert not needs_understanding(content, state, "中文")
    assert needs_understanding(content, state, "can ice come to the school")


def test_state_survives_json(content: Content) -> None:
    state = after(content, KNOWN, "menu", "3", "2")
    assert DialogueState.from_json(state.to_json()) == state


def test_a_damaged_state_is_a_fresh_start() -> None:
    assert DialogueState.from_json({"frames": "x", "page": "y", "new": 1, "language": 3}) == DialogueState()
    assert DialogueState.from_json([1, 2]) == DialogueState()


_INTENTS = ["ice_at_door", "warrant_types", "school_ice_protocol", "privacy", "thanks", "goodbye", "out_of_scope"]
_TEXTS = st.sampled_from(
    ["1", "2", "3", "9", "menu", "back", "more", "repeat", "help", "language", "who", "delete", "中文", "kreyol", "zzz"]
)
_HEARD = st.builds(
    Heard,
    text=_TEXTS | st.text(max_size=30),
    ranking=st.lists(st.tuples(st.sampled_from(_INTENTS), st.floats(0, 1)), max_size=3).map(tuple),
    emergency=st.sampled_from([None, None, "ice_at_door"]),
    evidence=st.sampled_from([Evidence(), Evidence("es", SURE), Evidence("ko", SURE)]),
)


@given(st.lists(_HEARD, min_size=1, max_size=12))
def test_whatever_is_texted_there_is_an_answer_that_fits_and_the_state_stays_small(texts: list[Heard]) -> None:
    content = load_content(FLOWS)
    state = DialogueState()
    for heard in texts:
        state = take_turn(content, state, heard)
        reply = wording.reply_text(content, state)
        assert reply.strip()
        assert fits(reply)
        assert len(state.frames) <= MAX_FRAMES
        assert len(state.past) <= MAX_PAST
        assert DialogueState.from_json(state.to_json()) == state


def test_the_first_page_of_a_first_answer_holds_the_answer_in_every_language(content: Content) -> None:
    for flow in content.flows.flows.values():
        first = flow.steps[flow.first_step]
        if first.say is None or not flow.resumable:
            continue
        for language in content.languages:
            heard = Heard("words", evidence=Evidence(language, SURE), ranking=((flow.id, 0.95),))
            reply = wording.reply_text(content, after(content, DialogueState(), heard))
            beginning = re.split("[.。।۔]", content.text(first.say, language))[0][:30]
            assert beginning in re.sub("[\u2068\u2069]", "", reply), (flow.id, language)


def other_content() -> Content:
    """The same texts in an object of its own, which a test may change."""
    return Content(load_content(FLOWS).flows, load_content(FLOWS).translations)


def test_a_topic_that_is_switched_off_sends_to_a_person(content: Content) -> None:
    served = other_content()
    served.off = frozenset({"warrant_types"})
    asked = after(served, KNOWN, topic("warrant_types"))
    assert asked.said == [["phrase", "topic_off"]]
    chosen = after(served, KNOWN, "menu", "2", "5")
    assert chosen.said == [["phrase", "topic_off"]]
    emergency = after(served, KNOWN, Heard("x", emergency="warrant_types"))
    assert emergency.said == [["phrase", "topic_off"]]
    assert "800-354-0365" in wording.reply_text(served, asked)


def test_a_question_inside_a_topic_that_was_switched_off_meanwhile(content: Content) -> None:
    before = after(content, KNOWN, topic("school_ice_protocol"))
    served = other_content()
    served.off = frozenset({"school_ice_protocol"})
    assert after(served, before, "1").said == [["phrase", "topic_off"], ["ask", "menu", "topics"]]
    assert after(served, before, topic("privacy")).said[0][:2] == ["step", "privacy"]
    assert "school_ice_protocol" not in after(served, before, "x", "x").offer


def test_an_answer_to_a_step_that_is_gone_starts_over_politely(content: Content) -> None:
    before = after(content, KNOWN, topic("school_ice_protocol"))
    before.frames = [["school_ice_protocol", "a_step_of_yesterday"]]
    assert after(content, before, "1").said == [["phrase", "topic_changed"], ["ask", "menu", "topics"]]
    assert after(content, before, "menu").said == [["ask", "menu", "topics"]]
    assert needs_understanding(content, before, "my landlord")
    assert before.frames == [["school_ice_protocol", "a_step_of_yesterday"]], "asking changes nothing"
    before.frames = [["menu", "topics"], ["a_flow_of_yesterday", "answer"]]
    assert after(content, before, "1").said == [["phrase", "topic_changed"], ["ask", "menu", "topics"]]


POSITIONS = [
    {"deeds": [["text", ["step", "ice_at_door", "answer"], ["phrase", "x"]]]},
    {"deeds": [["call_back", "any"], ["opt_out"]]},
    {"slots": {"times": ["bronx_sample/1764601200"], "times_skip": 3, "remind": None, "code": 12345678.0, "yes": True}},
    {"said": [["offer", "es"], ["topics", "a", "b"], ["topics"], ["rejected", "a", "b", "0"], ["phrase", "x", "y"]]},
    {"frames": [["menu", "ask"]], "past": [[["menu", "ask"]], []], "confirm": ["choice", "1"], "page": 2},
]


@pytest.mark.parametrize("position", POSITIONS)
def test_every_shape_that_a_position_has_is_read_again(position: dict[str, object]) -> None:
    assert DialogueState.from_json(position).to_json() == position


BROKEN = [
    {"frames": [["menu"]]},
    {"frames": [["menu", 1]]},
    {"frames": ["menu"]},
    {"past": [["menu", "ask"]]},
    {"said": [["ask", "menu"]]},
    {"said": [[["step"]]]},
    {"deeds": [[]]},
    {"deeds": [[1]]},
    {"slots": {"times": [1]}},
    {"slots": {"times": {"a": 1}}},
    {"page": -1},
    {"page": 10**9},
    {"misses": "1"},
]


@pytest.mark.parametrize("position", BROKEN)
def test_a_shape_that_no_position_has_is_dropped(position: dict[str, object]) -> None:
    assert DialogueState.from_json(position) == DialogueState()

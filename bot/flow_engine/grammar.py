"""What may stand in a flow file: every key, its form, and what it is for. The reader and the schema both follow this.

A form is one of: text, texts, word, words, condition, date, switch, share, choices, destination, next, steps, branches,
assignments, rejections, triggers, metadata, signature, anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """One key: its form, what a writer reads about it in an editor, and whether it has to be there."""

    name: str
    form: str
    about: str
    required: bool = False


SECTIONS = (
    Key("flows", "flows", "Topics. One topic, one file: `flows:` with the topic's id below it."),
    Key(
        "facts",
        "facts",
        "What can change: numbers, hours, names. A text names it in braces: {legal_help.phone}.",
    ),
    Key("phrases", "phrases", "The bot's own sentences, such as the apology."),
    Key("words", "wordlists", "Words a resident can text at any moment, and words for numbers and answers."),
    Key("slots", "slots", "What a flow may remember while it lasts. Never a name, a status, an address."),
    Key("clinics", "clinics", "Places that give appointments, and when. Names of fields are those of HSDS."),
    Key("voices", "voices", "The telephone: by language, its key, who speaks it, how its callers are heard."),
    Key("responses", "responses", "Responses of a Rasa domain: texts, a variation for voice, buttons."),
)
# The rest of a Rasa domain may stand in a file and has no meaning here.
DOMAIN_KEYS = frozenset({"version", "intents", "entities", "actions", "session_config", "forms", "e2e_actions"})

FLOW = (
    Key("name", "text", "What a menu shows for this topic. Short: `ICE is at my door`."),
    Key("description", "text", "One line for colleagues: what the topic is for.", required=True),
    Key("if", "condition", "The topic starts only while this holds, such as `slots.adult`."),
    Key("nlu_trigger", "triggers", "Intents that start the topic. Their examples stand in nlu_data/<language>.yml."),
    Key("metadata", "metadata", "Where the text is from, who has read it, until when it holds."),
    Key("persisted_slots", "words", "Slots that are kept when the topic ends. As a rule there are none."),
    Key("steps", "steps", "The steps, from top to bottom. The first is where the topic begins.", required=True),
    Key("always_include_in_prompt", "anything", "Of Rasa's language models; has no meaning here."),
    Key("run_pattern_completed", "anything", "Of Rasa's patterns; has no meaning here."),
)
METADATA = (
    Key("audience", "text", "For whom it is: everyone, parents, workers."),
    Key("owner", "text", "Who keeps it true."),
    Key("source", "texts", "Where each fact is from: a law, a page, a letter, with its date."),
    Key(
        "emergency",
        "switch",
        "true: answered before everything else. Production wants it signed.",
    ),
    Key("resumable", "switch", "false: nobody needs to come back to it, such as the menu."),
    Key("closes_talk", "switch", "true: ends what was open, such as a good bye."),
    Key("reviewed_on", "date", "Set by `hotline review`: the day it was signed. null is a draft."),
    Key("reviewed_by", "signature", "Set by `hotline review`: who has read it."),
    Key("reviewed_hash", "signature", "Set by `hotline review`: what was read. A changed word makes it void."),
    Key("review_by", "date", "The day it has to be read again, such as 2027-03-31."),
)
_VOICE = Key("voice", "text", "Other wording for the telephone: no web address, numbers in words, short sentences.")
_MUST_HEAR = Key("must_hear", "switch", "true: callers cannot cut it short. For warnings that open an answer.")
_CHOICES = Key("choices", "choices", "The numbered options: two to six, each `- say:` with `then:` below it.")
STEPS: dict[str, tuple[Key, ...]] = {
    "say": (
        Key("say", "text", "What residents are told. Grade 6, short, calm. {legal_help.phone} is a fact."),
        _VOICE,
        _MUST_HEAR,
    ),
    "ask": (Key("ask", "text", "A question with numbered options; the bot waits for an answer."), _VOICE, _CHOICES),
    "collect": (
        Key("collect", "word", "The slot that is asked for; the bot waits for its value."),
        Key("ask", "text", "The question. Never for a name, a status or an address."),
        _VOICE,
        Key("choices", "choices", "Options, each with the `value` the slot gets."),
        Key("description", "text", "For colleagues: what is asked and why."),
        Key("utter", "word", "The response that asks, if it has another name than utter_ask_<slot>."),
        Key("rejections", "rejections", "Values that are not taken: `- if:` with what is said then."),
        Key("ask_before_filling", "switch", "true: asks even when the value is known."),
        Key("reset_after_flow_ends", "switch", "false: the value is kept when the topic ends."),
        Key("force_slot_filling", "anything", "Of Rasa's language models; has no meaning here."),
        Key("silence_timeout", "anything", "Seconds of silence on the telephone before asking again."),
        Key("dtmf", "anything", "How keys are taken on the telephone."),
    ),
    "action": (
        Key(
            "action",
            "word",
            "A response to say, `utter_` and its name. Or of the bot: action_transfer connects a caller with a person, "
            "action_call_back notes that a person is to call back, action_repeat says the last answer again, "
            "action_erase deletes what is kept of the resident, action_opt_out notes that they want no texts of ours. "
            "The desk of appointments: action_my_appointment, "
            "action_find_times, action_more_times, action_hold_time, action_book, action_cancel_appointment, "
            "action_find_code.",
        ),
    ),
    "set_slots": (Key("set_slots", "assignments", "Sets slots: `- slot: value` below it. null clears one."),),
    "call": (Key("call", "word", "Another flow, and back here when it ends."),),
    "link": (Key("link", "word", "Another flow, for good."),),
    "noop": (Key("noop", "anything", "Does nothing; for a `next` with branches. Write `noop: true`."),),
}
EVERY_STEP = (
    Key("id", "word", "A name to lead to: letters, digits, `_`. A named step keeps its translations when it moves."),
    Key("next", "next", "What follows: a step, END, or `- if:` with `then:` and `- else:`. Default: the step below."),
    Key("metadata", "anything", "Notes for colleagues."),
    Key("hold", "text", "Why this text may not be served yet. In production it is left out."),
)
CHOICE = (
    Key("say", "text", "The option as residents see it. Short.", required=True),
    Key("synonyms", "words", "Other words a resident may reply: [door, my door]."),
    Key("then", "destination", "What follows: a step of this flow, END, or {link: another_flow}."),
    Key("value", "anything", "The value the slot gets, if it is not the words themselves."),
    Key("if", "condition", "The option is there only while this holds."),
)
BRANCH = (
    Key("if", "condition", "The condition, such as `slots.age < 18`."),
    Key("then", "destination", "The step that follows where it holds."),
    Key("else", "destination", "The step that follows where nothing above holds."),
)
REJECTION = (
    Key("if", "condition", "Which values are not taken, such as `slots.children > 12`.", required=True),
    Key("say", "text", "What is said then; the question follows."),
    Key("utter", "word", "A response to say then."),
)
SLOT = (
    Key("type", "slot type", "What kind of value: categorical and bool need no typing by the resident.", required=True),
    Key("values", "words", "The values of a categorical slot, such as [bronx, queens]."),
    Key("initial_value", "anything", "The value before anybody has answered."),
    Key("influence_conversation", "anything", "Of Rasa; has no meaning here."),
    Key("mappings", "anything", "Of Rasa; has no meaning here."),
)
FACT = (
    Key("value", "text", "The fact where it is the same in every language, such as a number."),
    Key("text", "text", "The fact where it is translated, such as opening hours."),
    Key(
        "open",
        "text",
        "Of opening hours: the same for the clock, as Mon-Fri 09:00-18:00. {legal_help.open_now} is made of it.",
    ),
    Key("closed_on", "words", "Days on which nobody answers, such as holidays: [2026-11-26, 2026-12-25]."),
    Key("source", "text", "Where it is from, with a date."),
    Key("as_of", "date", "The day the source says so."),
    Key("review_by", "date", "The day it has to be looked up again. After it, residents get `when_stale`."),
    Key("when_stale", "text", "The cautious sentence in place of any text with this fact, once it is out of date."),
)
VOICE = (
    Key("key", "text", "The key that chooses the language; two digits: one after the other.", required=True),
    Key("menu_line", "text", "What offers the language, in the language: `For English, press {key}.`", required=True),
    Key("not_yet", "text", "What is said, in the language, while it has no translations."),
    Key("say_voice", "text", "Twilio's name of the voice, such as Polly.Lupe-Neural."),
    Key("say_language", "text", "The code that belongs to the voice, such as es-US."),
    Key("hear_language", "text", "The code by which Twilio hears callers; without it they use keys alone."),
    Key("hear_model", "text", "Twilio's speech model, where the usual one is not good enough."),
    Key("synthesizer", "text", "espeak-ng's name of the language, for what Twilio cannot speak."),
    Key("spoken_as", "anything", "How abbreviations are spoken: {NYC: New York City}."),
)
CLINIC = (
    Key("name", "text", "What residents read: `Bronx help office`.", required=True),
    Key("hold", "text", "Why this place may not be offered yet. In production it is left out."),
    Key("borough", "borough", "bronx, brooklyn, manhattan, queens or staten_island.", required=True),
    Key("address_1", "text", "House number and street.", required=True),
    Key("city", "text", "As in an address: Bronx, NY.", required=True),
    Key("postal_code", "text", "Five digits."),
    Key("languages", "words", "Languages spoken there, such as [en, es]."),
    Key("interpreters", "switch", "true: every other language is spoken through an interpreter."),
    Key("help_with", "words", "Coarse topics: court, family, work, papers, other. Without it: all."),
    Key("schedules", "schedules", "When appointments are given.", required=True),
    Key("closed_on", "words", "Days without appointments beside the City's holidays: [2026-12-24]."),
    Key("feed", "anything", "A number; a new one makes the old address of the place's calendar void."),
    Key("source", "text", "Who said so, with a date.", required=True),
    Key("as_of", "date", "The day the source says so."),
    Key("review_by", "date", "The day it has to be asked again. After it the place is not offered."),
)
SCHEDULE = (
    Key("byday", "words", "Days of the week: [MO, TU, WE, TH, FR, SA, SU].", required=True),
    Key("opens_at", "text", 'The first appointment begins, by New York\'s clock: "10:00".', required=True),
    Key("closes_at", "text", 'The last appointment is over: "14:00".', required=True),
    Key("minutes", "anything", "How long one takes.", required=True),
    Key("capacity", "anything", "How many can begin at the same time.", required=True),
    Key("valid_from", "date", "The first day of this schedule."),
    Key("valid_to", "date", "The last day of this schedule."),
)
PHRASE = (Key("say", "text", "The sentence.", required=True), _VOICE, _MUST_HEAR)
# What a flow can have the bot do. The first two are for calls; by text these steps do nothing.
TRANSFER, CALL_BACK, REPEAT, ERASE = "action_transfer", "action_call_back", "action_repeat", "action_erase"
OPT_OUT = "action_opt_out"
# What the desk of appointments does. Each sets the slots that bot.scheduling.counter names.
DESK_ACTIONS = frozenset(
    {
        "action_my_appointment",
        "action_find_times",
        "action_more_times",
        "action_hold_time",
        "action_book",
        "action_cancel_appointment",
        "action_find_code",
    }
)
ACTIONS = frozenset({TRANSFER, CALL_BACK, REPEAT, ERASE, OPT_OUT}) | DESK_ACTIONS
# What conditions can ask of the conversation. person: open, closed, none, or how a transfer ended.
# desk: books, or none where no appointments are made here.
CONTEXT = ("channel", "language", "person", "reachable", "desk")
SLOT_TYPES = ("text", "bool", "categorical", "float", "date", "list", "any", "language", "visit")


def names(keys: Iterable[Key]) -> set[str]:
    """The names of some keys."""
    return {key.name for key in keys}

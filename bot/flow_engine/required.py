"""What the rules of a conversation need of the content: flows behind commands, the bot's own sentences."""

from __future__ import annotations

FLOW_OF_COMMAND = {
    "menu": "menu",
    "human": "speak_to_person",
    "language": "change_language",
    "who": "privacy",
    "door": "ice_at_door",
}
REQUIRED_PHRASES = (
    *("welcome", "disclaimer", "other_languages", "not_understood", "not_understood_menu", "did_you_mean"),
    *("none_of_these", "person_instead", "more_hint", "no_more", "nothing_to_repeat", "way_back", "welcome_back"),
    *("nothing_before", "language_set", "language_offer", "english_only", "help", "texts_stopped", "media", "erased"),
    *(
        "apology",
        "memory_gone",
        "desk_closed",
        "erased_booking",
        "topic_off",
        "topic_changed",
        "slow_down",
        "pick_yes_or_no",
        "pick_a_number",
        "pick_a_date",
        "yes",
        "no",
    ),
    *("sources", "sources_signed", "no_sources", "open_now", "closed_now", "opens_today", "opens_again"),
    *(f"weekday_{day}" for day in range(1, 8)),
)
CALL_PHRASES = (
    *("press_key", "more_options", "did_you_say", "no_input", "no_input_again", "goodbye_silent"),
    *("goodbye_not_understood", "call_too_long", "connecting", "whisper", "text_me_hint", "text_sent", "text_failed"),
    *("o_clock", "hour_and_minutes", "morning", "noon", "afternoon", "evening", "day_of_month"),
    *("text_blocked", "key_float", "key_date", *(f"month_{month}" for month in range(1, 13))),
)
OUT_OF_SCOPE = "out_of_scope"  # the flow that says what the hotline is not for; not a topic of its own
REMINDER = "appointment_reminder"  # the flow that a reminder opens: the worker sends its first question
AFTER_ANSWER = "after_answer"  # the flow by which a caller goes on where a text would simply end

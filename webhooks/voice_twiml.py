"""Speech → TwiML: who says what, where the caller is heard, and where the answer goes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlencode

from flask import Response
from twilio.twiml import TwiML
from twilio.twiml.voice_response import Dial, Gather, Number, Play, Say, VoiceResponse

from bot.audio import audio_name
from bot.channels.voice import PAUSE, PHONE, Part, joined
from bot.content import Content
from bot.languages.supported import SOURCE
from bot.messages import CallTurn
from bot.settings import Settings
from bot.speech import Speech
from webhooks.twiml import without_control_characters

# Seconds: for the first key or word; after the last word; until a person answers; of a transferred call.
LISTEN, AFTER_SPEECH, RING, TALK = 7, 2, 25, 2 * 3600
MAX_SAY = 2800  # characters; Twilio takes 3,000 of Polly's voices
AUDIO_PATH = "/voice/audio"


def spoken(speech: Speech, turn: CallTurn, content: Content, settings: Settings) -> Response:
    """The TwiML of one turn: it listens, transfers, or says its last words and hangs up."""
    response = VoiceResponse()
    _say(response, speech.firm, content)
    if speech.keys:
        query = _query(speech, turn)
        gather = _gather(speech, query)
        _say(gather, speech.parts, content)
        response.append(gather)
        # Never reached while the empty result is posted too; without it a call would end in silence.
        response.redirect(f"/voice/turn?{urlencode(query)}", method="POST")
    else:
        _say(response, speech.parts, content)
        if speech.transfer:
            response.append(_dial(speech, turn, settings))
        else:
            response.hangup()
    return _xml(response)


def whispered(speech: Speech, content: Content) -> Response:
    """What the answering side hears before the call is joined; 1 takes it."""
    response = VoiceResponse()
    gather = Gather(input="dtmf", num_digits=1, timeout=10, action="/voice/whisper/answer", method="POST")
    _say(gather, speech.parts, content)
    response.append(gather)
    response.hangup()
    return _xml(response)


def joined_or_not(accepted: bool) -> Response:
    """An empty document joins the two calls; a hang-up refuses."""
    response = VoiceResponse()
    if not accepted:
        response.hangup()
    return _xml(response)


def _query(speech: Speech, turn: CallTurn) -> dict[str, str]:
    query = {"n": str(turn.turn + 1), "t": str(turn.started or int(time.time())), "l": speech.language}
    if speech.question:
        query["q"] = speech.question
    if speech.keys == "all":
        query["k"] = "all"
    return query


def _gather(speech: Speech, query: dict[str, str]) -> Gather:
    several = speech.keys == "number"
    return Gather(
        input="dtmf speech" if speech.hear else "dtmf",
        action=f"/voice/turn?{urlencode(query)}",
        method="POST",
        timeout=LISTEN,
        num_digits=None if several else 1,
        # With one key, # is a key like others.
        finish_on_key="#" if several else "",
        action_on_empty_result=True,
        language=speech.hear or None,
        speech_model=speech.hear_model or None,
        speech_timeout=AFTER_SPEECH if speech.hear else None,
        hints=",".join(speech.hints) or None,
        profanity_filter=False if speech.hear else None,
    )


def _dial(speech: Speech, turn: CallTurn, settings: Settings) -> Dial:
    """Our own number is shown: nobody learns the caller's."""
    query = urlencode(_query(speech, turn))
    dial = Dial(
        action=f"/voice/transfer?{query}",
        method="POST",
        timeout=RING,
        time_limit=TALK,
        caller_id=settings.phone_number or None,
    )
    whisper = urlencode({"l": speech.language, "topic": speech.transfer})
    dial.append(Number(settings.transfer_number, url=f"/voice/whisper?{whisper}", method="POST"))
    return dial


def _say(verb: TwiML, parts: Iterable[Part], content: Content) -> None:
    """Neighbouring parts of one language in one `<Say>`; a language without a voice by its recordings."""
    say: Say | None = None
    speaking, length = "", 0
    for part in parts:
        voice = content.flows.voices.get(part.language) or content.flows.voices[SOURCE]
        if not voice.say_voice:
            say = None
            for name in _recordings(part):
                verb.append(Play(f"{AUDIO_PATH}/{part.language}/{name}.wav"))
            continue
        if part.kind == PAUSE and (say is None or speaking != part.language):
            continue  # where the voice changes there is a pause
        if say is None or speaking != part.language or length + len(part.text) > MAX_SAY:
            say, speaking = Say(voice=voice.say_voice, language=voice.say_language), part.language
            verb.append(say)
            length = 0
        length += len(part.text)
        if part.kind == PHONE:
            say.say_as(part.text, interpret_as="telephone")
        else:
            _append(say, replace(part, text=without_control_characters(part.text)))


def _append(say: Say, part: Part) -> None:
    """The library keeps one text between two elements; a second one would be laid over it."""
    before = str(say.verbs.pop()) if say.verbs and isinstance(say.verbs[-1], str) else ""
    after_element = not before and bool(say.verbs) and part.kind != PAUSE
    say.append(f"{' ' if after_element else ''}{joined(before.rstrip(), part)} ")


def _recordings(part: Part) -> list[str]:
    if part.kind == PAUSE:
        return []
    if part.kind == PHONE:
        return [audio_name(part.language, digit) for digit in part.text if digit.isdigit()]
    return [audio_name(part.language, part.text)]


def _xml(response: VoiceResponse) -> Response:
    return Response(str(response), mimetype="application/xml")

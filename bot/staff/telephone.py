"""A caller's telephone: runs the TwiML of a call as Twilio does, and finds every fault in it on the way."""

from __future__ import annotations

import secrets
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol
from urllib.parse import urljoin

from bot.staff.twiml_rules import SOUND_TYPES, faults
from bot.start import Hotline

Element = ElementTree.Element
# Documents one after the other without the caller doing anything.
MAX_HOPS = 30
KEYS = "0123456789*#"
HOTLINE_NUMBER = "+15005550010"
# How a dialled person takes it: answers and presses 1, answers and does not, or one of Twilio's outcomes.
OUTCOMES = ("answered", "declined", "busy", "no-answer", "failed")


class Door(Protocol):
    """Whoever answers the requests of Twilio."""

    def post(self, path: str, form: Mapping[str, str]) -> tuple[int, str, bytes]:
        """(status, media type, body) of a signed POST."""
        ...

    def get(self, path: str) -> tuple[int, str, bytes]:
        """(status, media type, body) of an unsigned GET, as for sounds."""
        ...


class DoorOf:
    """The web application of a hotline in this process; its settings have no token, so nothing has to be signed."""

    def __init__(self, hotline: Hotline) -> None:
        from webhooks.app import create_app

        self._client = create_app(hotline).test_client()

    def post(self, path: str, form: Mapping[str, str]) -> tuple[int, str, bytes]:
        response = self._client.post(path, data=dict(form))
        return response.status_code, response.content_type or "", response.data

    def get(self, path: str) -> tuple[int, str, bytes]:
        response = self._client.get(path)
        return response.status_code, response.content_type or "", response.data


@dataclass(frozen=True)
class Sound:
    """What a caller heard: a `<Say>` with its text, or a `<Play>` with its address; `language` as Twilio has it."""

    verb: str
    text: str
    language: str = ""
    firm: bool = False  # outside of <Gather>: no key cuts it short


class Telephone:
    """One call. After each act it listens, rings at a person's (`dialling`), or is `over`."""

    def __init__(self, door: Door, caller: str = "+15005550006") -> None:
        self._door = door
        self._form = {
            "CallSid": "CA" + secrets.token_hex(16),
            "AccountSid": "AC" + "0" * 32,
            "From": caller,
            "Caller": caller,
            "To": HOTLINE_NUMBER,
            "Called": HOTLINE_NUMBER,
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
            "FromCountry": "US",
            "CallToken": secrets.token_hex(8),
        }
        self._path = "/voice"
        self._rest: list[Element] = []  # the verbs after the one the call waits at
        self.gather: Element | None = None
        self.dial: Element | None = None
        self.over = False
        self.heard: list[Sound] = []  # since the caller's last act
        self.whispered: list[Sound] = []  # by the person who was dialled
        self.faults: list[str] = []

    # --- acts -------------------------------------------------------------------------------------

    def call(self) -> None:
        """Dial the hotline."""
        self._go("/voice", {}, "ringing")

    def press(self, keys: str) -> None:
        """Press keys, one after the other, as the question takes them; what it does not take falls to the next one."""
        while keys and self.gather is not None:
            several = int(self.gather.get("numDigits", "20"))
            finish = self.gather.get("finishOnKey", "#")
            end = next((at for at, key in enumerate(keys) if key in finish), len(keys)) if finish else len(keys)
            taken = keys[: min(end, several)]
            finished = keys[len(taken)] if len(taken) < several and len(taken) < len(keys) else ""
            keys = keys[len(taken) + len(finished) :]
            self._answer({"Digits": taken, "FinishedOnKey": finished, "msg": "Gather End"})

    def say(self, text: str, confidence: float | None = 0.9) -> None:
        """Say something; where only keys are heard that is silence."""
        if self.gather is None or "speech" not in self.gather.get("input", "dtmf"):
            self.wait()
            return
        sure = {} if confidence is None else {"Confidence": f"{confidence}"}
        self._answer({"SpeechResult": text, **sure})

    def wait(self) -> None:
        """Neither press nor say anything."""
        if self.gather is None:
            return
        if self.gather.get("actionOnEmptyResult") == "true":
            self._answer({"Digits": "", "FinishedOnKey": "", "msg": "Gather End"})
        else:
            self.heard, rest, self.gather = [], self._rest, None
            self._run(rest, 0)

    def dialled(self, outcome: str) -> None:
        """How the person who is dialled takes it; see OUTCOMES."""
        dial, self.dial, self.heard = self.dial, None, []
        if dial is None:
            return
        picked_up = outcome in {"answered", "declined"}
        bridged = picked_up and self._whisper(dial, outcome == "answered")
        status = "completed" if picked_up else outcome
        result = {"DialCallStatus": status, "DialBridged": "true" if bridged else "false"}
        if status == "completed":
            result |= {"DialCallDuration": "60", "DialCallSid": "CA" + secrets.token_hex(16)}
        self._go(dial.get("action", ""), result)

    def hang_up(self) -> None:
        """End the call; the hotline is told."""
        self.over, self.gather, self.dial = True, None, None
        self._door.post("/voice/status", {**self._form, "CallStatus": "completed", "CallDuration": "60"})

    def act(self, text: str) -> None:
        """What a caller does, in a line: keys, words ("? " before words that are hardly heard), "" for silence.

        While a person is dialled: how they take it, as in OUTCOMES.
        """
        if self.dial is not None:
            self.dialled(text if text in OUTCOMES else "no-answer")
        elif not text:
            self.wait()
        elif all(key in KEYS for key in text):
            self.press(text)
        elif text.startswith("? "):
            self.say(text[2:], 0.2)
        else:
            self.say(text)

    @property
    def id(self) -> str:
        """The call's CallSid."""
        return self._form["CallSid"]

    @property
    def caller(self) -> str:
        return self._form["From"]

    @property
    def listens_to_speech(self) -> bool:
        return self.gather is not None and "speech" in self.gather.get("input", "dtmf")

    # --- as Twilio does it ------------------------------------------------------------------------

    def _answer(self, result: Mapping[str, str]) -> None:
        gather, self.gather, self.heard = self.gather, None, []
        assert gather is not None
        self._go(gather.get("action", self._path), result)

    def _go(self, path: str, more: Mapping[str, str], status: str = "in-progress", hops: int = 0) -> None:
        self._path = urljoin(self._path, path)
        document = self._fetch(self._path, {**self._form, "CallStatus": status, **more})
        if document is None:
            self.over = True
        else:
            self._run(list(document), hops)

    def _fetch(self, path: str, form: Mapping[str, str], whisper: bool = False) -> Element | None:
        status, kind, body = self._door.post(path, form)
        if status != 200:
            self.faults.append(f"{path} answered {status}: {body.decode(errors='replace').strip()[:200]}")
            return None
        found = faults(body, kind, whisper)
        self.faults += [f"{path}: {fault}" for fault in found]
        try:
            return ElementTree.fromstring(body)
        except ElementTree.ParseError:
            return None

    def _run(self, verbs: list[Element], hops: int) -> None:
        for at, verb in enumerate(verbs):
            if verb.tag in {"Say", "Play"}:
                self.heard += self._sounds(verb, firm=True)
            elif verb.tag == "Gather":
                self.heard += [sound for child in verb for sound in self._sounds(child)]
                self.gather, self._rest = verb, verbs[at + 1 :]
                return
            elif verb.tag == "Redirect":
                if hops >= MAX_HOPS:
                    self.faults.append(f"{MAX_HOPS} documents without an end")
                    self.over = True
                else:
                    self._go(verb.text or "", {}, hops=hops + 1)
                return
            elif verb.tag == "Dial":
                self.dial = verb
                return
            elif verb.tag in {"Hangup", "Reject"}:
                self._end()
                return
        self.faults.append(f"{self._path}: the document ends, and so does the call, without a word")
        self.over = True

    def _end(self) -> None:
        self.over = True
        if not self.heard:
            self.faults.append(f"{self._path}: hangs up in silence")

    def _whisper(self, dial: Element, takes_it: bool) -> bool:
        """Whether the person who was dialled and answers is joined to the caller."""
        number = dial.find("Number")
        if number is None or not number.get("url"):
            return True
        path = urljoin("/voice", number.get("url", ""))
        document = self._fetch(path, self._form, whisper=True)
        gather = document.find("Gather") if document is not None else None
        if document is None or gather is None:
            return document is not None and document.find("Hangup") is None
        self.whispered = [sound for child in gather for sound in self._sounds(child)]
        answer = {"Digits": "1"} if takes_it else {}
        if not answer and gather.get("actionOnEmptyResult") != "true":
            return False  # what follows is the hang-up
        after = self._fetch(urljoin(path, gather.get("action", "")), {**self._form, **answer}, whisper=True)
        return after is not None and after.find("Hangup") is None

    def _sounds(self, verb: Element, firm: bool = False) -> Iterator[Sound]:
        if verb.tag == "Say":
            text = " ".join("".join(verb.itertext()).split())
            yield Sound("Say", text, verb.get("language", ""), firm)
        elif verb.tag == "Play":
            path = urljoin("/voice", verb.text or "")
            status, kind, body = self._door.get(path)
            if status != 200 or kind.partition(";")[0] not in SOUND_TYPES or not body:
                self.faults.append(f"{path} answered {status} {kind}: no sound")
            yield Sound("Play", path, "", firm)


def words_of(hotline: Hotline, sound: Sound) -> str:
    """What is said in `sound`; of a file, the text it was made of."""
    if sound.verb == "Say":
        return sound.text
    path = PurePosixPath(sound.text)
    return hotline.audio.texts(path.parent.name).get(path.stem, sound.text)

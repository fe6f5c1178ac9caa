"""What Redis and a partner give back, when it is not what we put there: other versions, damage, somebody else's hand.

A resident gets an answer all the same, and nothing that stands there is believed unless it is sealed or signed.
"""

from __future__ import annotations

import functools
import json
import random
from typing import Any

from bot.caller_ids import keyed_hash, sender_id
from bot.flow_engine.state import DialogueState
from bot.messages import CallTurn, IncomingMessage
from bot.releases import Bundle, bundle_of
from bot.scheduling.handoffs import status_in
from bot.sealing import Seals
from bot.settings import FLOWS, NLU_DATA
from tests.fuzz import json_slips, slips
from tests.fuzz import requests_as_text as notation
from tests.fuzz.hotline_under_test import SECRET, UnderTest, under_test
from tests.fuzz.target import Fault, Target

_SAID = ("2", "menu", "back", "more", "repeat", "who", "ICE is at my door", "xyz", "yes", "source", "DELETE", "")


def _states() -> list[bytes]:
    """Positions as they really are, after one to five texts."""
    tested = under_test()
    found = []
    for talk in (
        ("menu", "1", "2", "back", "more"),
        ("español", "menu", "3", "source"),
        ("book an appointment", "1", "1", "1", "1"),
        ("asdf qwer", "zxcv"),
        ("my appointment", "1234 5678"),
        ("العربية", "menu", "2"),
    ):
        tested.begin()
        for number, said in enumerate(talk):
            tested.hotline.conversation.reply_to(IncomingMessage(f"SM{number}", notation.NUMBER, said))
            state = tested.hotline.memory.load(_sender(tested))
            if state:
                found.append(json.dumps(state).encode())
    full = DialogueState(
        language="es", confirm=["choice", "1"], prefix="1", deeds=[["text", "x"]], fading=["visit"], page=3
    )
    return [*found, json.dumps(full.to_json()).encode(), b"{}", b"[]", b"null", b'"x"', b"1"]


def _sender(tested: UnderTest) -> str:
    return sender_id("sms", notation.NUMBER, tested.hotline.memory.hash_key)


def _check_state(data: bytes) -> None:
    """A sealed position of any shape: texts and calls go on from it, or from the beginning."""
    try:
        state: Any = json.loads(data)
        json.dumps(state, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return  # it could not have been sealed
    said = _SAID[sum(data) % len(_SAID)]
    tested = under_test()
    tested.begin()
    hotline = tested.hotline
    for sender in (_sender(tested), hotline.calls.sender_of("CA1", notation.NUMBER).partition("@")[0]):
        key = f"hotline:talk:{sender}"
        tested.store.set(key, _seals().seal(state, key))
    for number in range(2):
        hotline.conversation.reply_to(IncomingMessage(f"SM{number}", notation.NUMBER, said))
        hotline.calls.answer(CallTurn("CA1", number, notation.NUMBER, said, event="" if said else "silence"))
    if failed := tested.failures():
        raise Fault(f"a position is not borne: {failed[0]}")


@functools.lru_cache(maxsize=1)
def _seals() -> Seals:
    return Seals((SECRET,), b"encrypt")


def _check_stored(data: bytes) -> None:
    """Bytes that nobody sealed, under every key that a message reads."""
    tested = under_test()
    tested.begin()
    memory, sender = tested.hotline.memory, _sender(tested)
    for name in ("talk", "language"):
        tested.store.set(f"hotline:{name}:{sender}", data)
    if len(data) % 3 == 0:
        tested.store.set(
            f"hotline:message:{keyed_hash('SM1', memory.hash_key)}", data if len(data) != 16 else data + b"x"
        )
    reply = tested.hotline.conversation.reply_to(IncomingMessage("SM1", notation.NUMBER, "menu"))
    memory.call_backs()
    if failed := tested.failures():
        raise Fault(f"damage is not borne: {failed[0]}")
    if not reply.text and len(data) % 3:
        raise Fault("no answer")


def _check_partner(data: bytes) -> None:
    """A partner's answer of any shape means confirmed or declined, never an exception."""
    if status_in(data) not in {"confirmed", "declined"}:
        raise Fault("an answer without a meaning")


def _bundle() -> bytes:
    whole = bundle_of(FLOWS, NLU_DATA / "emergency.yml", "hotline-x", ())
    menu = {name: text for name, text in whole.flows.items() if name.endswith(("menu.yml", "voices.yml"))}
    few = {language: entries[:3] for language, entries in whole.translations.items()}
    emergency = "emergencies:\n  - {flow: x, all_of: [a]}\nword_groups:\n  a: {en: [knock*]}\n"
    return json.dumps({"flows": menu, "translations": few, "emergency": emergency, "model": "", "unread": []}).encode()


def _check_bundle(data: bytes) -> None:
    """A bundle is refused by ValueError, or can be read whole."""
    import zlib

    try:
        bundle = Bundle.from_bytes(zlib.compress(data, 1))
    except ValueError:
        return
    bundle.read()
    bundle.changes(None)


def _spoil_bytes(data: bytes, chance: random.Random) -> bytes:
    return slips.spoiled(data, chance, slips.BYTES)


MEMORY_TARGETS = (
    Target(
        "positions",
        "the position of a conversation in any shape, sealed as ours are; a text and a call go on from it",
        *(50, _states, json_slips.spoil, _check_state),
        ("bot/flow_engine/state.py", "bot/flow_engine/dialogue.py", "bot/wording.py", "bot/speech.py"),
    ),
    Target(
        "stored bytes",
        "damaged and foreign bytes under the keys that a message reads",
        *(60, lambda: [*slips.NASTY_BYTES, b"x" * 16, b"\0" * 40], _spoil_bytes, _check_stored),
        ("bot/session_state.py", "bot/sealing.py"),
    ),
    Target(
        "partner answers",
        "what a partner's system answers to a hand-off",
        *(
            100,
            lambda: [b'{"status": "confirmed"}', b'{"status": "declined"}', b"", b"[]", *slips.NASTY_BYTES],
            json_slips.spoil,
        ),
        *(_check_partner, ("bot/scheduling/handoffs.py",)),
    ),
    Target(
        "releases",
        "published texts in Redis",
        20,
        lambda: [_bundle()],
        json_slips.spoil,
        _check_bundle,
        ("bot/releases.py",),
    ),
)

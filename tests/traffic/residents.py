"""Residents whose every reply is known beforehand: what the hotline says to them depends on all they sent before.

Each walks through the same conversation in one of the languages. `Expected` is what an undisturbed hotline says at each
place of it; a reply that fits another place shows a message that was lost, moved twice or answered out of its turn.
"""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass

from bot.content import Content
from bot.wording import phrase_text
from tests.traffic.twilio_side import TwilioSide

# Language → its name; a question about schools; words of an emergency.
TEXTS = {
    "en": ("english", "can ice come into my kids school", "ice is at my door"),
    "es": ("español", "puede entrar la migra a la escuela de mis hijos", "hay un agente de ICE en la puerta"),
    "zh-Hans": ("中文", "移民局可以进学校抓小孩吗", "有人在敲我家门 说是移民局的"),
    "ht": ("kreyòl", "eske ice ka antre lekol pitit mwen", "ICE nan pòt mwen"),
    "ru": ("русский", "придут ли айсы в школу за детьми", "ICE у моей двери"),
    "ko": ("한국어", "학교에 이민국이 들어올 수 있나요", "지금 문앞에 이민국 사람들 왔어요 어떡해요"),
    "fr": ("français", "est ce que ICE peut entrer dans l'école de ma fille", "ICE est à ma porte"),
    "bn": ("বাংলা", "স্কুলে আইস আসলে কি বাচ্চাদের নিয়ে যেতে পারবে", "আইস আমার দরজায়"),
}
# What is sent after the language and before the question, and after it; the same keys mean another thing each time.
BEFORE, AFTER = ("menu", "2", "1"), ("back", "back", "back", "3", "2")
RESTART = 1  # the place of the conversation from which anyone can go on from anywhere: "menu"
QUESTION = len(BEFORE) + 1  # the place of the question in free words
BACKS = range(len(BEFORE) + 2, len(BEFORE) + 5)  # the places of three equal texts with three different replies
_NUMBERS = itertools.count(1)
_RUN = secrets.randbelow(900) + 100


def new_number() -> str:
    """The number of someone who has never texted before."""
    return f"+1{_RUN}{next(_NUMBERS):07d}"


def conversation(language: str) -> tuple[str, ...]:
    """What a resident sends, one text after the other."""
    name, question, _ = TEXTS[language]
    return (name, *BEFORE, question, *AFTER)


@dataclass(frozen=True)
class Expected:
    """What an undisturbed hotline says in one language: at each place, and to an emergency from somebody new."""

    language: str
    texts: tuple[str, ...]
    replies: tuple[str, ...]
    emergency: str


class NoReference(Exception):
    """The undisturbed hotline does not answer as the conversation needs. The text says where."""


async def listen(twilio: TwilioSide, language: str) -> Expected:
    """Have the conversation once, undisturbed."""
    texts, number = conversation(language), new_number()
    replies = []
    for text in texts:
        delivery = await twilio.deliver(number, text)
        if delivery.text is None or delivery.faults:
            raise NoReference(f"{language}: no reply to {text!r} {delivery.faults}")
        replies.append(delivery.text)
    if len({replies[place] for place in BACKS}) != len(BACKS):
        raise NoReference(f"{language}: replies do not tell one BACK from the other")
    emergency = (await twilio.deliver(new_number(), TEXTS[language][2])).text or ""
    return Expected(language, texts, tuple(replies), emergency)


def begin_of(reply: str) -> str:
    """The first line: in a text of several pages the place where it is cut may differ."""
    return reply.split("\n")[0]


class Judge:
    """Whether a reply is one that a resident may get while something is broken."""

    # Each of them names a person's number.
    _HELPFUL = ("memory_gone", "apology", "desk_closed", "person_instead")

    def __init__(self, content: Content) -> None:
        self._content = content

    def helps(self, reply: str, language: str) -> bool:
        """Whether it tells in the resident's language that something is wrong, with a person's number."""
        return any(phrase_text(self._content, name, language) in reply for name in self._HELPFUL)

    def asks_again(self, reply: str, language: str) -> bool:
        """Whether it says in the resident's language that the text was not understood."""
        names = ("not_understood", "not_understood_menu")
        return any(phrase_text(self._content, name, language) in reply for name in names)

    def switches(self, reply: str, language: str) -> bool:
        """Whether it says that from now on the language is `language`, as to somebody who is known."""
        return reply.startswith(phrase_text(self._content, "language_set", language))

    def language_of_help(self, reply: str) -> str | None:
        """The language of such a sentence in `reply`."""
        return next((code for code in self._content.languages if self.helps(reply, code)), None)

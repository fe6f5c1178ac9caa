"""Sound for languages that Twilio cannot speak: recordings by people first, else what espeak-ng makes of the text.

A file is named by its text: a changed sentence asks for another file, and an old one is never played for it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.channels.voice import WORDS
from bot.content import Content
from bot.flow_engine.model import Words

# 8 kHz, one channel, 16 bit: what a telephone carries.
RATE = 8000
TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg"}
_SECONDS = 10
_PROGRAM = Path(__file__).with_name("espeak.py")
_UNSPOKEN = {"synonyms", "words"}
MAX_NUMBER = 100


def audio_name(language: str, text: str) -> str:
    """The name of the file that says `text`: 24 hexadecimal digits."""
    return hashlib.sha256(f"{language}\n{text}".encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Sound:
    """One file: its bytes and their type."""

    data: bytes
    mimetype: str


class Audio:
    """The sounds of languages without a voice. `recordings` are people's, `made` keeps the synthetic ones."""

    def __init__(self, content: Content, recordings: Path, made: Path) -> None:
        self._content = content
        self._recordings = recordings
        self._made = made
        self._texts: tuple[object, dict[str, dict[str, str]]] = (None, {})

    def find(self, language: str, name: str) -> Sound | None:
        """The sound of that name; a synthetic one is made when it is first asked for. None for any other name."""
        text = self.texts(language).get(name)
        if text is None:
            return None
        for suffix, mimetype in TYPES.items():
            path = self._recordings / language / f"{name}{suffix}"
            if path.is_file():
                return Sound(path.read_bytes(), mimetype)
        return Sound(self.make(language, name, text).read_bytes(), TYPES[".wav"])

    def make(self, language: str, name: str, text: str) -> Path:
        """The synthetic file, made now if it is not there."""
        path = self._made / language / f"{name}.wav"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f".{os.getpid()}.new")
            synthesize(self._content.flows.voices[language].synthesizer, text, unfinished)
            unfinished.replace(path)
        return path

    def texts(self, language: str) -> dict[str, str]:
        """Every text of `language` that may have to be played: name → text."""
        flows, known = self._texts
        if flows is not self._content.flows:
            known = {}
            self._texts = (self._content.flows, known)
        if language not in known:
            known[language] = {audio_name(language, text): text for text in _played(self._content, language)}
        return known[language]

    def languages(self) -> list[str]:
        """The languages that are played, not spoken."""
        return [voice.language for voice in self._content.flows.voices.values() if not voice.say_voice]

    def state(self, language: str) -> Iterator[tuple[str, str, str]]:
        """(state, name, text) of every sound: recorded, synthetic; stale for recordings of lost texts."""
        texts = self.texts(language)
        folder = self._recordings / language
        recorded = {path.stem for path in folder.iterdir() if path.suffix in TYPES} if folder.is_dir() else set()
        for name, text in texts.items():
            yield "recorded" if name in recorded else "synthetic", name, text
        for name in sorted(recorded - set(texts)):
            yield "stale", name, ""


def synthesize(voice: str, text: str, path: Path) -> None:
    """Have espeak-ng speak `text` into a file. It is under the GPL and so runs as a program of its own."""
    subprocess.run(
        [
            sys.executable,
            "-S",
            "-E",
            str(Path(__file__).with_name("espeak.py")),
            _library(),
            voice,
            str(RATE),
            str(path),
        ],
        input=text.encode(),
        check=True,
        timeout=_SECONDS,
        env={},  # a program that reads sentences needs none of our secrets
        capture_output=True,
    )


def _library() -> str:
    import espeakng_loader

    return str(Path(espeakng_loader.__file__).parent)


def _played(content: Content, language: str) -> Iterator[str]:
    """The pieces of every text, as speech is put together from them."""
    from bot.speech import spoken_pieces

    voice = content.flows.voices[language]
    lines = [*voice.menu_line.split("{key}"), voice.not_yet]
    spoken: list[tuple[str, str]] = [(line, "") for line in lines if line]
    if language in content.languages:
        spoken += [
            (content.template(words, language), words.text)
            for words in _texts(content)
            if content.translated(words, language)
        ]
    for template, english in spoken:
        for part in spoken_pieces(template, language, voice.spoken_as, english):
            if part.language == language and part.kind == WORDS:
                yield part.text
    yield from map(str, range(MAX_NUMBER))


def _texts(content: Content) -> Iterator[Words]:
    for words in content.flows.texts():
        if words.kind not in _UNSPOKEN:
            yield words

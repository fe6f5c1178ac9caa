"""A language of the hotline that nothing can speak: no voice of Twilio's, no synthesizer, no recordings.

Passes:  `say_voice: Polly.Lupe-Neural` and `say_language: es-US` in the entry in voices.yml, or a `synthesizer`.
Fails:   a language with a catalog and no entry, or one with neither voice nor synthesizer.
Why:     a caller who chose the language would hear nothing; a voice of another language cannot be understood.
Mend:    give the language a voice or a synthesizer in voices.yml; recordings go into flows/audio/<language>/.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow_checks.project import Project
from bot.flow_engine.problems import Problem
from bot.languages.supported import LANGUAGES

RULE = "missing-audio"


def check(project: Project) -> Iterator[Problem]:
    """Languages that cannot be spoken, keys that stand twice. A project without `voices` has no telephone."""
    voices = project.flows.voices
    if not voices:
        return
    first = next(iter(voices.values()))
    for language in project.content.languages:
        voice = voices.get(language)
        if voice is None:
            yield Problem(
                first.place,
                "error",
                f"{LANGUAGES[language].own_name} ({language}) has translations and no entry here: callers cannot "
                "choose it. Add one.",
                RULE,
            )
    keys: dict[str, str] = {}
    for voice in voices.values():
        if not (voice.say_voice and voice.say_language) and not voice.synthesizer:
            yield Problem(
                voice.place,
                "error",
                f'Nothing can speak "{voice.language}". Give it `say_voice` with `say_language`, or a `synthesizer`.',
                RULE,
            )
        if voice.key in keys:
            yield Problem(
                voice.place,
                "error",
                f'The key {voice.key} is that of "{keys[voice.key]}" already. Choose another.',
                RULE,
            )
        if len(voice.key) == 2 and voice.key[0] in keys:
            yield Problem(
                voice.place,
                "error",
                f"The key {voice.key} cannot be reached: its first digit chooses a language already. Choose another.",
                RULE,
            )
        keys.setdefault(voice.key, voice.language)

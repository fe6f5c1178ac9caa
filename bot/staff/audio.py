"""hotline audio: what is recorded by people, what is synthetic, which recordings have lost their text."""

from __future__ import annotations

import csv
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from bot.audio import Audio
from bot.content import load_content
from bot.errors import ContentError
from bot.languages.supported import LANGUAGES
from bot.settings import FLOWS, STATE_FOLDER

_STATES = ("recorded", "synthetic", "stale")
_AT_ONCE = 2  # each is a program of its own


def status(languages: tuple[str, ...], as_json: bool, script: Path | None, folder: Path = FLOWS) -> int:
    """Count the sounds of each language; with `script`, write a table for whoever records them."""
    audio = _audio(folder)
    found = {language: list(audio.state(language)) for language in _chosen(audio, languages)}
    if script:
        with script.open("w", encoding="utf-8-sig", newline="") as file:
            table = csv.writer(file)
            table.writerow(["language", "state", "file", "text"])
            for language, sounds in found.items():
                for state, name, text in sounds:
                    table.writerow([language, state, f"flows/audio/{language}/{name}.wav", text])
        click.echo(f"Wrote {script}. Record each text into the file beside it: WAV, 8 kHz, one channel; or MP3.")
        return 0
    counts = {language: Counter(state for state, _, _ in sounds) for language, sounds in found.items()}
    if as_json:
        click.echo(json.dumps({code: {state: count[state] for state in _STATES} for code, count in counts.items()}))
        return 0
    click.echo(f"{'':<18}" + "".join(f"{state:>11}" for state in _STATES))
    for language, count in counts.items():
        name = f"{LANGUAGES[language].english_name} ({language})"
        click.echo(f"{name:<18}" + "".join(f"{count[state]:>11}" for state in _STATES))
    click.echo(
        "\nRecordings in flows/audio/<language>/ are played before synthetic speech; a stale one has lost its text and"
        " is not played.\nA list for whoever records: hotline audio status --script sounds.csv"
    )
    return 0


def make(languages: tuple[str, ...], folder: Path = FLOWS, made: Path | None = None) -> int:
    """Make every synthetic file that is missing, so that no first caller waits for it."""
    audio = _audio(folder, made)
    for language in _chosen(audio, languages):
        missing = [(name, text) for state, name, text in audio.state(language) if state == "synthetic"]
        with (
            ThreadPoolExecutor(_AT_ONCE) as pool,
            click.progressbar(length=len(missing), label=f"{language:<8}", show_pos=True) as bar,
        ):
            for _ in pool.map(lambda sound, language=language: audio.make(language, *sound), missing):
                bar.update(1)
    return 0


def _chosen(audio: Audio, languages: tuple[str, ...]) -> list[str]:
    played = audio.languages()
    for language in languages:
        if language not in played:
            raise ContentError(f'"{language}" is not played from files; these are: {", ".join(played)}.')
    return list(languages) or played


def _audio(folder: Path, made: Path | None = None) -> Audio:
    return Audio(load_content(folder), folder / "audio", made or STATE_FOLDER / "audio")

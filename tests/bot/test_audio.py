"""Sounds of languages without a voice: named by their text, people's recordings first, synthetic speech else."""

import json
import wave
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.audio import MAX_NUMBER, Audio, audio_name
from bot.content import Content
from bot.staff import audio as audio_command
from bot.staff.cli import main

TEXT = "Mwen pa tande ou."


@pytest.fixture
def audio(content: Content, tmp_path: Path) -> Audio:
    return Audio(content, tmp_path / "recordings", tmp_path / "made")


@pytest.mark.parametrize(("language", "name"), [("ht", audio_name("ht", TEXT)), ("ur", audio_name("ur", "7"))])
def test_a_text_is_made_into_telephone_sound(audio: Audio, language: str, name: str) -> None:
    sound = audio.find(language, name)
    assert sound is not None
    assert sound.mimetype == "audio/wav"
    with wave.open(BytesIO(sound.data)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert file.getnframes() > 8000 // 4
        assert max(file.readframes(file.getnframes())) > 0, "silence"


@pytest.mark.parametrize(
    "name", ["", "0" * 24, "../../../etc/passwd", audio_name("en", TEXT), audio_name("ht", "made up")]
)
def test_only_texts_of_the_flows_are_spoken(audio: Audio, name: str) -> None:
    assert audio.find("ht", name) is None


def test_a_recording_by_a_person_wins(audio: Audio, tmp_path: Path) -> None:
    recorded = tmp_path / "recordings" / "ht" / f"{audio_name('ht', TEXT)}.mp3"
    recorded.parent.mkdir(parents=True)
    recorded.write_bytes(b"a person's voice")
    sound = audio.find("ht", audio_name("ht", TEXT))
    assert sound is not None
    assert (sound.data, sound.mimetype) == (b"a person's voice", "audio/mpeg")


def test_a_recording_of_a_changed_text_is_stale_and_not_played(audio: Audio, tmp_path: Path) -> None:
    old = audio_name("ht", "Mwen pa t tande ou.")
    (tmp_path / "recordings" / "ht").mkdir(parents=True)
    (tmp_path / "recordings" / "ht" / f"{old}.wav").write_bytes(b"old")
    assert ("stale", old, "") in list(audio.state("ht"))
    assert audio.find("ht", old) is None


def test_all_numbers_a_caller_may_hear_have_a_sound(audio: Audio) -> None:
    for language in audio.languages():
        texts = audio.texts(language).values()
        assert {str(number) for number in range(MAX_NUMBER)} <= set(texts)


def test_status_counts_and_lists(tmp_path: Path) -> None:
    run = CliRunner()
    counted = json.loads(run.invoke(main, ["audio", "status", "--json"]).output)
    assert set(counted) == {"ht", "ur"}
    assert counted["ht"]["synthetic"] > 200
    assert "Haitian Creole" in run.invoke(main, ["audio", "status", "ht"]).output
    script = tmp_path / "sounds.csv"
    assert run.invoke(main, ["audio", "status", "ht", "--script", str(script)]).exit_code == 0
    assert TEXT in script.read_text(encoding="utf-8-sig")


def test_a_language_that_is_spoken_has_no_files() -> None:
    result = CliRunner().invoke(main, ["audio", "status", "es"])
    assert result.exit_code == 2
    assert '"es" is not played from files' in result.output


def test_make_makes_what_is_missing(tmp_path: Path) -> None:
    assert audio_command.make(("ur",), made=tmp_path) == 0
    assert len(list((tmp_path / "ur").glob("*.wav"))) >= MAX_NUMBER

"""hotline chat --channel voice: a call in the terminal, through the same TwiML that Twilio gets."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import click

from bot.flow_engine.state import DialogueState
from bot.languages.supported import LANGUAGES
from bot.local_redis import of_our_own
from bot.settings import Settings
from bot.staff.recording import Exchange, append_case
from bot.staff.telephone import HOTLINE_NUMBER, OUTCOMES, DoorOf, Telephone, words_of
from bot.start import Hotline, start_hotline
from bot.texting import SENT

_HINT = """\
Press keys (0-9, * and #), say words, or press Enter to stay silent. Ctrl-D hangs up.
"? words" are words that were hardly heard.  1-6 choose, 7 texts you the answer, 8 language, 9 more, 0 a person."""
_PERSON = "+15005550099"


class ShownTexting:
    """Texts that go no further than the screen."""

    def send(self, to: str, body: str) -> str:
        click.echo(click.style(f"  SMS to {to}:", fg="cyan"))
        for line in body.split("\n"):
            click.echo(click.style("  : ", fg="cyan") + line)
        return SENT


def call_settings(redis_url: str) -> Settings:
    """Settings for calls that never leave this machine: nothing to sign, somebody to transfer to."""
    settings = Settings.from_environment()
    return dataclasses.replace(
        settings,
        redis_url=redis_url,
        database_url="sqlite://",
        auth_tokens=(),
        account_sid="",
        production=False,
        phone_number=settings.phone_number or HOTLINE_NUMBER,
        transfer_number=settings.transfer_number or _PERSON,
    )


def run(language: str | None, record: Path | None = None, name: str | None = None) -> int:
    """Call until one side hangs up; with `record`, add the call to a file of conversations. Returns the exit code."""
    exchanges: list[Exchange] = []
    with of_our_own() as redis_url:
        click.echo("Loading ...")
        hotline = start_hotline(call_settings(redis_url), logging.ERROR)
        hotline.calls.texting = ShownTexting()
        click.echo(_HINT)
        telephone = Telephone(DoorOf(hotline))
        if language:
            _know(hotline, telephone, language)
        telephone.call()
        exchanges.append(_show(hotline, telephone, "call"))
        while not telephone.over:
            try:
                text = click.prompt(_prompt(telephone), default="", show_default=False, prompt_suffix="> ")
            except (click.Abort, EOFError):
                click.echo("")
                telephone.hang_up()
                break
            telephone.act(text.strip())
            exchanges.append(_show(hotline, telephone, text.strip()))
    if record and exchanges:
        append_case(record, name or "A call", exchanges, "voice")
        click.echo(f"Recorded in {record}. Play it again with: hotline test {record}")
    return 1 if telephone.faults else 0


def words_heard(hotline: Hotline, telephone: Telephone) -> str:
    """All that the caller has heard since the last act."""
    return " ".join(words_of(hotline, sound) for sound in telephone.heard)


def exchange(hotline: Hotline, telephone: Telephone, text: str) -> Exchange:
    """What was done and what was heard of it, as conversations are written down."""
    said = words_heard(hotline, telephone)
    key = hotline.calls.sender_of(telephone.id, telephone.caller)
    state = DialogueState.from_json(hotline.memory.load(key))
    uttered = [f"{item[1]}/{item[2]}" for item in state.said if item[0] in {"step", "ask"}]
    uttered += [f"phrases/{item[1]}" for item in state.said if item[0] == "phrase"]
    return Exchange(text, said, tuple(uttered))


def _know(hotline: Hotline, telephone: Telephone, language: str) -> None:
    known = language if language in LANGUAGES else "en"
    state = DialogueState(language=known, language_sure=True)
    hotline.memory.save(hotline.calls.sender_of(telephone.id, telephone.caller), state.to_json())


def _prompt(telephone: Telephone) -> str:
    if telephone.dial is not None:
        return click.style(f"the person ({', '.join(OUTCOMES)})", bold=True)
    return click.style("you", bold=True)


def _show(hotline: Hotline, telephone: Telephone, text: str) -> Exchange:
    for sound in telephone.whispered:
        click.echo(click.style("  whispered to the person | ", fg="magenta") + sound.text)
    telephone.whispered = []
    for sound in telephone.heard:
        how = f"{sound.verb} {sound.language}".strip() + (" firm" if sound.firm else "")
        click.echo(click.style(f"  {how:<11}| ", fg="green") + words_of(hotline, sound))
    for line in _what_next(telephone):
        click.echo(click.style(f"    {line}", dim=True))
    for fault in telephone.faults:
        click.echo(click.style(f"  fault: {fault}", fg="red"))
    return exchange(hotline, telephone, text)


def _what_next(telephone: Telephone) -> Iterator[str]:
    if telephone.gather is not None:
        yield _gather(telephone.gather)
    elif telephone.dial is not None:
        number = telephone.dial.find("Number")
        yield f"Dial {number.text if number is not None else ''} as {telephone.dial.get('callerId', '')}"
    elif telephone.over:
        yield "Hangup"


def _gather(gather: Element) -> str:
    keys = gather.get("numDigits")
    heard = f"Gather {'one key' if keys == '1' else 'keys, # ends them'}"
    if "speech" in gather.get("input", "dtmf"):
        heard += f" or speech in {gather.get('language')} ({gather.get('speechModel', 'default')})"
        hints = gather.get("hints", "").split(",")
        heard += f"; {len(hints)} hints: {', '.join(hints[:4])}" + (" …" if len(hints) > 4 else "")
    return heard

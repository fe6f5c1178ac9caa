"""hotline chat: a conversation in the terminal, through the same door as a text message."""

from __future__ import annotations

import dataclasses
import logging
import secrets
from pathlib import Path

import click

from bot.caller_ids import sender_id
from bot.channels.sms import segments
from bot.flow_engine.state import DialogueState
from bot.languages.supported import LANGUAGES
from bot.local_redis import of_our_own
from bot.messages import IncomingMessage
from bot.settings import Settings
from bot.staff.recording import Exchange, append_case
from bot.start import Hotline, start_hotline

_HINT = "Write as a resident would; an empty line or Ctrl-D ends."


def run(language: str | None, record: Path | None = None, name: str | None = None) -> int:
    """Talk until the input ends; with `record`, add the chat to a file of conversations. Returns the exit code."""
    exchanges: list[Exchange] = []
    with of_our_own() as redis_url:
        click.echo("Loading ...")
        settings = dataclasses.replace(Settings.from_environment(), redis_url=redis_url, database_url="sqlite://")
        hotline = start_hotline(settings, logging.ERROR)
        click.echo(_HINT)
        sender = secrets.token_hex(8)
        if language:
            wanted = LANGUAGES[language].own_name if language in LANGUAGES else language
            exchanges.append(_say(hotline, sender, wanted))
        while True:
            try:
                text = click.prompt(click.style("you", bold=True), default="", show_default=False, prompt_suffix="> ")
            except (click.Abort, EOFError):
                click.echo("")
                break
            if not text.strip():
                break
            exchanges.append(_say(hotline, sender, text))
    if record and exchanges:
        append_case(record, name or exchanges[0].user, exchanges)
        click.echo(f"Recorded in {record}. Play it again with: hotline test {record}")
    return 0


def _say(hotline: Hotline, sender: str, text: str) -> Exchange:
    reply = hotline.conversation.reply_to(IncomingMessage(secrets.token_hex(16), sender, text))
    if not reply.text:
        click.echo(click.style("(silence: the telephone network answers this word)", dim=True))
        return Exchange(text, "")
    for line in reply.text.split("\n"):
        click.echo(click.style("  | ", fg="green") + line)
    price = segments(reply.text)
    parts = "part" if price.count == 1 else "parts"
    click.echo(click.style(f"    {price.count} {parts}, {price.alphabet}, {reply.language}", dim=True))
    state = DialogueState.from_json(hotline.memory.load(sender_id("sms", sender, hotline.memory.hash_key)))
    uttered = [f"{item[1]}/{item[2]}" for item in state.said if item[0] in {"step", "ask"}]
    uttered += [f"phrases/{item[1]}" for item in state.said if item[0] == "phrase"]
    return Exchange(text, reply.text, tuple(uttered))

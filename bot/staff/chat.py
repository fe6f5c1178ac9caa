"""hotline chat: a conversation in the terminal, through the same door as a text message."""

from __future__ import annotations

import dataclasses
import logging
import secrets

import click

from bot.channels.sms import segments
from bot.languages.supported import LANGUAGES
from bot.local_redis import of_our_own
from bot.messages import IncomingMessage
from bot.settings import Settings
from bot.start import Hotline, start_hotline

_HINT = "Write as a resident would; an empty line or Ctrl-D ends."


def run(language: str | None) -> int:
    """Talk until the input ends. Returns the exit code."""
    with of_our_own() as redis_url:
        click.echo("Loading ...")
        hotline = start_hotline(dataclasses.replace(Settings.from_environment(), redis_url=redis_url), logging.ERROR)
        click.echo(_HINT)
        sender = secrets.token_hex(8)
        if language:
            _say(hotline, sender, LANGUAGES[language].own_name if language in LANGUAGES else language)
        while True:
            try:
                text = click.prompt(click.style("you", bold=True), default="", show_default=False, prompt_suffix="> ")
            except (click.Abort, EOFError):
                click.echo("")
                return 0
            if not text.strip():
                return 0
            _say(hotline, sender, text)


def _say(hotline: Hotline, sender: str, text: str) -> None:
    reply = hotline.conversation.reply_to(IncomingMessage(secrets.token_hex(16), sender, text))
    if not reply.text:
        click.echo(click.style("(silence: the telephone network answers this word)", dim=True))
        return
    for line in reply.text.split("\n"):
        click.echo(click.style("  | ", fg="green") + line)
    price = segments(reply.text)
    parts = "part" if price.count == 1 else "parts"
    click.echo(click.style(f"    {price.count} {parts}, {price.alphabet}, {reply.language}", dim=True))

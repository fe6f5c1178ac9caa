"""hotline run: everything a development machine needs, in the foreground."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator

import click

from bot import local_redis
from bot.rasa_engine.training import is_trained
from bot.settings import PROJECT, Settings
from bot.staff import train
from bot.start import database_of


def run() -> int:
    """Start Redis if none is named and none listens, train if there is no model, then serve until interrupted."""
    settings = Settings.from_environment()
    with local_redis.at_hand():
        if not is_trained():
            train.run(force=False)
        # Here, once: server and worker would both find that the tables are not there.
        database_of(settings)
        click.echo("Loading the hotline ...")
        _explain(settings)
        return _serve(settings)


def _explain(settings: Settings) -> None:
    address = f"http://127.0.0.1:{settings.port}"
    click.echo("")
    click.echo("  Talk to it here:      .venv/bin/hotline chat")
    if settings.auth_tokens:
        click.echo(f"  Text it signed:       POST {settings.public_url or address}/sms, signed with TWILIO_AUTH_TOKEN")
    else:
        click.echo(
            f"  Text it with curl:    curl {address}/sms -d MessageSid=SM$RANDOM -d From=+15005550006 "
            '-d "Body=hay un agente de ICE en la puerta"'
        )
    where = settings.public_url or "https://<your public address>"
    click.echo(f"  Text it by telephone: set TWILIO_AUTH_TOKEN and PUBLIC_URL, point your Twilio number at {where}/sms")
    click.echo("")


def _serve(settings: Settings) -> int:
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "python:webhooks.gunicorn_settings", "webhooks.wsgi:app"],
        cwd=PROJECT,
    )
    # The server gets the same interrupt from the terminal; one sent to us alone is handed on.
    signal.signal(signal.SIGTERM, lambda number, frame: server.terminate())
    with _worker(settings):
        while True:
            try:
                return max(server.wait(), 0)
            except KeyboardInterrupt:
                server.terminate()


@contextlib.contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    """The worker beside the server, where there is work for it."""
    if settings.desk == "phone":
        yield
        return
    program = "from bot.staff.cli import main; main(['work'])"
    worker = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()

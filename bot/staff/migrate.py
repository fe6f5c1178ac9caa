"""hotline migrate: the tables of the desk in the form this version wants."""

from __future__ import annotations

import click

from bot.scheduling.tables import Database
from bot.settings import Settings


def run() -> int:
    """Migrate. Returns the exit code."""
    settings = Settings.from_environment()
    if settings.desk == "phone":
        click.echo("SCHEDULING_DESK is phone: there are no tables.")
        return 0
    Database(settings.database_url).migrate()
    click.echo("The tables are up to date.")
    return 0

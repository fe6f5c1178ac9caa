"""hotline train"""

from __future__ import annotations

import click

from bot.rasa_engine.training import is_trained, newest_model, train


def run(force: bool) -> int:
    """Train unless the model of the present data exists. Returns the exit code."""
    if is_trained() and not force:
        model = newest_model()
        click.echo(f"Nothing changed: {model.name if model else ''} is the model of this data.")
        return 0
    click.echo("Training the model (nine minutes the first time, then two) ...")
    model = train()
    click.echo(f"Trained: {model.name}")
    return 0

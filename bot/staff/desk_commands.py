"""`hotline appointments` and `hotline callbacks`: names and options; their work is in the files of these names."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.group()
def appointments() -> None:
    """Appointments that residents have made: who they are is not known, and is not shown."""


@appointments.command("list")
@click.option("--place", default=None, help="Only this place of flows/clinics.yml.")
@click.option("--all", "everything", is_flag=True, help="Past, cancelled and held ones too.")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
def appointments_list(place: str | None, everything: bool, as_json: bool) -> None:
    """What is booked: time, place, language, coarse topic, and whether a partner has confirmed it.

    \b
    Example:  hotline appointments list --place bronx_sample
    """
    from bot.staff.appointments import list_

    sys.exit(list_(place, everything, as_json))


@appointments.command("show")
@click.argument("code")
@click.option("--by", required=True, help="Who looks; it is logged.")
@click.option("--because", required=True, help="Why the number is needed; it is logged.")
def appointments_show(code: str, by: str, because: str) -> None:
    """One appointment with the number for reminders, if the resident gave one.

    \b
    Example:  hotline appointments show 48217730 --by "Jane Doe" --because "The office is closed by a flood"
    """
    from bot.staff.appointments import show

    sys.exit(show(code, by, because))


@appointments.command("cancel")
@click.argument("code")
@click.option("--by", required=True, help="Who cancels; it is logged.")
def appointments_cancel(code: str, by: str) -> None:
    """Cancel an appointment. Its time is free again; the resident is not told by itself: show the number first.

    \b
    Example:  hotline appointments cancel 48217730 --by "Jane Doe"
    """
    from bot.staff.appointments import cancel

    sys.exit(cancel(code, by))


@appointments.command("export")
@click.option("--format", "form", type=click.Choice(["csv", "ics"]), default="csv", help="CSV or iCalendar.")
@click.option("--place", default=None, help="Only this place; iCalendar needs one.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
def appointments_export(form: str, place: str | None, output: Path) -> None:
    """Write the appointments into a file. It holds no numbers.

    \b
    Example:  hotline appointments export -o appointments.csv
              hotline appointments export --format ics --place bronx_sample -o bronx.ics
    """
    from bot.staff.appointments import export

    sys.exit(export(form, place, output))


@appointments.command("feeds")
def appointments_feeds() -> None:
    """The private address of each place's calendar, for a calendar program to subscribe to.

    Who has an address can read it. A new number under `feed:` in flows/clinics.yml makes the old address void.

    \b
    Example:  hotline appointments feeds
    """
    from bot.staff.appointments import feeds

    sys.exit(feeds())


@appointments.command("new-key")
def appointments_new_key() -> None:
    """Make the pair of keys for the numbers that reminders go to.

    \b
    Example:  hotline appointments new-key
    """
    from bot.staff.appointments import new_key

    sys.exit(new_key())


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_context
def callbacks(context: click.Context, as_json: bool) -> None:
    """Who asked that a person calls them back: when, language and topic. Numbers only one by one.

    \b
    Example:  hotline callbacks
              hotline callbacks show 3fa9c2d1 --by "Jane Doe"
              hotline callbacks done 3fa9c2d1
    """
    if context.invoked_subcommand is None:
        from bot.staff.callbacks import run

        sys.exit(run(as_json))


@callbacks.command("show")
@click.argument("id_")
@click.option("--by", required=True, help="Who is going to call; it is logged.")
def callbacks_show(id_: str, by: str) -> None:
    """The number of one caller.

    \b
    Example:  hotline callbacks show 3fa9c2d1 --by "Jane Doe"
    """
    from bot.staff.callbacks import show

    sys.exit(show(id_, by))


@callbacks.command("done")
@click.argument("id_")
def callbacks_done(id_: str) -> None:
    """Strike a caller off the list and delete the number.

    \b
    Example:  hotline callbacks done 3fa9c2d1
    """
    from bot.staff.callbacks import done

    sys.exit(done(id_))

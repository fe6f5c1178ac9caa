"""The `hotline` command: names and options; each sub-command's work is in the file of its name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from bot import log_lines
from bot.errors import HotlineError
from bot.staff.desk_commands import appointments, callbacks


class _FriendlyGroup(click.Group):
    """Shows what we raise on purpose as one sentence, without a stack."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except HotlineError as fault:
            click.echo(f"Error: {fault}", err=True)
            sys.exit(2)


@click.group(cls=_FriendlyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The know-your-rights hotline: check the texts, talk to the bot, train it, translate it.

    Exit codes: 0 all is well, 1 something needs mending, 2 the command could not do its work.
    """
    log_lines.configure(os.environ.get("HOTLINE_ENV") == "production")


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default=None, help="How to print.")
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@click.option("--fix", is_flag=True, help="Mend what can be mended safely, then check.")
@click.option("--write-pages", is_flag=True, hidden=True, help="Write docs/rules and flows/flows.schema.json anew.")
def check(paths: tuple[Path, ...], form: str | None, strict: bool, fix: bool, write_pages: bool) -> None:
    """Find every fault in flows, facts, translations and training data.

    \b
    Example:  hotline check
              hotline check flows/menu.yml --format json
    """
    from bot.staff.check import run
    from bot.staff.check import write_pages as write

    sys.exit(write() if write_pages else run(paths, form, strict, fix))


@main.command()
@click.option("--channel", type=click.Choice(["sms", "voice"]), default="sms", help="Text the bot, or call it.")
@click.option("--language", default=None, help="Begin in this language, such as es.")
@click.option(
    "--record", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Add the chat to this file."
)
@click.option("--name", default=None, help="The name of the recorded conversation (default: its first text).")
def chat(channel: str, language: str | None, record: Path | None, name: str | None) -> None:
    """Talk to the bot here, without a telephone. A text shows its price in SMS, a call its verbs and what is said.

    \b
    Example:  hotline chat --language es
              hotline chat --channel voice
              hotline chat --record tests/conversations/door.yml --name "A paper under the door"
    """
    if channel == "voice":
        from bot.staff.call import run as call

        sys.exit(call(language, record, name))
    from bot.staff.chat import run

    sys.exit(run(language, record, name))


@main.command()
@click.option("--json", "_json", is_flag=True, help="One JSON object a line (this is the only form there is).")
def understand(_json: bool) -> None:
    """Read one message a line; print what the bot makes of each, one JSON object a line.

    `flow` is null where the bot would say that it did not understand.

    \b
    Example:  echo "hay un agente de ICE en la puerta" | hotline understand
    """
    from bot.staff.understand import run

    sys.exit(run(sys.stdin, sys.stdout))


@main.command()
@click.option("--force", is_flag=True, help="Train even when nothing changed.")
def train(force: bool) -> None:
    """Train the model when the training data or the pipeline changed. Flows need no training.

    \b
    Example:  hotline train
    """
    from bot.staff.train import run

    sys.exit(run(force))


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--update", is_flag=True, help="Write what the bot says now into the files, for review as a diff.")
@click.option("--coverage", is_flag=True, help="Tell which steps and choices were reached, in which language.")
def test(paths: tuple[Path, ...], update: bool, coverage: bool) -> None:
    """Play conversations written in YAML (Rasa's e2e format) and compare.

    \b
    Example:  hotline test tests/conversations
    """
    from bot.staff.test import run

    sys.exit(run(paths, update, coverage))


@main.command()
@click.argument("flow")
@click.option("--by", required=True, help="The name of the person who has read it.")
@click.option("--language", default=None, help="Sign the translation to this language, not the English.")
def review(flow: str, by: str, language: str | None) -> None:
    """Sign a flow that a person has read. Any later change of its words voids the sign-off.

    With --language also the parts `phrases`, `words` and `facts` can be signed.

    \b
    Example:  hotline review ice_at_door --by "Jane Doe, Legal Aid"
              hotline review ice_at_door --by "Ana Perez" --language es
    """
    from bot.staff.review import run

    sys.exit(run(flow, by, language))


@main.command()
@click.option("--by", default=None, help="Who publishes (default: your name in git).")
@click.option("--note", default="", help="What changed, for the history.")
def publish(by: str | None, note: str) -> None:
    """Check the flows and serve them from now on, in all web processes, without a restart.

    Texts with errors are refused, and what residents get stays as it was. Changed training data is trained first.

    \b
    Example:  hotline publish --note "New hours of the legal hotline"
    """
    from bot.staff.publish import publish

    sys.exit(publish(by, note))


@main.command()
@click.argument("number", type=int, required=False)
@click.option("--by", default=None, help="Who does it (default: your name in git).")
def rollback(number: int | None, by: str | None) -> None:
    """Serve an earlier release again: the one before, or release NUMBER.

    \b
    Example:  hotline rollback
              hotline rollback 12
    """
    from bot.staff.publish import rollback

    sys.exit(rollback(by, number))


@main.command()
def releases() -> None:
    """List what was published, rolled back and switched off; the arrow marks what is served.

    \b
    Example:  hotline releases
    """
    from bot.staff.publish import show

    sys.exit(show())


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
def status(as_json: bool) -> None:
    """What is served and switched off; what is unsigned, changed since it was signed, past its date, or on hold.

    \b
    Example:  hotline status
    """
    from bot.staff.status import run

    sys.exit(run(as_json))


@main.command()
@click.option("--language", default=None, help="The dearest answers of one language, such as es.")
def cost(language: str | None) -> None:
    """What the first answers of all topics cost in SMS parts, language by language.

    \b
    Example:  hotline cost --language ru
    """
    from bot.staff import cost

    sys.exit(cost.run(language))


@main.command()
@click.argument("flow")
@click.option("--because", required=True, help="Why, for the history.")
@click.option("--by", default=None, help="Who does it (default: your name in git).")
def off(flow: str, because: str, by: str | None) -> None:
    """Stop serving a topic at once. Residents who ask for it are told to call a person.

    \b
    Example:  hotline off daca_tps --because "Court ruling of today; text no longer true"
    """
    from bot.staff.publish import switch_off

    sys.exit(switch_off(flow, because, by))


@main.command()
@click.argument("flow")
@click.option("--by", default=None, help="Who does it (default: your name in git).")
def on(flow: str, by: str | None) -> None:
    """Serve a topic again that was switched off.

    \b
    Example:  hotline on daca_tps
    """
    from bot.staff.publish import switch_on

    sys.exit(switch_on(flow, by))


@main.command()
@click.argument("flow", required=False)
@click.option("--language", default=None, help="Texts in this language, coloured by the state of their translation.")
@click.option("--format", "form", type=click.Choice(["svg", "mermaid"]), default="svg", help="What to draw.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=None, help="File to write.")
def graph(flow: str | None, language: str | None, form: str, output: Path | None) -> None:
    """Draw a flow: its steps, choices and where they lead. Without FLOW, the map of all flows.

    \b
    Example:  hotline graph school_ice_protocol --language es -o school.svg
              hotline graph -o map.svg
    """
    from bot.staff.graph import run

    sys.exit(run(flow, language, form, output))


@main.command()
@click.option("--language", "languages", multiple=True, help="Only this language; may stand several times.")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write."
)
def transcripts(languages: tuple[str, ...], output: Path) -> None:
    """Every flow walked through every choice, in every language beside each other, as pages to read and compare.

    \b
    Example:  hotline transcripts -o transcripts
              hotline transcripts --language en --language es -o transcripts
    """
    from bot.staff.transcripts import run

    sys.exit(run(languages, output))


@main.command()
def migrate() -> None:
    """Bring the tables of DATABASE_URL to the form this version wants.

    \b
    Example:  hotline migrate
    """
    from bot.staff.migrate import run

    sys.exit(run())


@main.command()
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
def work(once: bool) -> None:
    """Send reminders, hand appointments over, forget what is over; until told to stop.

    \b
    Example:  hotline work
    """
    from bot.staff.work import run

    sys.exit(run(once))


@main.group()
def audio() -> None:
    """Sounds of languages that Twilio cannot speak: recordings in flows/audio/<language>/, else synthetic speech."""


@audio.command("status")
@click.argument("languages", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.option(
    "--script", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Write a CSV of texts to record."
)
def audio_status(languages: tuple[str, ...], as_json: bool, script: Path | None) -> None:
    """How many sounds are recorded by people, synthetic, or stale (recordings of texts that are gone).

    \b
    Example:  hotline audio status
              hotline audio status ht --script creole.csv
    """
    from bot.staff.audio import status

    sys.exit(status(languages, as_json, script))


@audio.command("make")
@click.argument("languages", nargs=-1)
def audio_make(languages: tuple[str, ...]) -> None:
    """Make the synthetic sounds now. What is missing is otherwise made when a caller first needs it.

    \b
    Example:  hotline audio make
    """
    from bot.staff.audio import make

    sys.exit(make(languages))


@main.group()
def translations() -> None:
    """The catalogs of translations: flows/locales/<language>/LC_MESSAGES/flows.po."""


@translations.command()
def extract() -> None:
    """Print the template (POT) of every text in the flows.

    \b
    Example:  hotline translations extract > flows.pot
    """
    from bot.staff.translations import extract

    sys.exit(extract())


@translations.command()
@click.argument("languages", nargs=-1)
def update(languages: tuple[str, ...]) -> None:
    """Bring the catalogs to the present texts: new ones empty, changed ones fuzzy.

    A language that has no catalog yet gets one when it is named.

    \b
    Example:  hotline translations update
              hotline translations update ko
    """
    from bot.staff.translations import update

    sys.exit(update(languages))


@translations.command("export")
@click.argument("language")
@click.option("--format", "form", type=click.Choice(["csv", "xliff"]), default="csv", help="CSV opens in Excel.")
@click.option("--only", type=click.Choice(["todo", "draft", "all"]), default="todo", help="Which texts.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
def export_(language: str, form: str, only: str, output: Path) -> None:
    """Write the texts of a language into a file for a translator: CSV for Excel, XLIFF for translation tools.

    \b
    Example:  hotline translations export es -o es.csv
              hotline translations export zh-Hans --format xliff --only all -o zh.xlf
    """
    from bot.staff.translations import export

    sys.exit(export(language, form, only, output))


@translations.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", default=None, help="The language of a CSV file; an XLIFF file says it itself.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken, and change nothing.")
def import_(file: Path, language: str | None, dry_run: bool) -> None:
    """Take over a translator's file, as drafts. A row whose English has changed meanwhile is refused by itself.

    \b
    Example:  hotline translations import es.csv --language es
    """
    from bot.staff.translations import take

    sys.exit(take(file, language, dry_run))


@translations.command()
@click.option("--language", required=True, help="Such as es.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=None, help="File to write.")
def preview(language: str, output: Path | None) -> None:
    """A page for a lawyer or translator to read and sign: every text beside its English, with state and price.

    \b
    Example:  hotline translations preview --language es -o es.html
    """
    from bot.staff.preview import run

    sys.exit(run(language, output))


@translations.command("status")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
def translation_status(as_json: bool) -> None:
    """A table: how much of each flow is translated in each language, and what still needs review.

    \b
    Example:  hotline translations status
    """
    from bot.staff.translations import status

    sys.exit(status(as_json))


@main.command()
def run() -> None:
    """Start the hotline for development: its own Redis, the model, the web server.

    \b
    Example:  PORT=8081 hotline run
    """
    from bot.staff.run import run

    sys.exit(run())


main.add_command(appointments)
main.add_command(callbacks)

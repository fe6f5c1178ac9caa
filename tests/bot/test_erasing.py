"""DELETE, in every language, by text and in a call: nothing of the resident is left anywhere."""

from __future__ import annotations

import pytest
import redis
import sqlalchemy as sa

from bot.languages.supported import LANGUAGES
from bot.scheduling.desk import Wish
from bot.scheduling.tables import Database, metadata
from bot.wording import phrase_text
from tests.bot.conftest import Line
from tests.conftest import RedisServer


def everything(redis_server: RedisServer, database: Database) -> str:
    """All that Redis and the database hold, as one text; what is sealed stays sealed, names of keys are plain."""
    store = redis.Redis.from_url(redis_server.url)
    # What wakes the next in line is gone after two seconds.
    names = [key for key in store.scan_iter(count=1000) if not key.startswith(b"hotline:freed:")]
    held = [repr((key, store.dump(key))) for key in names]
    with database.reading() as connection:
        held += [str(list(connection.execute(sa.select(table)))) for table in metadata.sorted_tables]
    return "\n".join(held)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_word_of_each_language_by_text(
    line: Line, redis_server: RedisServer, database: Database, code: str
) -> None:
    words = line.content.flows.words["erase"]
    word = (line.content.translations.find(words, code) or words.text).split("|")[0].strip()
    line.text(LANGUAGES[code].own_name)
    line.text("2")
    line.memory.keep_call_back(line.person, {"number": line.number})
    line.desk.opt(line.person, out=True)
    assert line.desk.hold(line.person, line.desk.open_times(Wish()).visits[0], Wish())
    assert line.desk.book(line.person, lambda ident: b"sealed")
    assert line.person in everything(redis_server, database)
    reply = line.text(word)
    assert phrase_text(line.content, "erased", code) in reply
    assert line.person not in everything(redis_server, database)
    assert line.memory.load(line.person) is None
    assert line.memory.languages.find(line.person) is None
    assert line.desk.find(line.person) is None


def test_in_a_call(line: Line, redis_server: RedisServer, database: Database) -> None:
    line.say(event="begin")
    line.say("1")
    line.say("delete")
    assert line.person not in everything(redis_server, database)

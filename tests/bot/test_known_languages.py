"""What web processes know of languages while Redis is gone."""

import os

from bot.known_languages import KnownLanguages


def test_what_one_process_notes_its_siblings_know_until_it_is_erased() -> None:
    known = KnownLanguages()
    child = os.fork()
    if not child:
        known.note("a" * 32, "ht")
        known.note("call@" + "b" * 32, "zh-Hans")
        os._exit(0)
    os.waitpid(child, 0)
    assert known.find("a" * 32) == "ht"
    assert known.find("b" * 32) == "zh-Hans"
    assert known.find("c" * 32) is None
    assert known.meanwhile("a" * 32) is None
    known.note_unkept("a" * 32, "ht", asked=False)
    assert known.meanwhile("a" * 32) == ("ht", False)
    assert known.find("a" * 32) == "ht"
    known.forget("a" * 32)
    assert known.find("a" * 32) is None


def test_a_question_that_redis_missed_is_one_until_redis_knows_better() -> None:
    known = KnownLanguages()
    known.note_unkept("a" * 32, None, asked=True)
    assert (known.find("a" * 32), known.meanwhile("a" * 32)) == (None, (None, True))
    known.note_unkept("a" * 32, "es", asked=False)
    assert known.meanwhile("a" * 32) == ("es", True)
    known.note("a" * 32, "es")
    assert known.meanwhile("a" * 32) is None
    known.note_unkept("a" * 32, None, asked=True)
    known.note("a" * 32, None)
    assert known.meanwhile("a" * 32) is None


def test_an_unknown_language_is_not_noted() -> None:
    known = KnownLanguages()
    known.note("a" * 32, None)
    known.note("a" * 32, "tlh")
    known.note_unkept("a" * 32, "tlh", asked=False)
    assert known.find("a" * 32) is None

"""What web processes know of languages while Redis is gone."""

import os
import time

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
    assert known.missed("a" * 32) is None
    known.note_missed("a" * 32, "ht", asked=False, at=time.monotonic() - 60)
    missed = known.missed("a" * 32)
    assert missed
    assert (missed.language, missed.asked, round(missed.ago)) == ("ht", False, 60)
    assert known.find("a" * 32) == "ht"
    known.forget("a" * 32)
    assert known.find("a" * 32) is None


def test_a_question_that_redis_missed_is_one_until_redis_knows_better() -> None:
    known = KnownLanguages()
    known.note_missed("a" * 32, None, True, 1.0)
    assert known.find("a" * 32) is None
    known.note_missed("a" * 32, "es", False, 2.0)
    missed = known.missed("a" * 32)
    assert missed
    assert (missed.language, missed.asked) == ("es", True)
    known.note("a" * 32, "es")
    assert known.missed("a" * 32) is None
    known.note_missed("a" * 32, None, True, 3.0)
    known.note("a" * 32, None)
    assert known.missed("a" * 32) is None


def test_an_unknown_language_is_not_noted() -> None:
    known = KnownLanguages()
    known.note("a" * 32, None)
    known.note("a" * 32, "tlh")
    known.note_missed("a" * 32, "tlh", False, 1.0)
    assert known.find("a" * 32) is None

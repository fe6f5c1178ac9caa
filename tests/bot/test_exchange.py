"""Texts go to a translator and come back: exactly, and nothing that does not fit is taken."""

import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ContentError
from bot.flow_checks.project import read_project
from bot.flow_engine.model import Words
from bot.flow_engine.problems import Place
from bot.languages import exchange
from bot.languages.exchange import Row
from bot.reviews import DRAFT, entry_state
from bot.settings import FLOWS
from bot.staff.preview import preview

# What a YAML or PO file can hold; XML cannot carry control characters, and reads \r as a line end.
NOT_XML = "".join(map(chr, [*range(9), 11, 12, *range(13, 32), 0xFFFE, 0xFFFF]))
ODD = [
    "=1+1",
    "'quoted",
    "-5",
    "@here",
    "+1 {a.b}",
    '"',
    "a\nb\n",
    "  two  ",
    "\u2068311\u2069",
    "<b>&amp;",
    "''=",
    "'",
]
letters = st.characters(blacklist_categories=("Cs",), blacklist_characters=NOT_XML)
texts = st.text(letters, max_size=80) | st.sampled_from(ODD)
contexts = st.from_regex(r"[a-z_]{1,8}(/[a-z_]{1,8})?", fullmatch=True)
rows = st.lists(st.builds(Row, contexts, st.just("say"), texts, texts, st.just(DRAFT)), max_size=6)


def kernel(found: list[Row]) -> list[tuple[str, str, str]]:
    return [(row.context, row.english, row.translation) for row in found]


@settings(max_examples=200)
@given(sent=rows)
def test_csv_comes_back_as_it_went(sent: list[Row]) -> None:
    assert kernel(exchange.from_csv(exchange.to_csv(sent))) == kernel(sent)


@settings(max_examples=200)
@given(sent=rows)
def test_no_cell_of_the_csv_is_a_formula(sent: list[Row]) -> None:
    import csv
    import io

    for line in csv.reader(io.StringIO(exchange.to_csv(sent).decode("utf-8-sig"), newline="")):
        assert not any(cell[:1] in {"=", "+", "-", "@", "\t"} and cell for cell in line)


@settings(max_examples=200)
@given(sent=rows.filter(bool))
def test_xliff_comes_back_as_it_went(sent: list[Row]) -> None:
    assert kernel(exchange.from_xliff(exchange.to_xliff(sent, "es"))) == kernel(sent)


MALFORMED = [
    (exchange.from_csv, b"\xff\xfe\x00", "cannot be read"),
    (exchange.from_csv, b"a,b\n1,2\n", "no column"),
    (exchange.from_csv, b'id,english,translation\n"open', "cannot be read"),
    (exchange.from_xliff, b"<xliff", "not XML any more"),
    (exchange.from_xliff, b"<xliff/>", "no <trans-unit>"),
    (exchange.from_xliff, b"", "not XML any more"),
]


@pytest.mark.parametrize(("read", "data", "piece"), MALFORMED, ids=lambda value: str(value)[:30])
def test_a_damaged_file_is_one_clear_sentence(read: object, data: bytes, piece: str) -> None:
    with pytest.raises(ContentError, match=piece):
        read(data)  # type: ignore[operator]


@settings(max_examples=100)
@given(junk=st.binary(max_size=200))
def test_junk_never_raises_anything_else(junk: bytes) -> None:
    for read in (exchange.from_csv, exchange.from_xliff):
        try:
            read(junk)
        except ContentError:
            continue


def catalog() -> Catalog:
    found = Catalog(locale="es")
    found.add("Hello.", "Hola.", context="door/one", user_comments=["reviewed 2026-01-01 by Ana [0123456789ab]"])
    found.add("Good bye.", "", context="door/two")
    found.add("Come in.", "Pase.", context="door/three", flags={"fuzzy"})
    return found


def words(text: str, context: str) -> Words:
    return Words(text, context, "say", Place("flows/door.yml"))


def test_what_fits_is_taken_as_a_draft_and_what_does_not_is_refused_by_itself() -> None:
    target = catalog()
    result = exchange.take_over(
        [
            Row("door/one", "say", "Hello.", "Buenas.", DRAFT),
            Row("door/two", "say", "Good bye.", "Hasta luego.", DRAFT),
            Row("door/two", "say", "Good bye, old text.", "Adios.", DRAFT),
            Row("door/three", "say", "Come in.", "Pase.", DRAFT),
            Row("door/nowhere", "say", "Hello.", "Hola.", DRAFT),
        ],
        target,
    )
    assert (result.taken, result.unchanged) == (3, 0)
    assert [english for english, _ in result.refused] == ["Good bye, old text.", "Hello."]
    for text, context, wanted in (
        ("Hello.", "door/one", "Buenas."),
        ("Good bye.", "door/two", "Hasta luego."),
        ("Come in.", "door/three", "Pase."),
    ):
        message = target.get(text, context)
        assert message is not None
        assert (message.string, entry_state(message)) == (wanted, DRAFT)


def test_an_empty_or_equal_cell_changes_nothing() -> None:
    target = catalog()
    rows_ = [Row("door/one", "say", "Hello.", "Hola.", DRAFT), Row("door/two", "say", "Good bye.", " ", DRAFT)]
    assert exchange.take_over(rows_, target).unchanged == 2
    message = target.get("Hello.", "door/one")
    assert message is not None
    assert message.user_comments


def test_only_what_is_to_do_is_exported() -> None:
    every = [words("Hello.", "door/one"), words("Good bye.", "door/two"), words("Come in.", "door/three")]
    todo = exchange.rows_of(every, catalog(), "todo")
    assert [row.english for row in todo] == ["Good bye.", "Come in."]
    assert len(exchange.rows_of(every, catalog(), "all")) == 3


@pytest.mark.parametrize("language", ["es", "zh-Hans", "ht"])
def test_the_page_to_sign_has_every_text_and_runs_nothing(language: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FLOWS, tmp_path / "flows"))
    door = folder / "ice_at_door.yml"
    door.write_text(door.read_text().replace("name: ICE is at my door", "name: <script>alert(1)</script>"))
    page = preview(read_project(folder, None), language)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'title="{legal_help.phone}">800-354-0365' in page
    assert "<q>&#34;Do you have a warrant signed by a judge?&#34;</q>" in page
    assert f'lang="{language}"' in page
    assert page.count('class="sign"') == page.count("<h2")

"""What staff publish, in a real Redis, and how a process follows it."""

import dataclasses
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from bot.content import Content
from bot.errors import MemoryUnavailable, NoSuchRelease
from bot.flow_engine.reading import read_flows
from bot.languages.catalog import read_translations
from bot.publication import Publication
from bot.releases import Bundle, Releases, bundle_of
from bot.settings import FLOWS, NLU_DATA
from bot.understanding.emergency import EmergencyPatterns, read_patterns
from tests.bench.processes import free_port
from tests.conftest import SECRET, RedisServer

EMERGENCY = NLU_DATA / "emergency.yml"


@pytest.fixture
def releases(redis_server: RedisServer) -> Releases:
    redis.Redis.from_url(redis_server.url).flushall()
    return Releases(redis_server.url, (SECRET,))


def ours(model: str = "model-1-code", unread: tuple[str, ...] = ()) -> Bundle:
    return bundle_of(FLOWS, EMERGENCY, model, unread)


def changed(bundle: Bundle, old: str, new: str) -> Bundle:
    name = next(name for name, text in bundle.flows.items() if old in text)
    return dataclasses.replace(bundle, flows={**bundle.flows, name: bundle.flows[name].replace(old, new)})


class Engine:
    """Stands in for Rasa: notes which model it is to load."""

    model_name = "model-1-code"
    model_refused = ""

    def __init__(self) -> None:
        self.loaded: list[bytes] = []

    def can_load(self, model_name: str) -> bool:
        return model_name.endswith("-code")

    def change_model(self, path: Path) -> None:
        self.loaded.append(path.read_bytes())


@dataclasses.dataclass
class Process:
    """A web process as far as releases concern it."""

    publication: Publication
    content: Content
    patterns: EmergencyPatterns
    engine: Engine
    releases: Releases

    def next_message(self) -> None:
        self.publication.follow(self.releases.version())

    def says(self, text: str) -> bool:
        return any(text in words.text for words in self.content.flows.texts())


def process(releases: Releases, folder: Path, production: bool = False) -> Process:
    content = Content(read_flows(FLOWS), read_translations(FLOWS / "locales"))
    patterns = EmergencyPatterns(())
    patterns.adopt(read_patterns(EMERGENCY))
    engine = Engine()
    publication = Publication(releases, content, patterns, engine, folder, production)
    publication.begin()
    return Process(publication, content, patterns, engine, releases)


def test_a_bundle_reads_as_the_folder_does() -> None:
    flows, translations = Bundle.from_bytes(ours().to_bytes()).read()
    assert [flow.id for flow in flows.flows.values()] == list(read_flows(FLOWS).flows)
    assert translations.entries == read_translations(FLOWS / "locales").entries
    assert translations.languages == read_translations(FLOWS / "locales").languages
    assert not flows.problems


@given(junk=st.binary(max_size=200))
def test_a_damaged_bundle_is_a_value_error(junk: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Bundle.from_bytes(junk)


def test_a_release_is_served_from_the_next_message_on(releases: Releases, tmp_path: Path) -> None:
    first, second = process(releases, tmp_path), process(releases, tmp_path)
    releases.publish(changed(ours(), "Keep the door closed", "Leave the door shut"), b"", "Jane")
    assert not first.says("Leave the door shut")
    for each in (first, second):
        each.next_message()
        assert each.says("Leave the door shut")
    releases.publish(ours(), b"", "Jane", "as before")
    first.next_message()
    assert not first.says("Leave the door shut")
    assert second.says("Leave the door shut")


def test_an_unchanged_version_costs_no_reading(releases: Releases, tmp_path: Path) -> None:
    one = process(releases, tmp_path)
    releases.publish(ours(), b"", "Jane")
    one.next_message()
    flows = one.content.flows
    one.next_message()
    assert one.content.flows is flows


def test_a_broken_bundle_is_refused_and_the_old_stays(releases: Releases, tmp_path: Path) -> None:
    one = process(releases, tmp_path)
    for broken in (
        changed(ours(), "then: {link: warrant_types}", "then: ["),
        dataclasses.replace(ours(), flows={}),
        dataclasses.replace(ours(), emergency="emergencies: 3"),
        dataclasses.replace(ours(), emergency="{"),
    ):
        flows = one.content.flows
        releases.publish(broken, b"", "Jane")
        one.next_message()
        assert one.content.flows is flows


def test_a_bundle_that_redis_lost_or_damaged_changes_nothing(
    releases: Releases, tmp_path: Path, redis_server: RedisServer
) -> None:
    one = process(releases, tmp_path)
    release = releases.publish(changed(ours(), "Keep the door closed", "Leave the door shut"), b"", "Jane")
    redis.Redis.from_url(redis_server.url).set(f"hotline:release:{release.id}", b"junk")
    one.next_message()
    assert one.says("Keep the door closed")
    redis.Redis.from_url(redis_server.url).flushall()
    one.next_message()
    assert one.says("Keep the door closed")


def test_production_does_not_serve_what_nobody_signed(releases: Releases, tmp_path: Path) -> None:
    text = changed(ours(unread=("ice_at_door (es)",)), "Keep the door closed", "Leave the door shut")
    one, other = process(releases, tmp_path, production=True), process(releases, tmp_path)
    releases.publish(text, b"", "Jane")
    one.next_message()
    other.next_message()
    assert (one.says("Leave the door shut"), other.says("Leave the door shut")) == (False, True)


def test_the_start_in_production_serves_the_release_and_in_development_the_files(
    releases: Releases, tmp_path: Path
) -> None:
    releases.publish(changed(ours(), "Keep the door closed", "Leave the door shut"), b"", "Jane")
    releases.switch_off("thanks", "Jane", "test")
    production, development = process(releases, tmp_path, production=True), process(releases, tmp_path)
    assert (production.says("Leave the door shut"), development.says("Leave the door shut")) == (True, False)
    assert production.content.off == development.content.off == {"thanks"}


def test_rollback_serves_the_release_before_and_any_other(releases: Releases, tmp_path: Path) -> None:
    one = process(releases, tmp_path)
    texts = ["Keep the door closed", "Leave the door shut", "Bolt the door"]
    for text in texts:
        releases.publish(changed(ours(), texts[0], text), b"", "Jane")
    seen = []
    for number in (None, None, 3):
        releases.rollback("Jane", number)
        one.next_message()
        seen.append([one.says(text) for text in texts])
    assert seen == [[False, True, False], [True, False, False], [False, False, True]]
    assert [event.what for event in releases.history()] == ["rollback"] * 3 + ["publish"] * 3


@pytest.mark.parametrize("number", [None, 7])
def test_there_is_nothing_to_roll_back_to(releases: Releases, number: int | None) -> None:
    with pytest.raises(NoSuchRelease, match="none yet"):
        releases.rollback("Jane", number)


def test_a_topic_goes_off_and_on_for_every_process(releases: Releases, tmp_path: Path) -> None:
    both = [process(releases, tmp_path), process(releases, tmp_path)]
    releases.switch_off("warrant_types", "Jane", "a new ruling")
    for each in both:
        each.next_message()
        assert each.content.off == {"warrant_types"}
    releases.switch_on("warrant_types", "Jane")
    for each in both:
        each.next_message()
        assert not each.content.off
    assert [(event.what, event.about, event.note) for event in releases.history()] == [
        ("on", "warrant_types", ""),
        ("off", "warrant_types", "a new ruling"),
    ]


MODELS = [
    ("the one in use", "model-1-code", []),
    ("a new one", "model-2-code", [b"weights"]),
    ("one of other code", "model-2-other", []),
]


@pytest.mark.parametrize(("model", "loaded"), [row[1:] for row in MODELS], ids=[row[0] for row in MODELS])
def test_a_new_model_is_taken_over_with_its_texts(
    releases: Releases, tmp_path: Path, model: str, loaded: list[bytes]
) -> None:
    one = process(releases, tmp_path)
    releases.publish(ours(model), b"weights", "Jane")
    one.next_message()
    assert one.engine.loaded == loaded


def test_new_emergency_words_need_no_restart(releases: Releases, tmp_path: Path) -> None:
    one = process(releases, tmp_path)
    assert one.patterns.find("zaperlipopette") is None
    words = ours().emergency.replace("es: [auxilio, socorro]", "es: [auxilio, socorro, zaperlipopette]")
    releases.publish(dataclasses.replace(ours(), emergency=words), b"", "Jane")
    one.next_message()
    assert one.patterns.find("zaperlipopette") == "emergency_911"


def test_old_releases_and_their_models_are_forgotten(
    releases: Releases, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.releases._KEPT", 3)
    for number in range(6):
        text = changed(ours(f"model-{number}-code"), "Keep the door closed", f"Text {number}")
        releases.publish(text, b"weights", "Jane")
    raw = redis.Redis.from_url(redis_server.url)
    assert len(raw.keys("hotline:release:*")) == len(raw.keys("hotline:model:*")) == 3
    assert [release.number for release in releases.published()] == [6, 5, 4]


def test_without_redis_what_is_served_stays(tmp_path: Path) -> None:
    nowhere = Releases(f"redis://127.0.0.1:{free_port()}/0", (SECRET,))
    with pytest.raises(MemoryUnavailable):
        nowhere.version()
    one = process(nowhere, tmp_path)
    one.publication.follow("7")
    assert one.says("Keep the door closed")


# What somebody puts into Redis who has not our key, and under which name.
FOREIGN = [
    ("words of their own", "hotline:release:{id}", lambda ours: zlib.compress(b'{"flows": {}}')),
    ("our words, changed", "hotline:release:{id}", lambda ours: ours[:32] + ours[33:]),
    ("a model of their own", "hotline:model:model-2-code", lambda ours: b"weights"),
    ("another model of ours", "hotline:model:model-2-code", lambda ours: ours[:-1]),
]


@pytest.mark.parametrize(("name", "put"), [row[1:] for row in FOREIGN], ids=[row[0] for row in FOREIGN])
def test_what_is_not_marked_as_ours_is_not_served(
    releases: Releases, redis_server: RedisServer, tmp_path: Path, name: str, put: Callable[[bytes], bytes]
) -> None:
    text = changed(ours("model-2-code"), "Keep the door closed", "Open the door")
    release = releases.publish(text, b"weights", "Jane")
    raw, key = redis.Redis.from_url(redis_server.url), name.format(id=release.id)
    raw.set(key, put(raw.get(key)))
    one = process(releases, tmp_path)
    one.publication.follow(releases.version())
    if "release" in name:
        assert one.says("Keep the door closed")
    assert one.engine.loaded == []


def test_nonsense_in_redis_stops_nobody(releases: Releases, redis_server: RedisServer, tmp_path: Path) -> None:
    raw = redis.Redis.from_url(redis_server.url)
    raw.set("hotline:active", b"[" * 9000)
    raw.hset("hotline:off", b"\xff", b"{}")
    raw.lpush("hotline:history", b"x")
    raw.lpush("hotline:releases", b'{"number": 1}')
    raw.set("hotline:content", 7)
    one = process(releases, tmp_path)
    one.publication.follow(releases.version())
    assert one.says("Keep the door closed")
    assert (releases.history(), releases.published(), releases.switched_off()) == ([], [], {})


def test_a_new_key_marks_and_the_old_one_is_known(redis_server: RedisServer, releases: Releases) -> None:
    release = releases.publish(ours(), b"weights", "Jane")
    assert Releases(redis_server.url, ("a new secret key that is long enough", SECRET)).bundle(release) == ours()
    assert Releases(redis_server.url, ("a new secret key that is long enough",)).bundle(release) is None


@pytest.mark.parametrize(
    ("key", "value"), [("hotline:active", "{"), ("hotline:active", '{"number": "seven"}'), ("hotline:off", "no table")]
)
def test_what_is_stored_broken_fails_no_message(releases: Releases, tmp_path: Path, key: str, value: str) -> None:
    running = process(releases, tmp_path)
    store = releases._redis
    store.set(key, value)
    store.incr("hotline:content")
    running.next_message()
    assert running.says("Keep the door closed")
    assert process(releases, tmp_path, production=True).says("Keep the door closed"), "and no start"


def test_a_model_that_cannot_be_written_fails_no_message_and_is_tried_again(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = process(releases, tmp_path / "full")
    releases.publish(ours("model-2-code"), b"the model", "Ana")
    running.next_message()
    assert running.engine.loaded == []
    (tmp_path / "full").mkdir()
    running.next_message()
    assert running.engine.loaded == [], "not at every message"
    monkeypatch.setattr("bot.publication.time.monotonic", lambda: float("inf"))
    running.next_message()
    assert running.engine.loaded == [b"the model"]

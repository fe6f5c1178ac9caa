"""Everything that can be wrong, made so for real, and what an operator is told of it."""

from __future__ import annotations

import dataclasses
import datetime
import gzip
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
import sqlalchemy as sa

from bot import local_redis
from bot.content import Content
from bot.readiness import LEAST_FREE, Finding, Readiness
from bot.releases import Releases
from bot.scheduling.tables import Database
from bot.session_state import Memory
from tests.bench.processes import free_port
from tests.bot.test_releases import changed, ours, process
from tests.conftest import SECRET, RedisServer
from tests.until import until


@pytest.fixture(scope="module")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that may be maltreated."""
    port, folder = free_port(), tmp_path_factory.mktemp("maltreated")
    server = RedisServer(port, folder, local_redis.start(port, folder))
    yield server
    server.stop()


@pytest.fixture
def scene(own_redis: RedisServer, content: Content, tmp_path: Path) -> Readiness:
    """All is well."""
    model = tmp_path / "model.tar.gz"
    model.write_bytes(gzip.compress(b"a model" * 1000))
    database = Database(f"sqlite:///{tmp_path / 'appointments.db'}")
    database.migrate()
    content = dataclasses.replace(content, clock=lambda: datetime.datetime(2026, 1, 1, 12))
    memory = Memory(own_redis.url, (SECRET,))
    return Readiness(memory, content, database, None, lambda: model, (tmp_path,))


def found(scene: Readiness, name: str) -> Finding:
    return next(finding for finding in scene.findings() if finding.name == name)


def test_all_is_well(scene: Readiness) -> None:
    findings = scene.findings()
    names = ["redis", "redis_room", "appointments", "model", "release", "texts_up_to_date", "disk"]
    assert [finding.name for finding in findings] == names
    assert [finding for finding in findings if not finding.ok or finding.what_to_do] == []


def set_(**values: str) -> Callable[[redis.Redis], None]:
    return lambda server: [server.config_set(name.replace("_", "-"), value) for name, value in values.items()]  # type: ignore[return-value]


def cannot_save(server: redis.Redis) -> None:
    server.config_set("save", "1 1")
    shutil.rmtree(server.config_get("dir")["dir"])
    server.set("x", 1)
    with pytest.raises(redis.ResponseError):
        server.save()
    server.bgsave()
    until(lambda: server.info("persistence")["rdb_last_bgsave_status"] == "err")


def mended(server: redis.Redis, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    server.config_set("requirepass", "")
    server.config_set("maxmemory", "0")
    server.config_set("maxmemory-policy", "noeviction")
    server.config_set("min-replicas-to-write", "0")
    server.config_set("save", "")
    server.replicaof("NO", "ONE")
    server.flushall()


MALTREATED = [
    ("a replica", lambda server: server.replicaof("127.0.0.1", "1"), "is a replica"),
    ("full", set_(maxmemory="1"), "is full"),
    ("another password", set_(requirepass="x"), "refuses the user or the password"),
    ("replicas lost", set_(min_replicas_to_write="1"), "has lost its replicas"),
    ("a disk that is gone", cannot_save, "cannot save"),
]


@pytest.mark.parametrize(("maltreat", "told"), [row[1:] for row in MALTREATED], ids=[row[0] for row in MALTREATED])
def test_redis_that_takes_nothing(
    scene: Readiness, own_redis: RedisServer, maltreat: Callable[[redis.Redis], None], told: str
) -> None:
    server = redis.Redis.from_url(own_redis.url, single_connection_client=True)
    server.ping()
    maltreat(server)
    try:
        finding = found(scene, "redis")
        assert (finding.ok, finding.needed) == (False, True)
        assert told in finding.what_to_do
        assert "Meanwhile topics are answered" in finding.what_to_do
    finally:
        mended(server, own_redis.folder)
    assert found(scene, "redis").ok


def test_redis_gone_and_back(scene: Readiness, own_redis: RedisServer) -> None:
    own_redis.stop()
    assert "does not answer. Is it running" in found(scene, "redis").what_to_do
    own_redis.restart()
    assert found(scene, "redis").ok


def test_redis_that_hangs(scene: Readiness, own_redis: RedisServer) -> None:
    own_redis.process.send_signal(signal.SIGSTOP)
    try:
        assert "does not answer in time" in found(scene, "redis").what_to_do
    finally:
        own_redis.process.send_signal(signal.SIGCONT)


def test_sentinels_without_a_master(scene: Readiness) -> None:
    scene._memory = Memory(f"redis+sentinel://127.0.0.1:{free_port()}/main", (SECRET,))
    assert "no master" in found(scene, "redis").what_to_do


ROOM = [
    ({"maxmemory": "100gb"}, True, ""),
    ({"maxmemory": "100gb", "maxmemory-policy": "allkeys-lru"}, False, "maxmemory-policy noeviction"),
    ({"maxmemory-policy": "allkeys-lru"}, True, ""),
    ({"maxmemory": "nearly"}, False, "% of its memory"),
]


@pytest.mark.parametrize(("values", "ok", "told"), ROOM)
def test_room_in_redis(scene: Readiness, own_redis: RedisServer, values: dict[str, str], ok: bool, told: str) -> None:
    server = redis.Redis.from_url(own_redis.url)
    for name, value in values.items():
        used = server.info("memory")["used_memory"]
        server.config_set(name, str(int(used * 1.08)) if value == "nearly" else value)
    try:
        finding = found(scene, "redis_room")
        assert (finding.ok, finding.needed) == (ok, False)
        assert told in finding.what_to_do
    finally:
        mended(server, own_redis.folder)


def test_a_database_that_is_gone_or_old(scene: Readiness) -> None:
    assert scene._database is not None
    with scene._database.writing() as connection:
        connection.execute(sa.text("update alembic_version set version_num = 'old'"))
    assert "hotline migrate" in found(scene, "appointments").what_to_do
    scene._database = Database(f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    finding = found(scene, "appointments")
    assert (finding.ok, finding.needed) == (False, True)
    assert "DATABASE_URL" in finding.what_to_do
    scene._database = None
    assert found(scene, "appointments").ok, "no desk, no database"


DAMAGES: list[tuple[str, Callable[[Path], object], str]] = [
    ("missing", lambda path: path.unlink(), "missing"),
    ("cut short", lambda path: path.write_bytes(path.read_bytes()[:-20]), "damaged"),
    ("one byte", lambda path: path.write_bytes(path.read_bytes()[:30] + b"x" + path.read_bytes()[31:]), "damaged"),
    ("empty", lambda path: path.write_bytes(b""), "damaged"),
    ("another file", lambda path: path.write_bytes(b"<html>not found</html>"), "damaged"),
]


@pytest.mark.parametrize(("damage", "told"), [row[1:] for row in DAMAGES], ids=[row[0] for row in DAMAGES])
def test_a_model_that_the_next_start_could_not_load(
    scene: Readiness, damage: Callable[[Path], object], told: str
) -> None:
    assert found(scene, "model").ok
    path = scene._model()
    assert path is not None
    damage(path)
    finding = found(scene, "model")
    assert (finding.ok, finding.needed) == (False, True)
    assert told in finding.what_to_do
    assert "hotline train" in finding.what_to_do


def test_a_release_that_cannot_be_served(scene: Readiness, own_redis: RedisServer, tmp_path: Path) -> None:
    server = redis.Redis.from_url(own_redis.url)
    server.flushall()
    releases = Releases(own_redis.url, (SECRET,))
    ours_ = process(releases, tmp_path)
    scene._publication = ours_.publication
    assert found(scene, "release").ok
    broken = changed(ours(), "  ice_at_door:", "  ice_at_the_door:")
    releases.publish(broken, b"", "Jane")
    finding = found(scene, "release")
    assert (finding.ok, finding.needed) == (False, False), "the release before it is served"
    assert "Release 1 is not fit" in finding.what_to_do
    assert "hotline rollback" in finding.what_to_do
    releases.switch_off("thanks", "Jane", "meanwhile")
    assert not found(scene, "release").ok, "still so after another change"
    release = releases.publish(changed(ours(), "Keep the door closed", "Leave the door shut"), b"", "Jane")
    server.set(f"hotline:release:{release.id}", b"damaged")
    assert "Release 2 is gone or damaged" in found(scene, "release").what_to_do
    active = server.get("hotline:active")
    server.set("hotline:active", b"{}")
    server.incr("hotline:content")
    assert not found(scene, "release").ok, "nonsense is nothing, and mends nothing"
    server.set("hotline:active", active or b"")
    releases.publish(changed(ours(), "Keep the door closed", "Leave it shut"), b"", "Jane")
    assert found(scene, "release").ok
    assert ours_.says("Leave it shut"), "without a message"


def test_texts_past_their_date(scene: Readiness) -> None:
    scene._content.clock = lambda: datetime.datetime(2036, 1, 1, 12)
    finding = found(scene, "texts_up_to_date")
    assert (finding.ok, finding.needed) == (False, False)
    assert "hotline status" in finding.what_to_do


@pytest.mark.parametrize(("free", "ok"), [(LEAST_FREE - 1, False), (LEAST_FREE, True)])
def test_a_full_disk(scene: Readiness, monkeypatch: pytest.MonkeyPatch, free: int, ok: bool) -> None:
    monkeypatch.setattr("bot.readiness.shutil.disk_usage", lambda folder: SimpleNamespace(free=free))
    finding = found(scene, "disk")
    assert (finding.ok, finding.needed) == (ok, not ok), "needed where appointments are written to it"
    scene._database = None
    assert found(scene, "disk").needed is False

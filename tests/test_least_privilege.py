"""Each process has what it needs and no more: secrets, and the rights of the files they stand in."""

from __future__ import annotations

import dataclasses
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot import audio, local_redis, settings
from bot.scheduling.contact import new_private_key, public_key_of
from bot.scheduling.tables import Database
from bot.settings import PROJECT, Settings
from tests.bench.processes import free_port
from tests.conftest import SECRET, TOKEN, RedisServer

KEY = new_private_key()
ENVIRONMENT = {
    "HOTLINE_SECRET_KEY": SECRET,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "CONTACT_PRIVATE_KEY": KEY,
    "SCHEDULING_DESK": "webhook",
    "PARTNER_URL": "https://partner.example",
    "PARTNER_SECRET": "a secret that we share with the partner",
}


def test_the_web_process_can_seal_numbers_and_open_none() -> None:
    web = Settings.from_environment(ENVIRONMENT).of_web()
    assert web.contact_private_keys == ()
    assert web.contact_key == public_key_of(KEY)
    assert (web.partner_url, web.partner_secret) == ("", "")


def test_the_web_process_starts_without_the_private_key(redis_server: RedisServer, tmp_path: Path) -> None:
    """As in production: the private key is not even in its environment."""
    program = (
        "import webhooks.wsgi as wsgi, gc\n"
        "from bot.settings import Settings\n"
        "held = [one for one in gc.get_objects() if isinstance(one, Settings) and one.contact_private_keys]\n"
        "settings = wsgi.app.config['SETTINGS']\n"
        "print(settings.contact_private_keys, bool(settings.contact_key), len(held))\n"
    )
    own = {name: value for name, value in ENVIRONMENT.items() if name not in {"CONTACT_PRIVATE_KEY", "PARTNER_SECRET"}}
    own |= {"CONTACT_PUBLIC_KEY": public_key_of(KEY), "SCHEDULING_DESK": "embedded", "REDIS_URL": redis_server.url}
    own |= {"DATABASE_URL": f"sqlite:///{tmp_path / 'appointments.db'}", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, env=own, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip().split("\n")[-1] == "() True 0"


def test_the_synthesizer_gets_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(audio.subprocess, "run", lambda *arguments, **more: given.update(more))
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    audio.synthesize("ht", "Bonjou", tmp_path / "x.wav")
    assert given["env"] == {}


def rights(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))[2:]


@pytest.fixture
def careless() -> Any:
    """A machine whose new files everybody may read."""
    before = os.umask(0o000)
    yield
    os.umask(before)


def test_keys_are_their_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, careless: None) -> None:
    monkeypatch.setattr(settings, "STATE_FOLDER", tmp_path / ".hotline")
    Settings.from_environment({})
    assert rights(tmp_path / ".hotline") == "700"
    assert {path.name: rights(path) for path in (tmp_path / ".hotline").iterdir()} == {
        "secret_key": "600",
        "contact_key": "600",
    }


def test_the_appointments_are_their_owners_alone(tmp_path: Path, careless: None) -> None:
    database = Database(f"sqlite:///{tmp_path / 'appointments.db'}")
    database.migrate()
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO opt_outs VALUES ('x', 1)")
        found = {path.name: rights(path) for path in tmp_path.iterdir()}
    assert found == dict.fromkeys(("appointments.db", "appointments.db-wal", "appointments.db-shm"), "600")
    database.engine.dispose()


def test_the_memory_of_a_development_machine_is_its_owners_alone(tmp_path: Path, careless: None) -> None:
    folder = tmp_path / "redis"
    process = local_redis.start(port := free_port(), folder)
    try:
        import redis

        redis.Redis(port=port).save()
        assert rights(folder) == "700"
        assert {rights(path) for path in folder.iterdir()} == {"600"}
    finally:
        process.kill()
        process.wait()


def test_web_processes_make_files_for_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    from webhooks import gunicorn_settings

    assert gunicorn_settings.umask == 0o077


# Of what a process may need: who refuses to start without it. Each row is a process of the Procfile.
NEEDS = [
    ("web", "TWILIO_AUTH_TOKEN", True),
    ("web", "HOTLINE_SECRET_KEY", True),
    ("web", "CONTACT_PRIVATE_KEY", False),
]


@pytest.mark.parametrize(("process", "name", "needed"), NEEDS)
def test_what_the_web_process_needs_in_production(process: str, name: str, needed: bool) -> None:
    given = {**ENVIRONMENT, "HOTLINE_ENV": "production", "PUBLIC_URL": "https://x.example", "REDIS_URL": "redis://x"}
    given |= {"SCHEDULING_DESK": "embedded", "CONTACT_PUBLIC_KEY": public_key_of(KEY)}
    del given[name]
    if needed:
        with pytest.raises(settings.SettingsError, match=name):
            Settings.from_environment(given)
    else:
        assert dataclasses.replace(Settings.from_environment(given)).contact_key

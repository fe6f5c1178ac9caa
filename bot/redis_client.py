"""The way to Redis: one address in REDIS_URL, of a server or of the sentinels that know where the server is.

redis://:password@host:6379/0                        one server; rediss:// with TLS; unix:///path
redis+sentinel://:password@host,host2:26379/main/0   the master "main", asked for at the sentinels; rediss+sentinel://
                                                     with TLS; `?sentinel_password=` where they want one
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import redis
from redis.sentinel import MasterNotFoundError, Sentinel, SentinelConnectionPool

from bot.errors import SettingsError

# A sentinel that is gone must leave time to ask the next one.
_SENTINEL_TIMEOUT = 0.3
_SENTINEL_PORT = 26379

# What is wrong, in one word each; the first that fits. For counts, logs and bot.readiness.
_WHY: tuple[tuple[type[Exception], str], ...] = (
    (MasterNotFoundError, "no_master"),
    (redis.AuthenticationError, "refused"),
    (redis.exceptions.NoPermissionError, "refused"),
    (redis.BusyLoadingError, "loading"),
    (redis.ReadOnlyError, "read_only"),
    (redis.exceptions.OutOfMemoryError, "full"),
    (redis.TimeoutError, "too_slow"),
    (redis.ConnectionError, "unreachable"),
    (OSError, "unreachable"),
)
_SIGNS = {"READONLY": "read_only", "OOM": "full", "MISCONF": "not_saving", "NOREPLICAS": "no_replicas"}


def client(url: str, timeout: float, one_connection: bool = False) -> Any:
    """A client that gives up after `timeout` seconds; it connects when it is used, with `one_connection` at once."""
    waits = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
    address = urlsplit(url)
    if not address.scheme.endswith("+sentinel"):
        return redis.Redis.from_url(url, single_connection_client=one_connection, **waits)
    master, _, database = address.path.strip("/").partition("/")
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    secure = address.scheme.startswith("rediss")
    told: dict[str, Any] = {"ssl": True} if secure else {}
    asked = {"socket_timeout": _SENTINEL_TIMEOUT, "socket_connect_timeout": _SENTINEL_TIMEOUT, **told}
    if "sentinel_password" in query:
        asked["password"] = query["sentinel_password"]
    sentinels = Sentinel(_hosts(url), sentinel_kwargs=asked)
    told |= {"db": int(database or 0), **waits}
    told |= {"username": unquote(address.username)} if address.username else {}
    told |= {"password": unquote(address.password)} if address.password else {}
    pool = SentinelConnectionPool(master, sentinels, is_master=True, **told)
    return redis.Redis(connection_pool=pool, single_connection_client=one_connection)


def refuse_wrong_address(url: str) -> None:
    """Raise SettingsError, with one sentence, for an address that cannot be one."""
    address = urlsplit(url)
    if address.scheme not in {"redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel"}:
        raise SettingsError("REDIS_URL must begin with redis://, rediss://, unix:// or redis+sentinel://.")
    if address.scheme.endswith("+sentinel"):
        master, _, database = address.path.strip("/").partition("/")
        try:
            hosts = _hosts(url)
        except ValueError:
            hosts = []
        if not hosts or not master or not (database or "0").isdecimal():
            raise SettingsError("REDIS_URL must name hosts and master: redis+sentinel://host:26379,host2:26379/master.")


def why(error: BaseException) -> str:
    """In one word why Redis did not do what it was told."""
    if isinstance(error, redis.ResponseError):
        # A script's own error wraps the server's, and some have no class.
        for sign, word in _SIGNS.items():
            if sign in str(error):
                return word
    return next((word for kind, word in _WHY if isinstance(error, kind)), "error")


def _hosts(url: str) -> list[tuple[str, int]]:
    names = urlsplit(url).netloc.rpartition("@")[2].split(",")
    found = [urlsplit(f"//{name}") for name in names if name]
    return [(host.hostname or "", host.port or _SENTINEL_PORT) for host in found if host.hostname]

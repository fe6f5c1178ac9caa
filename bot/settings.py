"""Every environment variable of the hotline: its name, meaning, default and check, said once."""

from __future__ import annotations

import dataclasses
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.errors import SettingsError
from bot.private_files import private_file, private_folder

PROJECT = Path(__file__).resolve().parent.parent
STATE_FOLDER = PROJECT / ".hotline"  # the development server's own Redis and secret
FLOWS = PROJECT / "flows"
NLU_DATA = PROJECT / "nlu_data"
MODELS = PROJECT / "models"
SPARE_MODELS = PROJECT / ".hotline" / "models"
ENGINE = PROJECT / "bot" / "rasa_engine"
DEVELOPMENT_REDIS_PORT = 6399

# name → (default as the table in README shows it, meaning)
VARIABLES: dict[str, tuple[str, str]] = {
    "HOTLINE_ENV": (
        "`development`",
        "`production` refuses to start with a missing secret or unreviewed emergency texts",
    ),
    "HOTLINE_SECRET_KEY": (
        "made and kept in `.hotline/`",
        "keys for sender ids and encryption, 32 characters or more; `new,old` while one is replaced",
    ),
    "TWILIO_AUTH_TOKEN": (
        "none: only this machine is served, unsigned",
        "checks signatures; several, separated by commas, while one is replaced",
    ),
    "TWILIO_ACCOUNT_SID": ("any", "requests of other accounts are refused"),
    "TWILIO_PHONE_NUMBER": ("none", "the hotline's number, shown at the start"),
    "TWILIO_MESSAGING_SERVICE_SID": ("none", "the messaging service, if the number belongs to one"),
    "TWILIO_ANSWERS_HELP": ("`false`", "`true` when Twilio replies to HELP and INFO, so that we stay silent"),
    "TWILIO_COPIES": (
        "`keep`",
        "Twilio's own copies of texts and calls, an hour later: `keep`, `redact` (texts lose their words, numbers stay)"
        " or `delete`; the worker does it",
    ),
    "TRANSFER_NUMBER": ("none: callers are told the number", "who takes a caller that wants a person, as +12125550100"),
    "PUBLIC_URL": (
        "the address of the request",
        "the address Twilio calls, such as `https://rights.example.org`; part of every signature",
    ),
    "REDIS_URL": (
        "an own Redis on port 6399",
        "`redis://`, `rediss://` or `unix://` address of the shared memory; with Sentinel `redis+sentinel://`",
    ),
    "SCHEDULING_DESK": (
        "`embedded`",
        "appointments: `embedded` (our own tables), `webhook` (ours, handed over to a partner), `phone` (none)",
    ),
    "DATABASE_URL": ("a SQLite file in `.hotline/`", "`postgresql://` or `sqlite:///` address of the appointments"),
    "CONTACT_PUBLIC_KEY": (
        "of `CONTACT_PRIVATE_KEY`",
        "seals the numbers for reminders; all the web process needs. Make a pair: `hotline appointments new-key`",
    ),
    "CONTACT_PRIVATE_KEY": (
        "made and kept in `.hotline/`",
        "opens them: for the worker and `hotline appointments show`; `new,old` while one is replaced",
    ),
    "PARTNER_URL": ("none", "where the desk `webhook` hands appointments over, `https://`"),
    "PARTNER_SECRET": ("none", "signs what is handed over, 32 characters or more"),
    "HOTLINE_METRICS_TOKEN": (
        "none: only this machine",
        "who sends it as `Authorization: Bearer ...` sees `/metrics` and what `/readyz` found; 32 characters or more",
    ),
    "HOTLINE_RATE_LIMIT": ("`20`", "messages a minute of one sender; `0` turns the limit and the loop guard off"),
    "HOTLINE_HOME_PREFIXES": ("`+1`", "how numbers from here begin, separated by commas; under +1 the USA and Canada"),
    "HOTLINE_ABROAD_LIMIT": (
        "`30`",
        "texts a minute to all other numbers together; emergencies are always answered",
    ),
    "HOTLINE_DEADLINE": ("`5`", "seconds after which a resident gets the apology instead of an answer"),
    "WEB_CONCURRENCY": ("`2`", "web processes"),
    "PORT": ("`8080`", "port of the web server"),
}


@dataclass(frozen=True)
class Settings:
    """The settings, checked. Read them with `Settings.from_environment()`."""

    production: bool = False
    secret_keys: tuple[str, ...] = ()
    auth_tokens: tuple[str, ...] = ()
    account_sid: str = ""
    phone_number: str = ""
    messaging_service_sid: str = ""
    twilio_answers_help: bool = False
    twilio_copies: str = "keep"
    transfer_number: str = ""
    public_url: str = ""
    redis_url: str = ""
    desk: str = "embedded"
    database_url: str = ""
    contact_public_key: str = ""
    contact_private_keys: tuple[str, ...] = ()
    partner_url: str = ""
    partner_secret: str = ""
    metrics_token: str = ""
    rate_limit: int = 20
    home_prefixes: tuple[str, ...] = ("+1",)
    abroad_limit: int = 30
    deadline: float = 5.0
    port: int = 8080
    flows: Path = field(default=FLOWS)

    @property
    def contact_key(self) -> str:
        """The public key that seals numbers; of the newest private one where it is not set."""
        if self.contact_public_key or not self.contact_private_keys:
            return self.contact_public_key
        from bot.scheduling.contact import public_key_of

        return public_key_of(self.contact_private_keys[0])

    def of_web(self) -> Settings:
        """What the web process keeps of them: it seals numbers and hands them to nobody, so it opens none and signs
        nothing for a partner."""
        return dataclasses.replace(
            self, contact_public_key=self.contact_key, contact_private_keys=(), partner_secret="", partner_url=""
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read and check every variable; raises SettingsError with one sentence that says what to set."""
        get = {name: environment.get(name, "").strip() for name in VARIABLES}
        mode = get["HOTLINE_ENV"] or "development"
        if mode not in {"development", "production"}:
            raise SettingsError(f'HOTLINE_ENV is "{mode}"; it must be "development" or "production".')
        settings = cls(
            production=mode == "production",
            secret_keys=_list(get["HOTLINE_SECRET_KEY"]),
            auth_tokens=_list(get["TWILIO_AUTH_TOKEN"]),
            account_sid=get["TWILIO_ACCOUNT_SID"],
            phone_number=get["TWILIO_PHONE_NUMBER"],
            messaging_service_sid=get["TWILIO_MESSAGING_SERVICE_SID"],
            twilio_answers_help=_switch("TWILIO_ANSWERS_HELP", get["TWILIO_ANSWERS_HELP"]),
            twilio_copies=get["TWILIO_COPIES"] or "keep",
            transfer_number=_telephone("TRANSFER_NUMBER", get["TRANSFER_NUMBER"]),
            public_url=get["PUBLIC_URL"].rstrip("/"),
            redis_url=get["REDIS_URL"] or f"redis://127.0.0.1:{DEVELOPMENT_REDIS_PORT}/0",
            desk=get["SCHEDULING_DESK"] or "embedded",
            database_url=get["DATABASE_URL"] or f"sqlite:///{STATE_FOLDER / 'appointments.db'}",
            contact_public_key=get["CONTACT_PUBLIC_KEY"],
            contact_private_keys=_list(get["CONTACT_PRIVATE_KEY"]),
            partner_url=get["PARTNER_URL"],
            partner_secret=get["PARTNER_SECRET"],
            metrics_token=get["HOTLINE_METRICS_TOKEN"],
            rate_limit=int(_number("HOTLINE_RATE_LIMIT", get["HOTLINE_RATE_LIMIT"] or "20", 0, 1_000_000)),
            home_prefixes=_prefixes(get["HOTLINE_HOME_PREFIXES"] or "+1"),
            abroad_limit=int(_number("HOTLINE_ABROAD_LIMIT", get["HOTLINE_ABROAD_LIMIT"] or "30", 0, 1_000_000)),
            deadline=_number("HOTLINE_DEADLINE", get["HOTLINE_DEADLINE"] or "5", 0.1, 14),
            port=int(_number("PORT", get["PORT"] or "8080", 1, 65535)),
        )
        settings._check_urls()
        settings._check_copies()
        settings._check_desk()
        if settings.production:
            settings._check_production(get)
        if not settings.secret_keys:
            settings = dataclasses.replace(settings, secret_keys=(_development_key("secret_key"),))
        if not settings.contact_public_key and not settings.contact_private_keys and not settings.production:
            settings = dataclasses.replace(settings, contact_private_keys=(_development_key("contact_key"),))
        if settings.metrics_token and len(settings.metrics_token) < 32:
            raise SettingsError("HOTLINE_METRICS_TOKEN is too short; make one with: openssl rand -hex 32")
        for key in settings.secret_keys:
            if len(key) < 32:
                raise SettingsError("HOTLINE_SECRET_KEY is too short; make one with: openssl rand -hex 32")
        return settings

    def _check_urls(self) -> None:
        if self.public_url and urlsplit(self.public_url).scheme not in {"http", "https"}:
            raise SettingsError(f'PUBLIC_URL is "{self.public_url}"; it must begin with https:// (or http:// to try).')
        from bot.redis_client import refuse_wrong_address

        refuse_wrong_address(self.redis_url)

    def _check_copies(self) -> None:
        if self.twilio_copies not in {"keep", "redact", "delete"}:
            raise SettingsError(f'TWILIO_COPIES is "{self.twilio_copies}"; it must be keep, redact or delete.')
        if self.twilio_copies != "keep" and (self.desk == "phone" or not self.account_sid):
            raise SettingsError(
                "TWILIO_COPIES needs TWILIO_ACCOUNT_SID and the worker, which does not run with SCHEDULING_DESK=phone."
            )

    def _check_desk(self) -> None:
        if self.desk not in {"embedded", "webhook", "phone"}:
            raise SettingsError(f'SCHEDULING_DESK is "{self.desk}"; it must be embedded, webhook or phone.')
        for name, keys in (
            ("CONTACT_PUBLIC_KEY", (self.contact_public_key,) if self.contact_public_key else ()),
            ("CONTACT_PRIVATE_KEY", self.contact_private_keys),
        ):
            if not all(re.fullmatch(r"[0-9a-fA-F]{64}", key) for key in keys):
                raise SettingsError(f"{name} is not a key of 64 digits; make one with: hotline appointments new-key")
        if self.desk == "webhook":
            if urlsplit(self.partner_url).scheme != "https" and self.production:
                raise SettingsError("PARTNER_URL must begin with https://; numbers of residents go there.")
            if not self.partner_url or len(self.partner_secret) < 32:
                raise SettingsError(
                    "The desk webhook needs PARTNER_URL, and a PARTNER_SECRET of 32 characters or more."
                )

    def _check_production(self, get: Mapping[str, str]) -> None:
        for name in ("HOTLINE_SECRET_KEY", "TWILIO_AUTH_TOKEN", "PUBLIC_URL", "REDIS_URL"):
            if not get[name]:
                raise SettingsError(f"{name} is not set; in production the hotline does not start without it.")
        if self.desk != "phone" and not (get["CONTACT_PUBLIC_KEY"] or get["CONTACT_PRIVATE_KEY"]):
            raise SettingsError(
                "CONTACT_PUBLIC_KEY is not set: make a pair with `hotline appointments new-key`, "
                "or set SCHEDULING_DESK to phone."
            )


def _development_key(name: str) -> str:
    """A secret of this checkout, made once, so that conversations survive a restart."""
    path = STATE_FOLDER / name
    if not path.exists():
        private_folder(STATE_FOLDER)
        private_file(path).write_text(secrets.token_hex(32))
    return path.read_text().strip()


def _list(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _telephone(name: str, text: str) -> str:
    if text and not re.fullmatch(r"\+[1-9]\d{7,14}", text):
        raise SettingsError(f'{name} is "{text}"; write it with its country, as +12125550100.')
    return text


def _prefixes(text: str) -> tuple[str, ...]:
    found = _list(text)
    if not all(re.fullmatch(r"\+[1-9]\d{0,6}", prefix) for prefix in found):
        raise SettingsError(f'HOTLINE_HOME_PREFIXES is "{text}"; write the beginnings of numbers, as +1,+52.')
    return found


def _switch(name: str, text: str) -> bool:
    if text.lower() not in {"", "true", "false"}:
        raise SettingsError(f'{name} is "{text}"; it must be "true" or "false".')
    return text.lower() == "true"


def _number(name: str, text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise SettingsError(f'{name} is "{text}"; it must be a number from {low:g} to {high:g}.')
    return value

"""Settings: one clear sentence for each mistake."""

import pytest

from bot.errors import SettingsError
from bot.settings import Settings

KEY = "k" * 32
PRODUCTION = {
    "HOTLINE_ENV": "production",
    "HOTLINE_SECRET_KEY": KEY,
    "CONTACT_PUBLIC_KEY": "ab" * 32,
    "TWILIO_AUTH_TOKEN": "t",
    "PUBLIC_URL": "https://rights.example.org",
    "REDIS_URL": "rediss://redis.example.org",
}

MISTAKES = [
    ({"HOTLINE_ENV": "prod"}, 'HOTLINE_ENV is "prod"'),
    ({**PRODUCTION, "HOTLINE_SECRET_KEY": ""}, "HOTLINE_SECRET_KEY is not set"),
    ({**PRODUCTION, "TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN is not set"),
    ({**PRODUCTION, "PUBLIC_URL": ""}, "PUBLIC_URL is not set"),
    ({**PRODUCTION, "REDIS_URL": ""}, "REDIS_URL is not set"),
    ({**PRODUCTION, "CONTACT_PUBLIC_KEY": ""}, "hotline appointments new-key"),
    ({"HOTLINE_SECRET_KEY": KEY, "CONTACT_PUBLIC_KEY": "secret"}, "CONTACT_PUBLIC_KEY is not a key"),
    ({"HOTLINE_SECRET_KEY": KEY, "SCHEDULING_DESK": "desk"}, "embedded, webhook or phone"),
    ({"HOTLINE_SECRET_KEY": KEY, "SCHEDULING_DESK": "webhook"}, "PARTNER_URL"),
    ({"HOTLINE_SECRET_KEY": "short"}, "HOTLINE_SECRET_KEY is too short"),
    ({"HOTLINE_SECRET_KEY": KEY, "PUBLIC_URL": "rights.example.org"}, "PUBLIC_URL"),
    ({"HOTLINE_SECRET_KEY": KEY, "REDIS_URL": "localhost"}, "REDIS_URL must begin"),
    ({"HOTLINE_SECRET_KEY": KEY, "REDIS_URL": "redis+sentinel://localhost"}, "must name hosts and master"),
    ({"HOTLINE_SECRET_KEY": KEY, "REDIS_URL": "redis+sentinel:///main"}, "must name hosts and master"),
    ({"HOTLINE_SECRET_KEY": KEY, "REDIS_URL": "redis+sentinel://a:b/main"}, "must name hosts and master"),
    ({"HOTLINE_SECRET_KEY": KEY, "HOTLINE_METRICS_TOKEN": "secret"}, "HOTLINE_METRICS_TOKEN is too short"),
    ({"HOTLINE_SECRET_KEY": KEY, "PORT": "http"}, 'PORT is "http"'),
    ({"HOTLINE_SECRET_KEY": KEY, "HOTLINE_RATE_LIMIT": "-1"}, "HOTLINE_RATE_LIMIT"),
    ({"HOTLINE_SECRET_KEY": KEY, "TWILIO_ANSWERS_HELP": "maybe"}, "TWILIO_ANSWERS_HELP"),
]


@pytest.mark.parametrize(("environment", "sentence"), MISTAKES)
def test_a_mistake_stops_the_start_with_a_sentence(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environment)
    assert sentence in str(caught.value)


def test_production_starts_when_everything_is_set() -> None:
    settings = Settings.from_environment(PRODUCTION)
    assert settings.production
    assert settings.public_url == "https://rights.example.org"


def test_keys_and_tokens_may_be_several_while_they_are_replaced() -> None:
    settings = Settings.from_environment({"HOTLINE_SECRET_KEY": f"{KEY},{KEY}2", "TWILIO_AUTH_TOKEN": "a, b"})
    assert settings.secret_keys == (KEY, f"{KEY}2")
    assert settings.auth_tokens == ("a", "b")

"""Texts that we send ourselves, through Twilio's REST interface: quickly or not at all, and never to who opted out."""

from __future__ import annotations

import datetime

import structlog
from requests.exceptions import ConnectionError as NotConnected
from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bot.errors import TextingUnknown
from bot.settings import Settings
from bot.texting import BLOCKED, FAILED, SENT

log = structlog.get_logger()

# A caller waits meanwhile; the library itself would wait for ever.
TIMEOUT = 1.5
# Opted out; not a mobile number; not reachable by text. Source: Twilio, Error and Warning Dictionary.
_BLOCKED = {21610, 21614, 21211, 21612, 30006}
_TRIES = 2
_LOOK_BACK = 20  # texts to one number; more than anybody gets in a minute


class TwilioTexting:
    """Sends texts from the hotline's number or messaging service."""

    def __init__(self, settings: Settings, http: HttpClient | None = None) -> None:
        self._settings = settings
        self._http = http or TwilioHttpClient(timeout=TIMEOUT)
        self._client = Client(settings.account_sid, settings.auth_tokens[0], http_client=self._http)

    def send(self, to: str, body: str) -> str:
        """SENT, BLOCKED or FAILED. A busy server is asked once more; after a time-out nothing is sent twice."""
        for attempt in range(1, _TRIES + 1):
            try:
                if self._is_landline(to):
                    return BLOCKED
                self._client.messages.create(to=to, body=body, **self._sender())
                return SENT
            except TwilioRestException as refusal:
                log.warning("text_refused", code=refusal.code, status=refusal.status)
                if refusal.code in _BLOCKED:
                    return BLOCKED
                if attempt == _TRIES or refusal.status not in {429, 500, 502, 503}:
                    return FAILED
            except NotConnected:
                if attempt == _TRIES:
                    return FAILED
            except (RequestException, TwilioException, ValueError) as error:
                # ValueError: what came is not JSON, as from a proxy between us.
                log.warning("text_failed", error=type(error).__name__)
                return FAILED
        return FAILED

    def sent_since(self, to: str, since: int) -> list[str]:
        """The bodies of texts to `to` that we began ourselves (replies to a text are another matter) since `since`."""
        try:
            found = self._client.messages.list(to=to, limit=_LOOK_BACK)
        except (RequestException, TwilioException, ValueError) as error:
            log.warning("texts_unknown", error=type(error).__name__)
            raise TextingUnknown("Twilio does not say what was sent") from error
        after = datetime.datetime.fromtimestamp(since, datetime.timezone.utc)
        return [
            str(message.body)
            for message in found
            if str(message.direction) == "outbound-api" and (message.date_created or after) >= after
        ]

    def forget(self, name: str, how: str) -> bool:
        """Have Twilio redact or delete a text (SM..., MM...) or delete a call (CA...). True when nothing is left to do:
        also when Twilio knows none of that name."""
        resource = self._client.calls(name) if name.startswith("CA") else self._client.messages(name)
        try:
            resource.update(body="") if how == "redact" else resource.delete()
        except TwilioRestException as refusal:
            log.warning("copy_kept", code=refusal.code, status=refusal.status)
            return bool(refusal.status == 404)
        except (RequestException, TwilioException, ValueError) as error:
            log.warning("copy_kept", error=type(error).__name__)
            return False
        return True

    def _is_landline(self, number: str) -> bool:
        found = self._client.lookups.v2.phone_numbers(number).fetch(fields="line_type_intelligence")
        return str((found.line_type_intelligence or {}).get("type")) == "landline"

    def _sender(self) -> dict[str, str]:
        service = self._settings.messaging_service_sid
        return {"messaging_service_sid": service} if service else {"from_": self._settings.phone_number}


def texting_of(settings: Settings) -> TwilioTexting | None:
    """Who sends texts, if the settings name an account and a sender."""
    sender = settings.messaging_service_sid or settings.phone_number
    return TwilioTexting(settings) if settings.account_sid and settings.auth_tokens and sender else None

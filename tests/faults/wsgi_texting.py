"""The hotline as it runs, but that its texts go to tests.faults.texting_server instead of Twilio."""

from __future__ import annotations

import os
from typing import Any

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

from tests.faults.texting_server import PORT_VARIABLE
from webhooks.twilio_rest import TIMEOUT, TwilioTexting
from webhooks.wsgi import app


class _ThisMachine(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's own client, which finds its servers elsewhere."""

    def request(self, method: str, url: str, *arguments: Any, **named: Any) -> Response:
        here = f"http://127.0.0.1:{os.environ[PORT_VARIABLE]}/"
        return super().request(method, url.replace("https://", here, 1), *arguments, **named)


app.config["HOTLINE"].calls.texting = TwilioTexting(app.config["SETTINGS"], _ThisMachine(timeout=TIMEOUT))

"""The Flask application: routes, limits and the last resort. Nothing else belongs here."""

from __future__ import annotations

from flask import Flask

from bot.start import Hotline
from webhooks.calendar_feed import calendar_feed
from webhooks.failures import answer_failures
from webhooks.health import LastLook, health
from webhooks.metrics import metrics
from webhooks.request_log import note_requests
from webhooks.security_headers import add_security_headers
from webhooks.sms import sms
from webhooks.twilio_rest import texting_of
from webhooks.voice import voice

# Twilio's own forms are below 8 kB.
MAX_REQUEST_BYTES = 64 * 1024


def create_app(hotline: Hotline) -> Flask:
    """The web application around a hotline that is ready."""
    app = Flask(__name__)
    app.config.update(
        HOTLINE=hotline,
        SETTINGS=hotline.settings,
        LAST_LOOK=LastLook(hotline.readiness),
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
    )
    hotline.calls.texting = hotline.calls.texting or texting_of(hotline.settings)
    app.register_blueprint(sms)
    app.register_blueprint(voice)
    app.register_blueprint(calendar_feed)
    app.register_blueprint(health)
    app.register_blueprint(metrics)
    note_requests(app)
    answer_failures(app)
    add_security_headers(app, hotline.settings)
    return app

"""What the web server loads: the whole hotline, once, before it forks."""

from __future__ import annotations

import sys

from bot.errors import HotlineError
from bot.settings import Settings
from bot.start import start_hotline
from webhooks.app import create_app

try:
    app = create_app(start_hotline(Settings.from_environment().of_web(), published=True))
except HotlineError as fault:
    # One clear sentence for the operator, no stack.
    sys.exit(f"The hotline does not start: {fault}")

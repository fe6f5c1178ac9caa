"""Import this before rasa: no telemetry, no warnings of its libraries, and no message text in any log."""

from __future__ import annotations

import logging
import os
import warnings
from typing import TextIO, cast

import structlog

from bot.steady_output import SteadyOutput

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Nothing here computes with TensorFlow; its thread pools would only cost memory.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Filters do not hold: several of Rasa's libraries set their own while they are imported.
warnings.showwarning = lambda *details, **more: None
logging.getLogger("rasa").setLevel(logging.ERROR)
logging.getLogger("matplotlib").setLevel(logging.WARNING)


def silence_rasa_debug(level: int = logging.INFO) -> None:
    """Rasa's structlog lines at DEBUG carry the text of messages: by default they go to standard output."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(max(level, logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, SteadyOutput())),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=False,
    )

"""Import this before rasa: no telemetry, no warnings of its libraries. What it logs is bot.log_lines' to keep quiet."""

from __future__ import annotations

import logging
import os
import warnings

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Nothing here computes with TensorFlow; its thread pools would only cost memory.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Filters do not hold: several of Rasa's libraries set their own while they are imported.
warnings.showwarning = lambda *details, **more: None
logging.getLogger("rasa").setLevel(logging.ERROR)
logging.getLogger("matplotlib").setLevel(logging.WARNING)

"""The log when it cannot be written."""

import sys

import pytest
import structlog

from bot.rasa_engine.quiet_start import silence_rasa_debug


def test_a_full_disk_costs_a_line_and_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    before = structlog.get_config()
    silence_rasa_debug()
    try:
        with open("/dev/full", "w") as full, monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", full)
            structlog.get_logger().info("message", outcome="answered")
            patch.undo()
            with pytest.raises(OSError, match="No space"):
                full.close()
        structlog.get_logger().info("message", outcome="answered")
    finally:
        structlog.configure(**before)

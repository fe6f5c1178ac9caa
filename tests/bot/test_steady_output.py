"""The log when it cannot be written."""

import sys

import pytest
import structlog

from bot import log_lines


def test_a_full_disk_costs_a_line_and_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    before = structlog.get_config()
    log_lines.configure(production=True)
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

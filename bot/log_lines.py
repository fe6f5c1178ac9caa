"""The log: one JSON object a line, readable at a developer's terminal, and never what somebody else wrote.

Our own lines say outcomes in words of ours. Of lines by libraries only where they come from is kept: their texts may
quote an address, a number or a header.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO, cast

import structlog

from bot.steady_output import SteadyOutput


class _LibraryLines(logging.Handler):
    """Takes what libraries log and says that they did, at which place."""

    def emit(self, record: logging.LogRecord) -> None:
        failure = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        at = f"{record.module}:{record.lineno}"
        structlog.get_logger().log(record.levelno, "library", logger=record.name, at=at, error=failure)


def configure(production: bool, level: int = logging.INFO) -> None:
    """Decide how lines look; below INFO nothing is logged, because Rasa's lines at DEBUG carry the text of messages."""
    if production or not sys.stdout.isatty():
        shape: structlog.typing.Processor = structlog.processors.JSONRenderer(sort_keys=True)
    else:
        # As Python would write them: no line break and no terminal's escape gets through.
        shape = structlog.dev.ConsoleRenderer(repr_native_str=True)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(max(level, logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, SteadyOutput())),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            shape,
        ],
        cache_logger_on_first_use=False,
    )
    logging.getLogger().handlers = [_LibraryLines(logging.WARNING)]


def place(error: BaseException) -> str:
    """Where an exception was raised: file and line, no values."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""

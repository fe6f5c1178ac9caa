"""Our exceptions.

HotlineError
  x  SettingsError      an environment variable is missing or wrong; the start stops with its sentence
  x  ContentError       the flows cannot be served; the start stops with its sentence
  x  NoSuchRelease      a release that cannot be rolled back to
  x  EngineNotReady     Rasa came up without a model, with another tracker store, or half-loaded
  x  MemoryUnavailable  Redis does not answer
  x  DeskUnavailable    the database of appointments does not answer
  x  TextingUnknown     the telephone network cannot be asked what it has sent
  x  DeadlineExceeded   an answer took longer than a phone network waits
  x  FlowLoop           a flow goes round in circles
"""


class HotlineError(Exception):
    """Anything this project raises on purpose."""


class SettingsError(HotlineError):
    """A setting is missing or wrong. The text is one sentence for the operator."""


class ContentError(HotlineError):
    """The content cannot be served. The text is one sentence for the operator."""


class NoSuchRelease(HotlineError):
    """There is no such release. The text names those there are."""


class EngineNotReady(HotlineError):
    """The dialogue engine refuses to start half-loaded."""


class MemoryUnavailable(HotlineError):
    """Redis is gone or too slow; nothing can be remembered now. `why` is a word of bot.redis_client."""

    def __init__(self, text: str, why: str = "unreachable") -> None:
        super().__init__(text)
        self.why = why


class DeskUnavailable(HotlineError):
    """The database of appointments is gone or too slow; nothing can be booked now."""


class TextingUnknown(HotlineError):
    """The telephone network cannot be asked what it has sent."""


class DeadlineExceeded(BaseException):
    """The answer did not come in time. Not an Exception, so that no `except Exception` on the way swallows it."""


class FlowLoop(HotlineError):
    """A flow goes round in circles; `hotline check` finds the step."""

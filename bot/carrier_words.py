"""Words that belong to the telephone network, which acts on them before we see them.

Source: Twilio, Advanced Opt-Out and "SMS opt-out keywords" (state of November 2026). A match is the whole message,
whatever its case. They may never be asked for in a flow: "reply CANCEL" would unsubscribe a resident.
"""

from __future__ import annotations

STOP = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "opt-out"}
)
START = frozenset({"start", "unstop", "yes"})
HELP = frozenset({"help", "info"})


def carrier_class(text: str) -> str | None:
    """ "STOP", "START" or "HELP" if the whole message is such a word, else None."""
    word = text.strip().strip(".!").lower()
    for name, words in (("STOP", STOP), ("START", START), ("HELP", HELP)):
        if word in words:
            return name
    return None

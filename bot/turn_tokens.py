"""The token under which a process holds a delivery and a sender, and whether that process is still there.

Who is killed gives nothing back. Its siblings, forked by the same server, see that it is gone and go on at once; to
processes elsewhere it is gone when the token expires.
"""

from __future__ import annotations

import os
import secrets

# Made before the fork, so that siblings have it in common and nobody else.
_SERVER = secrets.token_hex(4)
TOKEN_LENGTH = 24


def new_token() -> str:
    """A token of this process for one turn."""
    return f"{_SERVER}{os.getpid():08x}{secrets.token_hex(4)}"


def is_orphaned(token: bytes) -> bool:
    """Whether the process that holds `token` is known to be dead."""
    if len(token) != TOKEN_LENGTH or not token.startswith(_SERVER.encode()):
        return False
    try:
        os.kill(int(token[8:16], 16), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return False

"""How gunicorn serves the hotline: loaded once, then forked; one request at a time in each process.

A synchronous worker answers in its main thread, where the deadline's alarm works and no work is handed between threads.
Ours lets requests arrive in full first, so that slow senders keep nobody waiting.
"""

from __future__ import annotations

import gc
import os

from bot import log_lines
from bot.counting import counters, folder
from bot.private_files import no_core_files
from bot.settings import Settings
from webhooks.server_log import ServerLog

_settings = Settings.from_environment()
log_lines.configure(_settings.production)
no_core_files()
folder.share(_settings.port, afresh=True)

# Without a token nothing can be checked: then only this machine is let in.
bind = f"{'0.0.0.0' if _settings.auth_tokens else '127.0.0.1'}:{_settings.port}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "webhooks.buffering_worker.BufferingWorker"
preload_app = True
umask = 0o077
timeout = 20
graceful_timeout = 20
backlog = 512
limit_request_line = 2048
limit_request_fields = 60
limit_request_field_size = 4096
accesslog = None  # it would hold addresses; our own log has one line a message
loglevel = "warning"
logger_class = ServerLog
control_socket_disable = True


def when_ready(server: object) -> None:
    """Tell that the address is open."""
    print(f"Ready on http://{bind}", flush=True)


def pre_fork(server: object, worker: object) -> None:
    """Keep what is loaded shared: a garbage collection in a child would copy every page it touches."""
    gc.collect()
    gc.freeze()


def post_fork(server: object, worker: object) -> None:
    """Let the process count in files of its own."""
    counters.begin_in_child()

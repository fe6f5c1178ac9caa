"""A copy of the project that a test may change: staff's commands and the web server, run as on a fresh clone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.settings import MODELS, PROJECT
from tests.conftest import process_environment

_PARTS = ("bot", "flows", "nlu_data", "webhooks", "tests/conversations", "pyproject.toml")


@dataclass
class ProjectCopy:
    """The copy's folder and the environment its commands run in."""

    folder: Path
    environment: dict[str, str]

    def hotline(self, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run `hotline` with `arguments` in the copy."""
        program = "from bot.staff.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            input=text,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a piece of a file, which must be there."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


def copy_project(folder: Path, redis_url: str) -> ProjectCopy:
    """Copy what the commands need, the trained model included."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in _PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    (folder / "models").mkdir()
    for model in MODELS.glob("*.tar.gz"):
        shutil.copy(model, folder / "models")
    vectors = PROJECT / ".hotline" / "sentence_vectors.npz"
    if vectors.is_file():  # else a training in the copy would read ten thousand texts anew
        (folder / ".hotline").mkdir()
        shutil.copy(vectors, folder / ".hotline")
    settings = {"PYTHONPATH": str(folder), "RASA_TELEMETRY_ENABLED": "false", "NO_COLOR": "1"}
    return ProjectCopy(folder, process_environment(redis_url, **settings))

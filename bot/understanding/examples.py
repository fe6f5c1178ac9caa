"""The training examples as plain texts, without Rasa."""

from __future__ import annotations

from pathlib import Path

import yaml


def texts_and_languages(folder: Path) -> tuple[list[str], list[str]]:
    """Every example of a folder of training data, and the language it is filed under."""
    texts: list[str] = []
    languages: list[str] = []
    for path in sorted(folder.glob("*.yml")):
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe)
        for block in data.get("nlu", ()):
            language = str((block.get("metadata") or {}).get("language") or path.stem)
            found = [line.strip().removeprefix("- ") for line in str(block.get("examples", "")).splitlines()]
            texts += filter(None, found)
            languages += [language] * sum(map(bool, found))
    return texts, languages

"""Training the model: when the data, the pipeline or its code changed, and only then."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bot import log_lines
from bot.errors import EngineNotReady
from bot.rasa_engine import quiet_start  # noqa: F401  (before anything of rasa)
from bot.settings import ENGINE, MODELS, NLU_DATA, PROJECT

# What the trained model depends on. Flows are not among it: they are read, not trained.
_CODE = ("bot/understanding", "bot/flow_engine/folding.py", "bot/rasa_engine")


def fingerprint() -> str:
    """Of the data, then of the code: it changes when the model would."""
    return f"{_digest([*NLU_DATA.glob('*.yml'), *ENGINE.glob('*.yml')])}-{code_fingerprint()}"


def code_fingerprint() -> str:
    """Changes when our code could no longer read a model, or would make another."""
    files: list[Path] = []
    for name in _CODE:
        path = PROJECT / name
        files += [path] if path.is_file() else path.glob("*.py")
    return _digest(files)


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:8]


def newest_model(models: Path = MODELS) -> Path | None:
    """The model of the present data, else the newest one, else None."""
    return next(iter(trained_models(models)), None)


def trained_models(models: Path = MODELS) -> list[Path]:
    """Every model that is there: the one of the present data first, then the newer before the older."""
    present = models / f"hotline-{fingerprint()}.tar.gz"
    found = sorted(models.glob("*.tar.gz"), key=lambda path: (path != present, -path.stat().st_mtime))
    return [path for path in found if path.is_file()]


def is_trained(models: Path = MODELS) -> bool:
    """Whether the model of the present data exists."""
    return (models / f"hotline-{fingerprint()}.tar.gz").is_file()


def train(models: Path = MODELS) -> Path:
    """Train and return the model's file. Older models are removed once the new one stands."""
    # Late: it costs six seconds.
    from rasa.model_training import train as rasa_train

    log_lines.configure(production=False)
    result = rasa_train(
        domain=str(ENGINE / "domain.yml"),
        config=str(ENGINE / "config.yml"),
        training_files=[str(NLU_DATA), str(ENGINE / "rules.yml")],
        output=str(models),
        # Rasa's cache knows a component by its class alone and would reuse a model that our code can no longer read.
        force_training=True,
        fixed_model_name=f"hotline-{fingerprint()}",
    )
    if not result.model:
        raise EngineNotReady("Rasa trained no model; see the lines above.")
    for path in models.glob("hotline-*.tar.gz"):
        if path.name != Path(result.model).name:
            path.unlink()
    return Path(result.model)

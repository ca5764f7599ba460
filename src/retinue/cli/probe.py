"""`retinue models probe`."""

import asyncio
from pathlib import Path

from retinue.app.model_probe import Plan, probe_model
from retinue.cli.say import say
from retinue.cli.settings import settings_of
from retinue.models.about.probe import Found

_COLUMN = 20
_WORDS = {True: "yes", False: "no", None: "not found out"}


def run_probe(provider: str | None, model: str | None, *, data: Path | None, config: Path | None) -> None:
    """Probe a model, with a line for each result."""
    settings = settings_of(config=config, data=data, asks_providers=True)
    profile = asyncio.run(probe_model(settings, provider=provider, model=model, begin=_begin, tell=_tell))
    say(f"Kept for {profile.model}; a server takes it up when it starts.")


def _begin(plan: Plan) -> None:
    say(f"Asking {plan.provider} about {plan.model}: {plan.requests} requests at most, of a few tokens each.")


def _tell(found: Found) -> None:
    said = found.answer if isinstance(found.answer, str) else _WORDS[found.answer]
    say(f"  {found.question:<{_COLUMN}} {said}")

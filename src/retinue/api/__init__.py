"""Floor 6: the OpenAI shapes over HTTP. Routes read through the store; every change is a command of the engine."""

from retinue.api.app import build_api

__all__ = ["build_api"]

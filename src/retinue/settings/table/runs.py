"""Settings of runs, and of the models that answer in them."""

from retinue.settings.kinds import Integer, Many, Number, Text
from retinue.settings.table.setting import Setting

_YEAR_S = 86_400 * 365
_TOKENS = Integer(1, 100_000_000)
_MODELS = Many(Text("a model's name"), one_too=True)

RUNS = (
    Setting(
        "run_expires_s",
        Number(0.1, _YEAR_S),
        "Seconds from a run's creation to its expiry.",
        "runs.expires_s",
        "RETINUE_RUN_EXPIRES_S",
    ),
    Setting(
        "max_turns",
        Integer(1, 100_000),
        "Model calls of one run at most.",
        "runs.max_turns",
        "RETINUE_MAX_TURNS",
    ),
    Setting(
        "model",
        Text("a model's name"),
        "What answers for models that no provider has.",
        "models.default",
        "OPENAI_MODEL",
        older=("ASSISTANT_MODEL_TIER",),
        example='"gpt-4o"',
    ),
    Setting(
        "fallbacks",
        _MODELS,
        "What is asked where nothing that serves a name answers, in this order.",
        "models.fallback",
        "RETINUE_FALLBACK",
        example='["groq/llama-3.3-70b-versatile"]',
    ),
    Setting(
        "patience_s",
        Number(0, 3_600),
        "Seconds over which a provider is asked again before a call is given up.",
        "models.patience_s",
        "RETINUE_PATIENCE_S",
    ),
    Setting(
        "reply_tokens",
        _TOKENS,
        "Tokens of one reply at most, unless the run says; without, as many as the model gives.",
        "models.reply_tokens",
        "RETINUE_REPLY_TOKENS",
        older=("MAX_SESSION_TOKENS",),
        example="4096",
    ),
    Setting(
        "turns",
        Integer(1, 1_000_000),
        "The thread's newest turns that a model gets to see at most; without, all that fit.",
        "window.turns",
        "RETINUE_TURNS",
        example="20",
    ),
)

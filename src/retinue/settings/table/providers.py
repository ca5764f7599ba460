"""Settings that come by a provider's name, or a model's."""

from retinue.settings.kinds import Address, Flag, Headers, Integer, Many, Number, Text
from retinue.settings.table.setting import Setting

_TOKENS = Integer(1, 100_000_000)
_MODELS = Many(Text("a model's name"), one_too=True)
_PRICE = Number(0, 1_000_000)

PROVIDER = (
    Setting("base_url", Address(), "Where its API is.", "base_url", example='"https://api.groq.com/openai/v1"'),
    Setting(
        "key",
        Text("the name of the variable that holds the key, such as GROQ_API_KEY"),
        "The variable that holds its key: the key itself stands in no file but .env.",
        "key",
        example='"GROQ_API_KEY"',
    ),
    Setting(
        "models",
        _MODELS,
        "The names that it serves, * for any characters; without, those that it lists.",
        "models",
        example='["llama-*"]',
    ),
    Setting(
        "default_model",
        Text("a model's name"),
        "What serves for names that no provider has.",
        "default_model",
        example='"llama-3.3-70b-versatile"',
    ),
    Setting(
        "headers",
        Headers(),
        "Sent with every request; $VARIABLE is what that holds, $$ a dollar sign.",
        "headers",
        example='{"X-Team" = "$TEAM"}',
    ),
    Setting(
        "dialect",
        Text("a dialect's name"),
        "Whose habits it has; known by its address unless told.",
        "dialect",
        example='"groq"',
    ),
    Setting("parallel", Integer(1, 100_000), "Requests side by side at most; the others wait in turn.", "parallel"),
    Setting("connect_s", Number(0.01, 3_600), "Patience for a connection, seconds.", "connect_s"),
    Setting("first_byte_s", Number(0.01, 86_400), "For the beginning of an answer, seconds.", "first_byte_s"),
    Setting("idle_s", Number(0.01, 86_400), "Between two parts of an answer, seconds.", "idle_s"),
)
"""A [providers.NAME]."""

ABOUT = (
    Setting("context_tokens", _TOKENS, "Prompt and reply together.", "context_tokens", example="128000"),
    Setting("completion_tokens", _TOKENS, "What it says at once at most.", "completion_tokens", example="16384"),
    Setting("images", Flag(), "Whether it takes images.", "images", example="true"),
)
"""A [models.about."NAME"], but for its price."""

PRICE = (
    Setting("prompt", _PRICE, "US dollars for a million tokens.", "prompt", example="2.5"),
    Setting("completion", _PRICE, "US dollars for a million tokens.", "completion", example="10.0"),
    Setting("cached", _PRICE, "Of those of the prompt that come from the provider's cache.", "cached", example="1.25"),
)
"""The price in a [models.about."NAME"]."""

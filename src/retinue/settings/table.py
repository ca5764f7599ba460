"""The one table of all settings: what each takes, and by which names it is set."""

from typing import Any

import msgspec
from msgspec import Struct

from retinue.settings.kinds import (
    Address,
    Choice,
    FilePath,
    Flag,
    Headers,
    HostName,
    Integer,
    Kind,
    Many,
    Module,
    Number,
    Secret,
    Text,
)
from retinue.settings.values import Exposure, ModelSettings, PriceSettings, ProviderSettings, Settings

_YEAR_S = 86_400 * 365
_TOKENS = Integer(1, 100_000_000)
_MODELS = Many(Text("a model's name"), one_too=True)
_PRICE = Number(0, 1_000_000)


class Setting(Struct, frozen=True):
    """One field of the settings."""

    field: str
    """Of the struct that the values make."""
    kind: Kind
    about: str
    """A sentence for people."""
    place: str = ""
    """Where a retinue.toml says it: "server.port", inside of tables that come by name the key alone."""
    variable: str = ""
    older: tuple[str, ...] = ()
    """Names that the variable had elsewhere."""
    example: str = ""
    """A value as a retinue.toml says it, where there is no default to show."""

    @property
    def table(self) -> str:
        """The table of its place."""
        return self.place.rpartition(".")[0]

    @property
    def key(self) -> str:
        """The last part of its place."""
        return self.place.rpartition(".")[2]


CONFIG = Setting(
    "config",
    FilePath(),
    "The retinue.toml to read, where it is none of those that are looked for.",
    variable="RETINUE_CONFIG",
    example='"retinue.toml"',
)
"""Stands in variables and on the command line alone, and is no field of the settings."""

SETTINGS = (
    Setting(
        "base_url",
        Address(),
        "Where the provider is; [providers.NAME] names several.",
        variable="OPENAI_BASE_URL",
        example='"http://127.0.0.1:11434/v1"',
    ),
    Setting(
        "api_key",
        Secret(),
        "The provider's key.",
        variable="OPENAI_API_KEY",
        older=("OPEN_API_KEY",),
        example='"sk-..."',
    ),
    Setting(
        "host",
        Text("an address of this machine"),
        "Address to serve on; one that others can reach only once there is a key.",
        "server.host",
        "RETINUE_HOST",
    ),
    Setting("port", Integer(0, 65_535), "Port; 0 is any free one.", "server.port", "RETINUE_PORT"),
    Setting(
        "hosts",
        Many(HostName()),
        "Further names that the Host header may bear while there is no key.",
        "server.hosts",
        "RETINUE_HOSTS",
        example='["retinue.example"]',
    ),
    Setting(
        "data",
        FilePath(),
        "Folder of the database and the files; the platform's place for data by default.",
        "server.data",
        "RETINUE_DATA",
        example='"retinue-data"',
    ),
    Setting(
        "drain_s",
        Number(0, 3_600),
        "Seconds that live runs get to end when the server is asked to stop.",
        "server.drain_s",
        "RETINUE_DRAIN_S",
    ),
    Setting(
        "log_level",
        Choice(("debug", "info", "warning", "error")),
        "What is logged: debug, info, warning or error, and all that is graver.",
        "server.log_level",
        "RETINUE_LOG_LEVEL",
    ),
    Setting(
        "synchronous",
        Choice(("full", "normal")),
        "full, or normal: faster, and may lose the last commits when the power fails.",
        "store.synchronous",
        "RETINUE_SYNCHRONOUS",
    ),
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
    Setting(
        "embedding_model",
        Text("a model's name"),
        "What embeds files of new vector stores: the built-in model, or one that a provider has.",
        "documents.embedding_model",
        "RETINUE_EMBEDDING_MODEL",
    ),
    Setting(
        "embedding_dimensions",
        Integer(1, 65_536),
        "How many numbers a provider's model is to give for a text, where it leaves the choice.",
        "documents.embedding_dimensions",
        "RETINUE_EMBEDDING_DIMENSIONS",
        example="1024",
    ),
    Setting(
        "index_memory_mb",
        Integer(1, 1_000_000),
        "MB that the indexes of searched vector stores may take; those that were not searched for the longest leave.",
        "documents.index_memory_mb",
        "RETINUE_INDEX_MEMORY_MB",
    ),
    Setting(
        "tools",
        Many(Module()),
        "Python files, or names of modules, whose functions assistants may use.",
        "tools.modules",
        "RETINUE_TOOLS",
        example='["mytools.py"]',
    ),
    Setting(
        "assistant",
        Text("an assistant's id"),
        "The assistant that the terminal talks to unless told otherwise.",
        "terminal.assistant",
        "RETINUE_ASSISTANT",
        older=("ASSISTANT_ID",),
        example='"asst_..."',
    ),
    Setting(
        "script",
        FilePath(),
        "A script for the rehearsal model, which then answers.",
        "rehearsal.script",
        "RETINUE_SCRIPT",
        example='"rehearsal.yaml"',
    ),
)
"""Those of one value each. Paths in a file are relative to its folder."""

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

EXPOSURE = (
    Setting("functions", Many(Text("a function's name")), "Names; * is every function.", "functions"),
    Setting(
        "projects",
        Many(Text("a project's name")),
        "Every assistant of theirs that declares the function.",
        "projects",
        example='["default"]',
    ),
    Setting(
        "assistants",
        Many(Text("an assistant's id, or project/id")),
        'Of the project "default", or project/asst_...',
        "assistants",
        example='["asst_..."]',
    ),
)
"""A [[tools.expose]]."""

_STRUCTS: tuple[tuple[tuple[Setting, ...], type[Struct]], ...] = (
    (SETTINGS, Settings),
    (PROVIDER, ProviderSettings),
    (ABOUT, ModelSettings),
    (PRICE, PriceSettings),
    (EXPOSURE, Exposure),
)


def default_of(setting: Setting) -> Any:
    """Return what is in force where nothing says otherwise; None for a field that must be said."""
    struct = next(struct for settings, struct in _STRUCTS if setting in settings)
    field = next(field for field in msgspec.structs.fields(struct) if field.name == setting.field)
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return None if field.default is msgspec.NODEFAULT else field.default

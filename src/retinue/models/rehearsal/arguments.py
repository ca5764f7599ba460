"""Arguments: the calls that a text asks of one function, filled from what it mentions."""

from retinue.models.base import Json
from retinue.models.rehearsal import mentions
from retinue.models.rehearsal.functions import Function
from retinue.models.rehearsal.missing import MISSING
from retinue.models.rehearsal.picks import Picks
from retinue.models.rehearsal.schema_values import Filler
from retinue.models.rehearsal.schemas import kind, nullable, resolve
from retinue.models.rehearsal.slots import SUBJECTS, slot_of

_MOST_CALLS = 16  # of one function in one turn


def arguments_for(function: Function, text: str) -> list[Json]:
    """Return the arguments of each call: one for every subject that the text names, one call where it names none."""
    said = mentions.find(text)
    subject = _subject(function)
    subjects = Picks(said).every(subject, _schema(function, subject)) if subject else []
    if subject is None or len(subjects) < 2:
        return [_arguments(function, said, {})]
    return [_arguments(function, said, {subject: value}) for value in subjects[:_MOST_CALLS]]


def names_something(function: Function, text: str) -> bool:
    """Whether the text has anything for the parameters that every call needs."""
    picks = Picks(mentions.find(text))
    needed = ((name, _schema(function, name)) for name in function.required)
    return any(picks.pick(name, schema, sure=False) is not MISSING for name, schema in needed)


def _arguments(function: Function, said: mentions.Mentions, known: Json) -> Json:
    """Fill the parameters; what is known of them beforehand stays as it is."""
    rest = {name: schema for name, schema in function.properties.items() if name not in known}
    schema = {**function.parameters, "type": "object", "properties": rest, "required": function.required}
    schema["required"] = [name for name in _required(function) if name not in known]
    filled = Filler(function.parameters, Picks(said), sparse=True).value(schema)
    values = {**filled, **known}
    return {name: values[name] for name in [*function.properties, *values] if name in values}


def _required(function: Function) -> list[str]:
    """Return what must be there, also where the schema has no words for it."""
    named = function.parameters.get("required") or ()
    return list(dict.fromkeys([*function.required, *named]))


def _subject(function: Function) -> str | None:
    """Return the one parameter that tells calls of this function apart; None where it isn't clear which."""
    schemas = {name: schema for name in function.required if not nullable(schema := _schema(function, name))}
    kinds = {name: kind(schema) for name, schema in schemas.items()}
    strings = [name for name, sort in kinds.items() if sort == "string" and slot_of(name, schemas[name]) in SUBJECTS]
    for names in (
        [name for name in strings if "enum" not in schemas[name]],
        [name for name in strings if "enum" in schemas[name]],
        [name for name, sort in kinds.items() if sort in ("integer", "number")],
    ):
        if names:
            return names[0] if len(names) == 1 else None
    return None


def _schema(function: Function, name: str) -> Json:
    schema = resolve(function.properties.get(name), function.parameters)
    return schema if isinstance(schema, dict) else {}

"""How one provider is spoken to: the dialect of each of its models, as known, as found out and as learned meanwhile."""

from collections import OrderedDict
from collections.abc import Iterable

from retinue.core.errors import ModelFault
from retinue.core.model_profile import ModelProfile
from retinue.models.base import Json
from retinue.models.dialects.dialect import Dialect
from retinue.models.dialects.known import for_model
from retinue.models.dialects.lessons import lesson
from retinue.models.faults.faults import StatusFault

_OF_THE_WORDING = (400, 422, 500)
"""llama.cpp answers 500 where a model's template won't take the messages."""
_MEMORY = 1024  # models; their names come from callers


class Speech:
    """The dialects of a provider's models. What it refuses is remembered as long as this lives, and no longer."""

    def __init__(self, base_url: str, dialect: Dialect, profiles: Iterable[ModelProfile] = ()) -> None:
        self._base_url = base_url
        self.dialect = dialect
        """The provider's own, before the habits of its models."""
        self._found = {profile.model: profile.findings for profile in profiles}
        self._dialects: OrderedDict[str, Dialect] = OrderedDict()

    def of(self, model: str) -> Dialect:
        """Return the dialect to ask this model in."""
        if dialect := self._dialects.get(model):
            return dialect
        dialect = for_model(self.dialect, model, self._base_url)
        if findings := self._found.get(model):
            dialect = dialect.found(findings)
        self._remember(model, dialect)
        return dialect

    def learn(self, model: str, dialect: Dialect, fields: Json, fault: ModelFault) -> bool:
        """Learn from the refusal of a request in this dialect; return whether asking again may help."""
        if not isinstance(fault, StatusFault) or fault.status not in _OF_THE_WORDING:
            return False
        if self.of(model) != dialect:  # another request has learned meanwhile
            return True
        lessons = (lesson(dialect, fields, complaint) for complaint in fault.complaints)
        learned = next((one for one in lessons if one is not None), None)
        if learned is not None:
            self._remember(model, learned)
        return learned is not None

    def recognize(self, dialect: Dialect) -> None:
        """Take the provider for one of this kind from now on; what was refused is forgotten."""
        self.dialect = dialect
        self._dialects.clear()

    def _remember(self, model: str, dialect: Dialect) -> None:
        self._dialects[model] = dialect
        self._dialects.move_to_end(model)
        if len(self._dialects) > _MEMORY:
            self._dialects.popitem(last=False)

from unittest.mock import AsyncMock, Mock

import pytest

from retinue.core.errors import ModelFault
from retinue.models.base import ModelCard
from retinue.models.provider.provider import Provider


def provider(*models: str) -> Provider:
    wire = Mock(
        label="Acme", base_url="http://acme/v1", cards=AsyncMock(return_value=[ModelCard(id="m-1", owned_by="acme")])
    )
    wire.name = "acme"
    return Provider(wire, models=models)


async def test_patterns_that_match_none_of_a_providers_models_are_told() -> None:
    with pytest.raises(ModelFault, match=r"None of the 1 models that Acme lists.*\[providers.acme\]: n-\*"):
        await provider("n-*").cards()


async def test_models_named_in_full_need_not_be_listed() -> None:
    assert await provider("n-*", "n-1").cards() == []

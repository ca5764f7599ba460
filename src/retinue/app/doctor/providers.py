"""Whether the providers of models answer."""

from retinue.app.doctor.finding import Finding
from retinue.app.model_survey import SurveyedProvider, survey
from retinue.core.errors import RetinueError
from retinue.settings import Settings

_ABOUT = "Models"


async def providers(settings: Settings) -> list[Finding]:
    """Return a finding of each, or that there is none."""
    try:
        found = await survey(settings)
    except RetinueError as error:
        return [Finding(about=_ABOUT, state="broken", text=error.message)]
    if not found.providers:
        return [Finding(about=_ABOUT, state="hint", text=found.why)]
    return [_provider(provider) for provider in found.providers]


def _provider(provider: SurveyedProvider) -> Finding:
    named = f"{provider.name} ({provider.base_url})"
    if provider.problem:  # which says what to do, too
        return Finding(about=_ABOUT, state="broken", text=f"{named}: {provider.problem}")
    count = len(provider.models)
    text = f"{named} answers in {provider.answered_in_s * 1000:.0f} ms, {count} {'model' if count == 1 else 'models'}"
    return Finding(about=_ABOUT, state="ok", text=text)

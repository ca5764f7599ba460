"""The functions of this server, as the settings name them."""

from retinue.core.errors import InvalidRequest, NotStarted
from retinue.core.key import DEFAULT_PROJECT, check_project
from retinue.settings import Exposure, Settings
from retinue.tools.exposure import Rule
from retinue.tools.loading import load_tools
from retinue.tools.registry import Registry


def open_registry(settings: Settings) -> Registry:
    """Load the modules of the settings, and see who is to have their functions; raises NotStarted."""
    return Registry(load_tools(settings.tools), [_rule(exposure) for exposure in settings.expose])


def _rule(exposure: Exposure) -> Rule:
    return Rule(
        functions=exposure.functions,
        projects=frozenset(map(_project, exposure.projects)),
        assistants=frozenset(map(_assistant, exposure.assistants)),
    )


def _project(name: str) -> str:
    try:
        check_project(name)
    except InvalidRequest as error:
        raise NotStarted(
            f"[[tools.expose]] has a project that is none: {error.message} Name each one whole."
        ) from error
    return name


def _assistant(text: str) -> tuple[str, str]:
    project, slash, assistant_id = text.rpartition("/")
    if not assistant_id or "*" in assistant_id:
        raise NotStarted(
            f"[[tools.expose]] has the assistant {text!r}; write project/asst_..., or asst_... alone for one of the "
            f"project '{DEFAULT_PROJECT}'."
        )
    return _project(project if slash else DEFAULT_PROJECT), assistant_id

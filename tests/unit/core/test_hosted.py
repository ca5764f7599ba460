"""What a model is offered of declared tools."""

from retinue.core.hosted import CODE_INTERPRETER, FILE_SEARCH, offered
from retinue.core.tools import CodeInterpreterTool, FileSearchTool, FunctionTool


def test_what_is_declared_twice_is_offered_once() -> None:
    first, second = FunctionTool(name="f", description="first"), FunctionTool(name="f", description="second")
    offers = offered([FileSearchTool(), first, CodeInterpreterTool(), second, FileSearchTool(max_num_results=3)])
    assert offers == [("file_search", FILE_SEARCH), ("function", first), ("code_interpreter", CODE_INTERPRETER)]


def test_a_function_of_a_hosted_tools_name_is_offered_beside_it() -> None:
    offers = offered([FileSearchTool(), FunctionTool(name="file_search"), FileSearchTool()])
    named = {kind: function.name for kind, function in offers}
    assert (len(offers), named) == (2, {"file_search": "hosted_file_search", "function": "file_search"})

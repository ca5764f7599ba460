"""Objects of the API, as far as a conversation reads them."""

from collections.abc import Mapping

from msgspec import Raw, Struct, field


class Usage(Struct, frozen=True, kw_only=True):
    """Tokens of a run."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class Function(Struct, frozen=True, kw_only=True):
    """What is called; in a delta, a part of it."""

    name: str = ""
    arguments: str = ""


class FileId(Struct, frozen=True, kw_only=True):
    """Which file."""

    file_id: str = ""


class CodeOutput(Struct, frozen=True, kw_only=True):
    """What code came to: `logs` or an `image`."""

    type: str = ""
    logs: str = ""
    image: FileId = FileId()


class CodeInterpreter(Struct, frozen=True, kw_only=True):
    """Code and what it came to; in a delta, a part of it."""

    input: str = ""
    outputs: tuple[CodeOutput, ...] = ()


class ToolCall(Struct, frozen=True, kw_only=True):
    """A call; in a delta, a part of the one with this index."""

    index: int = 0
    id: str = ""
    type: str = "function"
    function: Function = Function()
    code_interpreter: CodeInterpreter | None = None


class SubmitOutputs(Struct, frozen=True, kw_only=True):
    """The calls that wait for the client."""

    tool_calls: tuple[ToolCall, ...] = ()


class RequiredAction(Struct, frozen=True, kw_only=True):
    """What a run waits for."""

    submit_tool_outputs: SubmitOutputs


class LastError(Struct, frozen=True, kw_only=True):
    """Why a run failed."""

    message: str


class IncompleteDetails(Struct, frozen=True, kw_only=True):
    """Why a run or a message is not complete."""

    reason: str = ""


class RunExtras(Struct, frozen=True, kw_only=True):
    """What is Retinue's own of a run."""

    cost_usd: float | None = None


class Run(Struct, frozen=True, kw_only=True):
    """A `thread.run`."""

    id: str
    thread_id: str
    assistant_id: str
    status: str
    model: str
    instructions: str = ""
    required_action: RequiredAction | None = None
    last_error: LastError | None = None
    incomplete_details: IncompleteDetails | None = None
    usage: Usage | None = None
    retinue: RunExtras = RunExtras()

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        return self.status in ("queued", "in_progress", "requires_action", "cancelling")

    @property
    def pending(self) -> tuple[ToolCall, ...]:
        """The calls that wait for the client."""
        return self.required_action.submit_tool_outputs.tool_calls if self.required_action else ()


class Turn(Struct, frozen=True, kw_only=True):
    """A `retinue.turn`: one call of a model."""

    model: str


class CitationExtras(Struct, frozen=True, kw_only=True):
    """What is Retinue's own of a citation."""

    file_name: str = ""
    page: int | None = None
    quote: str = ""


class CitedFile(Struct, frozen=True, kw_only=True):
    """The file that a citation is of."""

    file_id: str = ""


class Citation(Struct, frozen=True, kw_only=True):
    """An annotation of a text, such as a `file_citation`."""

    text: str = ""
    """The marker that stands in the text."""
    start_index: int = 0
    """Where it stands in the whole text of a message, of which a delta has a piece."""
    type: str = "file_citation"
    file_citation: CitedFile = CitedFile()
    file_path: FileId = FileId()
    """Of a link to a file that code wrote."""
    retinue: CitationExtras = CitationExtras()

    def file(self, names: Mapping[str, str]) -> str:
        """Return what the file is called, by these names where they have it."""
        return names.get(self.file_citation.file_id, self.retinue.file_name)

    def source(self, names: Mapping[str, str]) -> str:
        """Return the file and its page, for people; what stands in the text where nobody knows them."""
        if not self.retinue.file_name:
            return self.text
        page = "" if self.retinue.page is None else f", page {self.retinue.page}"
        return f" [{self.file(names)}{page}]"


class Text(Struct, frozen=True, kw_only=True):
    """What a text part says."""

    value: str = ""
    annotations: tuple[Citation, ...] = ()

    def said(self, names: Mapping[str, str]) -> str:
        """Return the text with its sources in place of their markers: of two that read the same, each has its own.

        `names` are those of files, by id, that are called otherwise than in the citation.
        """
        said, end = list[str](), 0
        for citation in sorted(self.annotations, key=lambda one: one.start_index):
            place = self._place(citation, end)
            if citation.text and place >= end:
                said += self.value[end:place], citation.source(names)
                end = place + len(citation.text)
        return "".join((*said, self.value[end:]))

    def _place(self, citation: Citation, after: int) -> int:
        """Return where a marker stands in this piece of a text; -1 for nowhere."""
        if self.value.startswith(citation.text, citation.start_index):
            return citation.start_index
        return self.value.find(citation.text, after)


class Part(Struct, frozen=True, kw_only=True):
    """A part of a message, or of its delta."""

    type: str = "text"
    text: Text = Text()
    image_file: FileId = FileId()


class Message(Struct, frozen=True, kw_only=True):
    """A `thread.message`."""

    id: str
    role: str
    content: tuple[Part, ...] = ()
    attachments: tuple[FileId, ...] | None = None

    def said(self, names: Mapping[str, str]) -> str:
        """Return its text, its sources by these names; what is an image stands in brackets."""
        return "\n".join(part.text.said(names) if part.type == "text" else f"[{part.type}]" for part in self.content)


class MessageChange(Struct, frozen=True, kw_only=True):
    """What a message grew by."""

    content: tuple[Part, ...] = ()


class MessageDelta(Struct, frozen=True, kw_only=True):
    """A `thread.message.delta`."""

    id: str
    delta: MessageChange


class StepDetails(Struct, frozen=True, kw_only=True):
    """What a step does; in a delta, a part of it."""

    tool_calls: tuple[ToolCall, ...] = ()


class StepChange(Struct, frozen=True, kw_only=True):
    """What a step grew by."""

    step_details: StepDetails = StepDetails()


class StepDelta(Struct, frozen=True, kw_only=True):
    """A `thread.run.step.delta`."""

    id: str
    delta: StepChange


class SearchedStores(Struct, frozen=True, kw_only=True):
    """What file search looks through."""

    vector_store_ids: tuple[str, ...] = ()


class CodeFiles(Struct, frozen=True, kw_only=True):
    """What code is given."""

    file_ids: tuple[str, ...] = ()


class Resources(Struct, frozen=True, kw_only=True):
    """What tools may use."""

    file_search: SearchedStores = SearchedStores()
    code_interpreter: CodeFiles = CodeFiles()


class Thread(Struct, frozen=True, kw_only=True):
    """A `thread`."""

    id: str
    tool_resources: Resources | None = None

    @property
    def stores(self) -> tuple[str, ...]:
        """The vector stores that are searched in it."""
        return self.tool_resources.file_search.vector_store_ids if self.tool_resources else ()

    @property
    def code_files(self) -> tuple[str, ...]:
        """The files that code is given in it."""
        return self.tool_resources.code_interpreter.file_ids if self.tool_resources else ()


class AssistantExtras(Struct, frozen=True, kw_only=True):
    """What is Retinue's own of the terminal's assistant."""

    default_model: str | None = None


class Assistant(Struct, frozen=True, kw_only=True):
    """An `assistant`."""

    id: str
    model: str
    name: str | None = None
    instructions: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    tools: tuple[Raw, ...] = ()
    retinue: AssistantExtras = AssistantExtras()


class Model(Struct, frozen=True, kw_only=True):
    """A `model`."""

    id: str
    owned_by: str = ""


class Tool(Struct, frozen=True, kw_only=True):
    """A `retinue.tool`: a function that the server runs."""

    name: str
    declaration: Raw
    """As an assistant declares it."""
    assistants: tuple[str, ...] | None = None
    """None is all."""

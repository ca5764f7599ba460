"""What the code of a run has produced for its user: charts to be shown, files to be handed over."""

from collections.abc import Sequence

from msgspec import Struct

from retinue.core.history import History
from retinue.core.item import Attachment, ImageFile, Message, ToolOutput


class Produced(Struct, frozen=True):
    """Charts and files that no message of the run has shown yet."""

    charts: tuple[str, ...] = ()
    """Ids of their files, in their order."""
    files: tuple[str, ...] = ()
    """Ids, the newest of each path."""

    @property
    def images(self) -> tuple[ImageFile, ...]:
        """The charts as parts of a message."""
        return tuple(ImageFile(file_id=id_) for id_ in self.charts)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The files as a message brings them along."""
        return tuple(Attachment(file_id=id_, tools=("code_interpreter",)) for id_ in self.files)


def unshown(history: History) -> Produced:
    """Return what the run's next message is to show. One that was broken off or rejected has shown nothing."""
    if not any(isinstance(item, ToolOutput) and (item.charts or item.files) for item in history.items):
        return Produced()
    outputs = [output for step in history.steps for output in history.outputs_of(step)]  # in the order of the calls
    shown, handed_over = _shown([item for item in history.items if isinstance(item, Message)])
    charts = dict.fromkeys(id_ for output in outputs for id_ in output.charts if id_ not in shown)
    newest = {file.path: file.file_id for output in outputs for file in output.files}
    return Produced(tuple(charts), tuple(id_ for id_ in newest.values() if id_ not in handed_over))


def _shown(messages: Sequence[Message]) -> tuple[set[str], set[str]]:
    whole = [message for message in messages if message.status == "completed"]
    images = {part.file_id for message in whole for part in message.content if isinstance(part, ImageFile)}
    return images, {file.file_id for message in whole for file in message.attachments}

"""Documents of older and rarer types, read whole by Kreuzberg: .doc, .rtf, .odt, .epub."""

from contextlib import closing
from pathlib import Path

from retinue.knowledge.reading.base import Unreadable
from retinue.knowledge.reading.package import Package
from retinue.knowledge.reading.pages import Pieces, ReadPieces

_LARGEST = 64 << 20  # bytes: it has a file in memory several times over
_MISSING = (
    "This server does not read files of this type. Save it as PDF or .docx and upload that, or have its owner install "
    "Kreuzberg: pip install kreuzberg"
)
_DAMAGED = "The file is damaged: it can't be read. Save it anew, or as PDF, and upload that."
_TOO_LARGE = "The file is too large for its type: {} MB at most are read. Save it as PDF or as .docx and upload that."


def reader_of(media_type: str, *, is_package: bool = False) -> ReadPieces:
    """Return what reads files of a type."""

    def read(path: Path) -> Pieces:
        if path.stat().st_size > _LARGEST:
            raise Unreadable("invalid_file", _TOO_LARGE.format(_LARGEST >> 20))
        if is_package:
            with closing(Package(path)) as package:
                package.bound()
        yield None, _extracted(path, media_type)

    return read


def _extracted(path: Path, media_type: str) -> str:
    try:
        import kreuzberg  # 100 MB, which few need
    except ImportError as fault:
        raise Unreadable("unsupported_file", _MISSING) from fault
    config = kreuzberg.ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        output_format="plain",
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
    )
    try:
        text: str = kreuzberg.extract_bytes_sync(path.read_bytes(), media_type, config).content
    except kreuzberg.KreuzbergError as fault:
        raise Unreadable("invalid_file", _DAMAGED) from fault
    return text

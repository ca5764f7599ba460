"""Write the ranks of the encodings that tokens are counted with, from the copies in the npm package js-tiktoken.

    npm pack js-tiktoken@1.0.21 && python scripts/ranks.py js-tiktoken-1.0.21.tgz

The files come out as OpenAI publishes them, byte for byte: what is written bears the digests that tiktoken's own
`tiktoken_ext/openai_public.py` asks for, or is not written.
"""

import json
import re
import sys
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "src" / "retinue" / "models" / "tokens" / "ranks"

DIGESTS = {
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
}


def main(archive: Path) -> None:
    """Write every encoding's file; exits with a sentence if one is not what it should be."""
    with tarfile.open(archive) as package:
        for name, digest in DIGESTS.items():
            member = package.extractfile(f"package/dist/ranks/{name}.js")
            if member is None:
                sys.exit(f"{archive} has no ranks of {name}.")
            ranks = "".join(lines_of(member.read().decode())).encode()
            if sha256(ranks).hexdigest() != digest:
                sys.exit(f"The ranks of {name} in {archive} are not the ones that OpenAI publishes.")
            (FOLDER / f"{name}.tiktoken").write_bytes(ranks)


def lines_of(module: str) -> Iterator[str]:
    """Yield a token and its rank a line; the module packs them as `! FIRST_RANK TOKEN TOKEN ...` a line."""
    exported = re.search(r"export default (\{.*\})", module, re.DOTALL)
    packed = json.loads(exported[1])["bpe_ranks"] if exported else ""
    for line in packed.splitlines():
        _, first, *tokens = line.split()
        yield from (f"{token} {rank}\n" for rank, token in enumerate(tokens, int(first)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Containers as the API shows them."""

from msgspec import structs

from retinue.api.containers import render
from retinue.core.container import Container, ContainerFile

NOW = 1_700_000_000.5
MADE = Container(id="cntr_1", created_at=NOW, name="C", last_active_at=NOW)


def test_a_container_is_expired_twenty_minutes_after_its_last_use() -> None:
    assert render.container(MADE, now=NOW + 1_199)["status"] == "running"
    assert render.container(MADE, now=NOW + 1_200)["status"] == "expired"


def test_a_threads_container_names_it_and_lasts() -> None:
    shown = render.container(structs.replace(MADE, thread_id="thread_1", expires_minutes=None), now=NOW + 1e9)
    assert (shown["status"], shown["retinue"]) == ("running", {"thread_id": "thread_1"})
    assert "expires_after" not in shown


def test_a_file_is_shown_with_its_whole_path_and_whose_bytes_it_has() -> None:
    own = ContainerFile(
        id="cfile_1",
        container_id="cntr_1",
        created_at=NOW,
        path="plots/a.png",
        size=3,
        sha256="0" * 64,
        source="assistant",
        blob="blob_1",
    )
    assert render.file(own) == {
        "id": "cfile_1",
        "object": "container.file",
        "created_at": int(NOW),
        "container_id": "cntr_1",
        "bytes": 3,
        "path": "/mnt/data/plots/a.png",
        "source": "assistant",
    }
    assert render.file(structs.replace(own, blob=None, file_id="file-1"))["retinue"] == {"file_id": "file-1"}

"""A folder of mixed documents is asked questions: each answer cites the right file, and the right page of it."""

from collections.abc import Iterator

import pytest
from openai import OpenAI

from acceptance.asking import Answer, ask, ask_streamed, assistant_with, client_of, store_of
from acceptance.larkhaven import QUESTIONS, Question, documents
from acceptance.server import Server

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("documents") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def client(served: Server) -> Iterator[OpenAI]:
    with client_of(served.base_url) as client:
        yield client


@pytest.fixture(scope="module")
def town(client: OpenAI) -> str:
    """An assistant that searches the town's documents."""
    return assistant_with(client, store_of(client, documents()))


def right(question: Question, answer: Answer) -> bool:
    """Whether the answer says what it should, and cites no other place for it first."""
    first = answer.cited[0] if answer.cited else None
    return (
        first is not None
        and (first.file, first.page) == (question.file, question.page)
        and question.says in answer.text
        and question.says in first.quote
    )


def test_the_right_file_and_page_are_cited(client: OpenAI, town: str) -> None:
    answers = {question: ask(client, town, question.asked) for question in QUESTIONS}
    assert [(question, answer) for question, answer in answers.items() if not right(question, answer)] == []


def test_streamed_answers_cite_the_same(client: OpenAI, town: str) -> None:
    for question in QUESTIONS[::4]:
        streamed, whole = ask_streamed(client, town, question.asked), ask(client, town, question.asked)
        assert streamed == whole


def test_what_stands_nowhere_is_not_made_up(client: OpenAI, town: str) -> None:
    answer = ask(client, town, "Which airline flies to Buenos Aires?")
    assert (answer.text, answer.cited) == ("The files do not say.", ())


def test_several_questions_at_once_are_answered_each_from_its_own_file(client: OpenAI, town: str) -> None:
    answer = ask(client, town, "Who is the coxswain of the lifeboat, and who is the librarian?")
    assert [cited.file for cited in answer.cited] == ["lifeboat.docx", "library.html"]

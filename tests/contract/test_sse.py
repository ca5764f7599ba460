from contract.sse import Event, parse


def test_events_are_read_with_name_data_and_number() -> None:
    lines = ["event: thread.created", 'data: {"id":"thread_1"}', "id: 7", "", "event: done", "data: [DONE]", ""]
    assert list(parse(lines)) == [Event("thread.created", {"id": "thread_1"}, 7), Event("done", "[DONE]")]


def test_comments_and_an_event_without_end_are_passed_over() -> None:
    assert list(parse([": ping", "", "event: done\r\n", "data: [DONE]\r\n"])) == []


def test_data_of_several_lines_is_one_value() -> None:
    assert list(parse(["event: error", "data: {", 'data: "a": 1}', ""])) == [Event("error", {"a": 1})]

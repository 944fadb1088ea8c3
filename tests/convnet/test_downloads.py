"""Downloads from a local server that may answer in many ways."""

import threading

import pytest

from convnet.downloads import DownloadError, pieces
from tests import publisher as how
from tests.publisher import closed_port, published

CONTENT = bytes(range(256)) * 1000
SILENCE = 2  # seconds: on a busy machine, the server may need a second to answer


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server():
    with published({"file": CONTENT}) as server:
        yield server


def test_a_file_comes_in_pieces_with_its_size(server):
    came = list(pieces(server.address + "file"))
    assert b"".join(piece for piece, _ in came) == CONTENT
    assert {size for _, size in came} == {len(CONTENT)}
    assert len(came) > 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (how.missing, "127.0.0.1 answers 404 Not Found"),
        (how.half, "the connection to 127.0.0.1 broke off"),
        (how.hang_up, "the connection to 127.0.0.1 broke off"),
        (how.silence, "127.0.0.1 did not answer for 2 seconds"),
        (how.drip_of_headers, "127.0.0.1 did not answer for 2 seconds"),
        (how.drip, "127.0.0.1 sends too slowly, less than 20 kB in a second"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_goes_wrong_is_said_in_half_a_sentence(server, answer, why):
    server.answer = answer
    with pytest.raises(DownloadError, match=f"^{why}$"):
        list(pieces(server.address + "file", silence=SILENCE))


def test_what_came_before_a_silence_is_kept_and_does_not_lengthen_it(server):
    server.answer = how.silence_in_the_middle
    came = []
    with pytest.raises(DownloadError, match="^127.0.0.1 sent nothing more for 2 seconds$"):
        for piece, size in pieces(server.address + "file", silence=SILENCE):
            assert size is None
            came.append(piece)
    assert b"".join(came) == CONTENT[:128_000]


def test_a_silence_is_named_even_if_this_thread_had_to_wait_for_a_processor(server):
    server.answer = how.silence_in_the_middle
    others = threading.enumerate()  # readers of other tests may still wait
    arriving = pieces(server.address + "file", silence=SILENCE)
    next(arriving)
    new = (thread for thread in threading.enumerate() if thread not in others)
    (reader,) = (thread for thread in new if thread.name.endswith("(read)"))
    reader.join()  # until its own timeout
    with pytest.raises(DownloadError, match="^127.0.0.1 sent nothing more for 2 seconds$"):
        list(arriving)


def test_without_a_connection_nothing_is_waited_for():
    with pytest.raises(DownloadError, match="^there is no connection to 127.0.0.1$"):
        list(pieces(f"http://127.0.0.1:{closed_port()}/file"))


def test_a_server_without_a_certificate_is_not_believed(server):
    with pytest.raises(DownloadError, match="^127.0.0.1 cannot prove who it is"):
        list(pieces(server.address.replace("http:", "https:") + "file"))


def test_a_notebook_shows_the_text_and_no_traceback():
    text = "The file was not there. " * 10
    shown = DownloadError(text)._render_traceback_()
    assert " ".join(shown) == text.strip()
    assert max(map(len, shown)) <= 90

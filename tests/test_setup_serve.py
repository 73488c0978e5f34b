"""The console script from outside: one installation that is served, asked, backed up and restored."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from voronka.config.postgres import Cluster


def environment(folder):
    variables = {**os.environ, "VORONKA_DATA": str(folder), "VORONKA_LANGUAGE": "en", "PYTHONWARNINGS": "ignore"}
    variables.pop("DATABASE_URL", None)
    return variables


def voronka(folder, *arguments, text=None, language="en"):
    command = [sys.executable, "-m", "voronka", *map(str, arguments)]
    variables = environment(folder) | {"VORONKA_LANGUAGE": language}
    return subprocess.run(command, env=variables, capture_output=True, text=True, input=text)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path="/"):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20).status
    except urllib.error.HTTPError as answer:
        return answer.code


def wait_for(stream, words):
    """Read lines until one has the words. The process ends its output when it ends, so this ends too."""
    seen = []
    for line in stream:
        seen.append(line)
        if words in line:
            return line
    raise AssertionError("".join(seen))


@pytest.fixture(scope="module")
def top():
    folder = Path(tempfile.mkdtemp(prefix="voronka-setup-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def installed(top):
    """A data folder with its tables made."""
    folder = top / "наши данные"
    done = voronka(folder, "migrate")
    assert done.returncode == 0, done.stderr
    yield folder
    Cluster(folder).stop()


@pytest.fixture
def served(installed):
    """`voronka serve` on a free port: (process, port)."""
    port = free_port()
    command = [sys.executable, "-m", "voronka", "serve", "--port", str(port), "--workers", "2"]
    with subprocess.Popen(command, env=environment(installed), stderr=subprocess.PIPE, text=True) as process:
        wait_for(process.stderr, f"serves http://127.0.0.1:{port}/")
        yield process, port
        if process.poll() is None:
            process.terminate()


def test_pages_are_served_and_a_stop_stops_everything(installed, served):
    process, port = served
    assert get(port) < 500
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert Cluster(installed).process() is None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_second_server_on_the_folder_is_refused_in_one_sentence(installed, served):
    process, port = served
    second = voronka(installed, "serve", "--port", free_port())
    assert second.returncode == 1
    assert len(second.stderr.strip().splitlines()) == 1
    assert f"process {process.pid}" in second.stderr
    assert f"http://127.0.0.1:{port}/" in second.stderr


def test_a_command_beside_the_server_uses_its_database_and_leaves_it_running(installed, served):
    _process, port = served
    running = Cluster(installed).process()
    assert voronka(installed, "user", "list").returncode == 0
    assert Cluster(installed).process() == running
    assert get(port) < 500


def test_a_killed_server_is_followed_by_a_new_one(installed, served):
    process, port = served
    process.kill()
    process.wait()
    command = [sys.executable, "-m", "voronka", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment(installed), stderr=subprocess.PIPE, text=True) as again:
        wait_for(again.stderr, f"serves http://127.0.0.1:{port}/")
        assert get(port) < 500
        again.terminate()
        assert again.wait(30) == 0
    # The killed one's worker may be ending still; the last user of the folder stops the database.
    deadline = time.monotonic() + 60
    while Cluster(installed).process() is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert Cluster(installed).process() is None


def test_a_port_in_use_is_refused(installed):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        done = voronka(installed, "serve", "--port", holder.getsockname()[1])
    assert done.returncode == 1
    assert "Choose another port with --port" in done.stderr


def test_people_are_added_listed_and_given_passwords(installed):
    good = "correct horse battery"
    added = voronka(installed, "user", "add", "ann@example.org", "--role", "director", "--json", text=good)
    assert json.loads(added.stdout)["role"] == "director", added.stderr
    people = json.loads(voronka(installed, "user", "list", "--json").stdout)["users"]
    assert [person["email"] for person in people if person["role"] == "director"] == ["ann@example.org"]
    assert voronka(installed, "user", "password", "ANN@example.org", text="another good phrase").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "text", "sentence"),
    [
        (["add", "bob@example.org"], "123", "too short"),
        (["add", "not an address"], "correct horse battery", "not an address"),
        (["add", "bob@example.org", "--role", "king"], "correct horse battery", "There is no role king"),
        (["password", "nobody@example.org"], "correct horse battery", "Nobody signs in"),
    ],
)
def test_what_is_refused_is_said_in_one_sentence(installed, arguments, text, sentence):
    done = voronka(installed, "user", *arguments, text=text)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "bob@example.org" not in voronka(installed, "user", "list").stdout


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_file_that_is_no_table_is_refused_and_nothing_is_left_of_it(installed, top, language):
    voronka(installed, "user", "add", "carl@example.org", "--role", "director", text="correct horse battery")
    picture, empty = top / "photo.xlsx", top / "empty.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    empty.write_bytes(b"")
    for file, sentences in (
        (picture, {"en": "This is a picture, not a table.", "ru": "Это картинка, а не таблица."}),
        (empty, {"en": "The file is empty.", "ru": "Файл пустой."}),
    ):
        done = voronka(installed, "import", file, "--user", "carl@example.org", "--json", language=language)
        assert (done.returncode, done.stdout) == (1, "")
        assert sentences[language] in done.stderr
        assert "Traceback" not in done.stderr
    assert json.loads(voronka(installed, "imports", "--json").stdout)["imports"] == []


def test_wrong_usage_is_told_from_a_refusal(top):
    assert voronka(top, "serve", "--port", "many").returncode == 2
    assert voronka(top, "no-such-command").returncode == 2
    assert voronka(top, "--version").stdout.startswith("voronka ")


def test_a_backup_is_restored_into_a_new_folder_and_nowhere_else(top, installed):
    (installed / "files").mkdir(exist_ok=True)
    (installed / "files" / "письмо.txt").write_text("Привет")
    voronka(installed, "user", "add", "kept@example.org", text="correct horse battery")
    archive = top / "копия.tar"
    assert voronka(installed, "backup", archive, "--json").returncode == 0

    assert "data here already" in voronka(installed, "restore", archive).stderr
    other = top / "другое место"
    restored = voronka(other, "restore", archive, "--json")
    assert json.loads(restored.stdout)["migrations"] == 0, restored.stderr
    assert (other / "files" / "письмо.txt").read_text() == "Привет"
    assert "kept@example.org" in voronka(other, "user", "list").stdout


def test_a_broken_backup_changes_nothing(top):
    broken = top / "broken.tar"
    broken.write_bytes(b"not a tar file")
    target = top / "empty"
    done = voronka(target, "restore", broken)
    assert done.returncode == 1
    assert "not a whole backup" in done.stderr


def test_secrets_of_two_installations_differ(installed, top):

    voronka(top / "second", "user", "list")
    assert (installed / "secrets" / "django").read_text() != (top / "second" / "secrets" / "django").read_text()

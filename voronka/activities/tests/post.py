"""Real mail servers on loopback: one that takes letters, one that keeps mailboxes."""

import email
import socket
import subprocess
import sys
import time
from email import policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from imap_tools import MailBoxUnencrypted
from pysasl.hashing import BuiltinHash


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Taker:
    """Keeps the letters that arrive; refuses recipients named in `refused`, and everything once for each of `refusals`."""

    def __init__(self):
        self.letters, self.refused, self.refusals = [], {}, []

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.refusals:
            return self.refusals.pop()
        self.letters.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 Taken"


def taking():
    """(what arrived, the server); the caller stops the server."""
    taker = Taker()
    server = Controller(taker, hostname="127.0.0.1", port=free_port())
    server.start()
    return taker, server


class Server:
    """An IMAP4rev1 server (pymap) with the mailboxes alice@ours.example and bob@ours.example, kept in a folder."""

    PASSWORD = "pass word"

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None
        names = ("alice", "bob")
        secret = BuiltinHash().hash(self.PASSWORD)
        lines = {
            "passwd": [f"{name}@ours.example:x:1000:1000::{name}:" for name in names],
            "shadow": [f"{name}@ours.example:{secret}:::::::" for name in names], "group": [],
        }  # fmt: skip
        for file, written in lines.items():
            (folder / f"pymap-etc-{file}").write_text("".join(f"{line}\n" for line in written))

    def start(self):
        program = str(Path(sys.executable).with_name("pymap"))
        place = ["--host", "127.0.0.1", "--port", str(self.port), "--no-tls", "maildir", str(self.folder)]
        self.process = subprocess.Popen([program, *place], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _try in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("the IMAP server did not start")

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def box(self, name="alice"):
        """A connection of the mail program of a person."""
        return MailBoxUnencrypted("127.0.0.1", self.port).login(f"{name}@ours.example", self.PASSWORD)

    def put(self, *written, name="alice", folder="INBOX"):
        """Letters arrive in a folder, which is made if it is not there."""
        with self.box(name) as box:
            if not box.folder.exists(folder):
                box.folder.create(folder)
            for one in written:
                box.append(one if isinstance(one, bytes) else one.as_bytes(policy=policy.SMTP), folder)


def letter(
    sender="anna@romashka.example", to="alice@ours.example", subject="Chairs", text="We take oak.", key="<1@romashka.example>", *,
    html="", date="Mon, 02 Feb 2026 10:00:00 +0300", files=(), **headers,
):  # fmt: skip
    """A letter as a mail program writes it."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    if date:
        made["Date"] = date
    if key:
        made["Message-ID"] = key
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made

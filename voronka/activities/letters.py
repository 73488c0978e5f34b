"""Letters as they travel: read from bytes, cleaned, told apart by their Message-ID; templates filled in. Plain functions of plain values."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import Any, Final

import nh3

# More of a letter is neither shown nor searched; the mailbox has the rest.
TEXT_MOST: Final = 100_000
HTML_MOST: Final = 500_000
ADDRESSES_MOST: Final = 200
THREAD_MOST: Final = 100
KEY_LENGTH: Final = 250
# Pictures inside the text below this size are logos of signatures.
LOGO: Final = 16 * 1024
FIELDS: Final = ("contact", "partner", "deal", "sender")
_FIELD: Final = re.compile(r"\{(\w*)\}")
_KEY: Final = re.compile(r"<([^<>\s]+)>")
_ADDRESS: Final = re.compile(r"[^@\s<>\",;]+@[^@\s<>\",;]+")

TAGS: Final = {
    "a", "abbr", "b", "blockquote", "br", "caption", "center", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
ATTRIBUTES: Final = {
    "a": {"href", "title"}, "td": {"align", "colspan", "rowspan"}, "th": {"align", "colspan", "rowspan"}, "ol": {"start"}, "blockquote": {"cite"},
}  # fmt: skip
_BLOCKS: Final = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "pre", "hr"}


@dataclass(frozen=True)
class Enclosed:
    """A file in a letter."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Headers:
    """What the envelope of a letter says; addresses are small letters, each once. `key` tells letters apart."""

    key: str
    sender: str
    sender_name: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    sent_at: datetime | None
    answers: tuple[str, ...] = ()

    @property
    def addresses(self) -> list[str]:
        """Everybody named, the sender first."""
        return list(dict.fromkeys(one for one in (self.sender, *self.to, *self.cc) if one))


@dataclass(frozen=True)
class Incoming:
    """A whole letter: its words as text and, if it had any, as clean HTML."""

    headers: Headers
    text: str
    html: str = ""
    files: tuple[Enclosed, ...] = field(default=())


def read_headers(raw: bytes) -> Headers:
    """The envelope of a letter from its bytes, whatever is wrong with them."""
    return _headers(BytesParser(policy=policy.default).parsebytes(raw, headersonly=True))  # type: ignore[arg-type]


def read(raw: bytes) -> Incoming:
    """A letter from its bytes. What can't be decoded is replaced, never refused: one broken letter stops no mailbox."""
    message: Any = BytesParser(policy=policy.default).parsebytes(raw)
    plain, marked = _body(message, "plain"), _body(message, "html")
    html = clean_html(marked) if marked else ""
    text = plain or text_of(marked)
    return Incoming(_headers(message), tidy(text)[:TEXT_MOST], html[:HTML_MOST], tuple(_files(message)))


def _headers(message: EmailMessage) -> Headers:
    sender_name, sender = next(iter(_people(message, "from")), ("", ""))
    subject = tidy(_header(message, "subject")).replace("\n", " ")
    to, cc = (tuple(dict.fromkeys(address for _name, address in _people(message, name))) for name in ("to", "cc"))
    answers = dict.fromkeys(
        [*_KEY.findall(_header(message, "references")), *_KEY.findall(_header(message, "in-reply-to"))]
    )
    headers = Headers(
        "", sender, tidy(sender_name)[:200], to[:ADDRESSES_MOST], cc[:ADDRESSES_MOST], subject, _moment(message),
        tuple(short_key(one) for one in answers)[-THREAD_MOST:],
    )  # fmt: skip
    found = _KEY.search(_header(message, "message-id"))
    return Headers(**{**headers.__dict__, "key": short_key(found[1]) if found else own_key(headers)})


def short_key(key: str) -> str:
    """A Message-ID as it is kept: whole, or its digest when it is longer than anybody needs."""
    key = tidy(key)
    return key if len(key) <= KEY_LENGTH else f"{hashlib.sha256(key.encode()).hexdigest()}@long.invalid"


def own_key(headers: Headers) -> str:
    """What stands for a Message-ID where a letter has none, or one that another letter has: the same letter gives the same key."""
    told = (headers.sender, *headers.to, *headers.cc, headers.subject, str(headers.sent_at))
    return f"{hashlib.sha256(chr(0).join(told).encode()).hexdigest()}@none.invalid"


def _header(message: EmailMessage, name: str) -> str:
    """A header as text; the parser itself fails on some that are broken."""
    try:
        return str(message.get(name, ""))
    except (ValueError, LookupError, AttributeError, TypeError, IndexError):
        raw = next((value for key, value in message.raw_items() if key.lower() == name), "")
        return str(raw).encode("ascii", "replace").decode()


def _people(message: EmailMessage, name: str) -> list[tuple[str, str]]:
    """(name, address) of a header of addresses."""
    header: Any
    try:
        header = message.get(name)
    except (ValueError, LookupError, AttributeError, TypeError, IndexError):
        header = None
    if isinstance(header, AddressHeader):
        return [(one.display_name, address) for one in header.addresses if (address := small(one.addr_spec))]
    return [(words, small(address)) for words, address in getaddresses([_header(message, name)]) if small(address)]


def small(address: str) -> str:
    """An address as it is compared; empty for what is none."""
    found = tidy(address).strip().lower()
    return found if len(found) <= 254 and _ADDRESS.fullmatch(found) else ""


def _moment(message: EmailMessage) -> datetime | None:
    """The Date header in UTC, to the second; None where it is missing or nonsense."""
    try:
        found = message["date"].datetime if message["date"] else None
        return found.astimezone(UTC).replace(microsecond=0) if found and found.year > 1970 else None
    except (ValueError, LookupError, AttributeError, TypeError, OverflowError):
        return None


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return _content(part) if part is not None else ""


def _content(part: Any) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError, KeyError):  # a charset nobody knows, or bytes that are not of it
        return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")


def _files(message: EmailMessage) -> Iterable[Enclosed]:
    """What was attached; pictures inside the text too, unless they are as small as logos."""
    for part in message.walk():
        if part.is_multipart() or (part.get_content_type() in ("text/plain", "text/html") and not part.is_attachment()):
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and (part.is_attachment() or len(content) >= LOGO or not part["content-id"]):
            yield Enclosed(part.get_filename() or "file", content)


def clean_html(html: str) -> str:
    """HTML that can do nothing: no scripts, forms, pictures, styles; links open elsewhere and tell nobody where from."""
    return nh3.clean(
        html[: 4 * HTML_MOST], tags=TAGS, attributes=ATTRIBUTES, clean_content_tags={"script", "style", "title"},
        url_schemes={"http", "https", "mailto", "tel"}, link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    ).replace("\x00", "")  # fmt: skip


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in _BLOCKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def text_of(html: str) -> str:
    """The words of HTML, blocks on lines of their own."""
    words = _Words()
    words.feed(nh3.clean(html[: 4 * HTML_MOST], tags=_BLOCKS, attributes={}))
    words.close()
    lines = (" ".join(line.split()) for line in "".join(words.found).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def tidy(text: str) -> str:
    """Text the database can hold: no NUL, no halves of characters, lines ended alike."""
    return text.replace("\x00", "").replace("\r\n", "\n").encode("utf-8", "replace").decode().strip()


def own_words(text: str) -> str:
    """A letter without what it answers: up to the first quoted line and the line that introduces it."""
    lines = text.split("\n")
    quoted = next((number for number, line in enumerate(lines) if line.startswith(">")), len(lines))
    kept = lines[:quoted]
    while quoted < len(lines) and kept and (not kept[-1].strip() or kept[-1].rstrip().endswith(":")):
        kept.pop()
    return "\n".join(kept).strip() or text.strip()


def quoted(text: str, introduced: str) -> str:
    """What an answer quotes, below the line that introduces it."""
    return f"\n\n{introduced}\n" + "\n".join(f"> {line}".rstrip() for line in own_words(text).split("\n")[:200])


def answer_subject(subject: str) -> str:
    """The subject of an answer: "Re: " once."""
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def filled(text: str, values: Mapping[str, str]) -> str:
    """A template with its fields filled in; braces around anything else stay."""
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), text)


def unknown_fields(text: str) -> list[str]:
    """Fields of a template nobody fills in."""
    return [one for one in dict.fromkeys(_FIELD.findall(text)) if one not in FIELDS]


def split_addresses(text: str) -> tuple[list[str], list[str]]:
    """(addresses, what is none) of a line with commas, semicolons or line ends; names beside the addresses are left out."""
    good, bad = [], []
    for piece in re.split(r"[,;\n]+", text):
        inside = _KEY.search(piece)
        found = small(inside[1] if inside else piece)
        if found:
            good.append(found)
        elif piece.strip():
            bad.append(piece.strip())
    return list(dict.fromkeys(good)), bad

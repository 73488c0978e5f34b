"""Who may be reached by which channel, and how a person is recognised in a text. Plain functions of plain values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, Final

# Nobody is written to without consent (152-FZ art. 9, 38-FZ art. 18; GDPR art. 6, ePrivacy art. 13). A call or a letter is stopped by an
# objection: otherwise there would be no first call to anybody.
CONSENT_NEEDED: Final = ("email", "sms", "messenger")
# The columns of a partner and of a contact that lead to a person by a channel; any of them filled is enough.
ADDRESSES: Final[dict[str, tuple[str, ...]]] = {
    "email": ("email",),
    "phone": ("phone", "phone2", "mobile"),
    "sms": ("phone", "phone2", "mobile"),
    "messenger": ("phone", "phone2", "mobile"),
    "post": (),
}
# A word shorter than this is no name one could look for.
SHORTEST: Final = 3
_VOWELS: Final = "аеиоуыэюяйь"
# What may stand behind the stem of a Russian name in one of its six cases.
_ENDINGS: Final = "а|я|у|ю|е|ё|ы|и|ь|й|о|м|ой|ей|ом|ем|ём|ою|ею|ым|им|ого|его|ому|ему|ых|их|ыми|ими|ам|ям|ами|ями"


def needs_consent(channel: str) -> bool:
    """Whether a message by this channel needs a consent; elsewhere only an objection stops it."""
    return channel in CONSENT_NEEDED


def normal(text: str) -> str:
    """A typed name as it is compared: one space between words, small letters, ё as е."""
    return " ".join(text.lower().replace("ё", "е").split())


def phone_pattern(phone: str) -> str:
    """A regular expression for a phone however it is written: "+7 (916) 123-45-67", "89161234567". Empty for less than seven digits."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) < 7:
        return ""
    russian = len(digits) == 11 and digits[0] in "78"
    body = r"[ ().-]{0,3}".join(digits[1:] if russian else digits)
    return rf"(\+?[78][ ().-]{{0,3}})?{body}" if russian else rf"\+?{body}"


def exact_pattern(text: str) -> str:
    """A regular expression for a text as it stands: spaces of any width, е as ё; only whole where it begins or ends with a letter."""
    words = [re.escape(word).replace("е", "[её]") for word in text.lower().replace("ё", "е").split()]
    body = "[[:space:]]+".join(words)
    left = r"\m" if text[:1].isalnum() else ""
    right = r"\M" if text[-1:].isalnum() else ""
    return f"{left}{body}{right}"


def name_pattern(name: str) -> str:
    """A regular expression for a full name with the first and the last word in either order. Empty for a single word: many share it."""
    words = name.split()
    if len(words) < 2:
        return ""
    turned = " ".join([words[-1], *words[:-1]]) if len(words) == 2 else " ".join([*words[1:], words[0]])
    return "|".join(dict.fromkeys((exact_pattern(name), exact_pattern(turned))))


def word_pattern(name: str) -> str:
    """A regular expression for every word of a name with its Russian endings: Петрова, Петровой, Петрову. Empty without such a word."""
    stems = []
    for word in re.findall(r"[^\W\d_]+", name.lower().replace("ё", "е")):
        if len(word) >= SHORTEST:
            stem = word[:-1] if word[-1] in _VOWELS and len(word) > SHORTEST else word
            stems.append(re.escape(stem).replace("е", "[её]"))
    return rf"\m({'|'.join(stems)})({_ENDINGS})?\M" if stems else ""


def mentioning(value: Any, pattern: re.Pattern[str]) -> Any:
    """Of a JSON value only the parts that mention: whole rows of texts, single entries of objects. None where nothing does."""
    if isinstance(value, dict):
        kept = {key: part for key, one in value.items() if (part := mentioning(one, pattern)) is not None}
        return kept or None
    if isinstance(value, list):
        if all(isinstance(one, str | int | float | None) for one in value):
            return value if any(pattern.search(str(one)) for one in value) else None
        return [part for one in value if (part := mentioning(one, pattern)) is not None] or None
    return value if value is not None and pattern.search(str(value)) else None


def joined(patterns: Iterable[str]) -> str:
    """One pattern for several, the longest first; without any one that matches nothing."""
    found = sorted({pattern for pattern in patterns if pattern}, key=len, reverse=True)
    return "|".join(f"({pattern})" for pattern in found) or r"$^x"


def python_pattern(pattern: str) -> re.Pattern[str]:
    """The same pattern for Python: PostgreSQL writes the edges of words and classes of letters differently."""
    words = {r"\m": r"\b(?=\w)", r"\M": r"(?<=\w)\b", "[[:space:]]": r"\s", "[[:alpha:]]": r"[^\W\d_]"}
    for ours, theirs in words.items():
        pattern = pattern.replace(ours, theirs)
    return re.compile(pattern, re.IGNORECASE)


def replaced(value: Any, pattern: re.Pattern[str], marker: str, whole: Collection[str] = ()) -> Any:
    """A JSON value with every mention in its texts, keys and numbers replaced, and every text that is one of `whole`."""
    if isinstance(value, str):
        return marker if value in whole else pattern.sub(marker, value)
    if isinstance(value, list):
        return [replaced(one, pattern, marker, whole) for one in value]
    if isinstance(value, dict):
        return {pattern.sub(marker, key): replaced(one, pattern, marker, whole) for key, one in value.items()}
    if isinstance(value, int) and not isinstance(value, bool) and pattern.fullmatch(str(value)):
        return marker
    return value

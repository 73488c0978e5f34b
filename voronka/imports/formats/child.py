"""The child process that reads one file and hands its rows to the parent over a pipe."""

from __future__ import annotations

import json
import marshal
import sys
from pathlib import Path
from typing import Any


def say(kind: str, load: Any) -> None:
    """One message: four bytes of length, then the pair."""
    message = marshal.dumps((kind, load))
    sys.stdout.buffer.write(len(message).to_bytes(4) + message)


def main(path: Path, limit: int, how: dict[str, Any]) -> None:
    """Find the format by content, say its facts, then its rows in batches; refusals are said by their code."""
    from voronka.core.registry import import_formats
    from voronka.imports import formats
    from voronka.imports.formats import csv_file, markup, workbook  # noqa: F401  (they register themselves)

    try:
        head = path.open("rb").read(4096)
        if not head.strip():
            raise formats.refused("empty")
        if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"%PDF", b"RIFF")):
            raise formats.refused("picture" if not head.startswith(b"%PDF") else "unknown")
        found = next((one for one in import_formats if one.sniff(head)), None)
        if found is None:
            raise formats.refused("unknown")
        _rows(found, path, limit, formats.BATCH, how)
    except formats.Refused as refusal:
        say("refused", (refusal.code,))
    say("end", None)
    sys.stdout.buffer.flush()


def _rows(found: Any, path: Path, limit: int, size: int, facts: dict[str, Any]) -> None:
    batch: list[list[str]] = []
    count = 0
    for row in found.rows(path, facts):
        if not count and not any(cell.strip() for cell in row):
            continue
        if not count:
            say("facts", facts | {"format": found.slug})
        batch.append(row)
        count += 1
        if limit and count >= limit:
            break
        if len(batch) == size:
            say("rows", batch)
            batch = []
    say("rows", batch)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))

"""The archive of a backup: a tar file with `manifest.json`, `database.dump` (pg_dump's own format) and `files/`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from voronka.cli.frame import program_version
from voronka.cli.schema import is_empty
from voronka.config.postgres import PACKAGED
from voronka.core.errors import RuleBroken

FORMAT = 1


def write(file: Path) -> int:
    """Write the archive and return its size in bytes. What stood in `file` before stays there until all is written."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".voronka-") as folder:
            dump = Path(folder) / "database.dump"
            _postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
                _fill(target, dump)
        draft.replace(file)
    except OSError as fault:
        message = _("The backup %(file)s cannot be written: %(reason)s.")
        raise RuleBroken(message % {"file": file, "reason": fault.strerror}, "backup") from fault
    finally:
        draft.unlink(missing_ok=True)
    return file.stat().st_size


def _fill(target: Any, dump: Path) -> None:
    manifest = {
        "format": FORMAT,
        "voronka": program_version(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        text = json.dumps(manifest).encode()
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(text)
        archive.addfile(entry, BytesIO(text))
        archive.add(dump, "database.dump")
        if Path(settings.MEDIA_ROOT).is_dir():
            archive.add(settings.MEDIA_ROOT, "files")


def read(file: Path) -> dict[str, Any]:
    """Restore the archive and return its manifest.

    Raises RuleBroken, with nothing changed, where it is not one of ours or damaged, or there is something here already.
    """
    media = Path(settings.MEDIA_ROOT)
    if not is_empty() or (media.is_dir() and any(media.iterdir())):
        sentence = _("There are data here already: restore into a new data folder and an empty database.")
        raise RuleBroken(sentence, "not-empty")
    try:
        with tarfile.open(file) as archive, tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as folder:
            manifest = _manifest(archive)
            archive.extractall(folder, filter="data")
            _restore_database(Path(folder) / "database.dump")
            if (Path(folder) / "files").is_dir():
                if media.is_dir():
                    media.rmdir()
                (Path(folder) / "files").rename(media)
    except (OSError, tarfile.TarError, KeyError, ValueError) as fault:
        message = _("%(file)s is not a whole backup of Voronka: %(reason)s")
        raise RuleBroken(message % {"file": file, "reason": fault}, "backup") from fault
    return manifest


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    entry = archive.extractfile("manifest.json")
    manifest = json.load(entry) if entry else {}
    if manifest.get("format") != FORMAT:
        raise ValueError(f"format {manifest.get('format')}")
    return manifest


def _restore_database(dump: Path) -> None:
    """In one transaction, through psql: older servers refuse one setting of the newer pg_restore, which is left out."""
    script = dump.with_suffix(".sql")
    _run([PACKAGED / "bin" / "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", dump])
    cleaned = dump.with_name("cleaned.sql")
    with script.open("rb") as source, cleaned.open("wb") as target:
        for line in source:
            if line.startswith(b"COPY "):  # from here on it is data, which may look like anything
                target.write(line)
                break
            if not line.startswith((b"SET transaction_timeout", b"COMMENT ON EXTENSION")):
                target.write(line)
        shutil.copyfileobj(source, target)
    _postgres("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", f"--file={cleaned}")


def _postgres(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's client programs on the database in use; the password goes by environment."""
    values = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    environment = {variable: str(values[key]) for variable, key in names.items() if values[key]}
    environment |= {f"PG{key.upper()}": str(value) for key, value in values["OPTIONS"].items() if key.startswith("ssl")}
    _run([PACKAGED / "bin" / program, *arguments], {"PATH": os.defpath, "LC_ALL": "C", **environment})


def _run(command: list[str | Path], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        message = _("PostgreSQL refused: %(reason)s")
        raise RuleBroken(message % {"reason": (done.stderr.strip().splitlines() or ["?"])[-1]}, "backup")

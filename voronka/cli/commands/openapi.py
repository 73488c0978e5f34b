"""`voronka openapi FILE`: the description of the API as a file. For those who change the API."""

from __future__ import annotations

from pathlib import Path

import typer

from voronka.cli.frame import django_ready, say


def openapi(file: Path) -> None:
    """Write the description of the API."""
    with django_ready():
        import json

        from django.test import Client

        described = Client(headers={"Host": "localhost"}).get("/api/v1/openapi.json").json()
        text = json.dumps(described, indent=2, ensure_ascii=False)
        file.write_text(text + "\n", "utf-8")
        say(str(file))


def register(app: typer.Typer) -> None:
    app.command("openapi", hidden=True)(openapi)

"""`voronka demo`: a believable company with two years of history."""

from __future__ import annotations

from typing import Annotated

import typer

from voronka.cli.frame import django_ready, say


def demo(
    lang: Annotated[str, typer.Option("--lang", help="ru or en")] = "ru",
    size: Annotated[str, typer.Option("--size", help="small, or large: 100,000 partners and opportunities")] = "small",
) -> None:
    """Fill an empty database with the demo company."""
    if lang not in ("ru", "en") or size not in ("small", "large"):
        raise typer.BadParameter("--lang ru|en, --size small|large")
    with django_ready():
        from django.utils.translation import gettext as _

        from voronka.cli import demo as company
        from voronka.cli.demo.large import enlarge
        from voronka.cli.demo.words import LOGINS, PASSWORD

        count = company.make(lang)
        if size == "large":
            count += enlarge(100_000)
        say(_("The demo company has %(count)s records.") % {"count": count})
        logins = ", ".join(f"{login}@demo.example" for login in LOGINS)
        say(_("Sign in as %(logins)s with the password %(password)s.") % {"logins": logins, "password": PASSWORD})


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)

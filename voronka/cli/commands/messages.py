"""`voronka messages`: bring the catalogues up to date and compile them. For those who change sentences."""

from __future__ import annotations

import typer

from voronka.cli.frame import say


def messages() -> None:
    """Collect the sentences of the source into locale/, say what lacks a translation, and compile."""
    from voronka.cli import catalogues

    for language in catalogues.LANGUAGES:
        catalogue = catalogues.update(language)
        missing = [message.id for message in catalogue if message.id and not _is_whole(message.string)]
        say(f"{language}: {len(catalogue)} sentences, {len(missing)} without a translation")
        for message in missing:
            say(f"    {message}")
    catalogues.compile_all()


def _is_whole(words: str | tuple[str, ...] | list[str] | None) -> bool:
    """Nothing is empty, and no form of a plural is."""
    return all(words) if isinstance(words, tuple | list) else bool(words)


def register(app: typer.Typer) -> None:
    app.command("messages", hidden=True)(messages)

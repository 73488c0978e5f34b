"""Files and runs for tests."""

from pathlib import Path

from django.core.files import File
from django.core.files.base import ContentFile

from voronka.imports import actions

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def run_of(content, by, name="file.csv", write=True, **options):
    """Receive, map by the proposal, and bring in (or only check) a file given as a path, text or bytes."""
    if isinstance(content, Path):
        with content.open("rb") as source:
            run = actions.receive(File(source), content.name, by=by)
    else:
        data = content.encode() if isinstance(content, str) else content
        run = actions.receive(ContentFile(data, name=name), name, by=by)
    actions.set_mapping(run, run.mapping, options, by=by)
    return (actions.run_now if write else actions.check)(run, by=by)

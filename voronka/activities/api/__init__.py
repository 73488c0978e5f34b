"""Activities, for programs: what was said and is planned, files, letters, what repeats, sequences of actions."""

from ninja import Router

from voronka.activities.api import activities, letters, planning

router = Router()
for part in (activities, letters, planning):
    router.add_router("", part.router)

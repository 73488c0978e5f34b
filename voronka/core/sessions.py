"""Sessions in the database, as Django's, read by a prepared statement: every request begins with this one."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from voronka.core.prepared import Prepared, Slot

_LIVE = Prepared(lambda: Session.objects.filter(session_key=Slot("key"), expire_date__gt=Slot("now")))


class SessionStore(DatabaseStore):
    def _get_session_from_db(self) -> Session | None:
        found = _LIVE(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
        return found[0] if found else None

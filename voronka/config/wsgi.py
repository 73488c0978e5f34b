"""The WSGI application: `voronka serve` runs it under Granian, any other WSGI server may."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voronka.config.settings")

gc.disable()  # nothing of what is loaded now becomes garbage, and looking through it takes a tenth of the start
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 - all pages are loaded now, not while somebody waits for the first

# What was loaded stays for the life of the process: the collector need not walk through it again and again.
gc.freeze()
gc.enable()

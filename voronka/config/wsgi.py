"""The WSGI application: `voronka serve` runs it under Granian, any other WSGI server may."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voronka.config.settings")

application = get_wsgi_application()

# What was loaded stays for the life of the process: the collector need not walk through it again and again.
gc.collect()
gc.freeze()

"""The WSGI application: `voronka serve` runs it under Granian, any other WSGI server may."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voronka.config.settings")

application = get_wsgi_application()

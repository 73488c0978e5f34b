"""What tests of letters share."""

import pytest

from voronka.activities.tests import post


@pytest.fixture
def taker(settings):
    """A real mail server that keeps what it is sent, and through which letters go."""
    taker, server = post.taking()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield taker
    server.stop()

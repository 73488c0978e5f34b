"""All settings in one file; what differs between installations comes from the environment (see docs/operations.md)."""

from __future__ import annotations

import os
from pathlib import Path

import pghistory
import pgtrigger
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from voronka.config.database import data_dir, database_settings, secret_key

PACKAGE = Path(__file__).resolve().parent.parent
DATA_DIR = data_dir()

DEBUG = os.environ.get("VORONKA_DEBUG") == "1"
SECRET_KEY = os.environ.get("VORONKA_SECRET_KEY") or secret_key()
ALLOWED_HOSTS = os.environ.get("VORONKA_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("VORONKA_ORIGINS", "").split(",") if origin]
HTTPS = os.environ.get("VORONKA_HTTPS") == "1"

INSTALLED_APPS = [
    "voronka.core",
    "voronka.accounts",
    "voronka.partners",
    "voronka.products",
    "voronka.activities",
    "voronka.opportunities",
    "voronka.campaigns",
    "voronka.handover",
    "voronka.imports",
    "voronka.analytics",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "template_partials",
    "tree_queries",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "voronka.core.middleware.SignInRequired",
    "voronka.core.middleware.Personal",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "voronka.config.urls"
WSGI_APPLICATION = "voronka.config.wsgi.application"

# Parts by name outside, the language's own copies inside; while templates are being written they are read anew each time.
_FROM_APPS = "django.template.loaders.app_directories.Loader"
TEMPLATE_LOADERS = [
    ("template_partials.loader.Loader", [_FROM_APPS if DEBUG else ("voronka.core.folding.Loader", [_FROM_APPS])])
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": TEMPLATE_LOADERS,
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "voronka.core.frame.frame",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
FILTERS_EMPTY_CHOICE_LABEL = (
    "—"  # as in pickers; of forms core/templates/django/forms/widgets/select_option.html says it
)

DATABASES = {"default": database_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Sign-in attempts are counted across all web processes, so the counter lives in the database.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["voronka.accounts.forms.WithRole"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_FORMS = {
    "login": "voronka.accounts.forms.LoginForm",
    "reauthenticate": "voronka.accounts.forms.ReauthenticateForm",
}
ACCOUNT_ADAPTER = "voronka.accounts.forms.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Voronka"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_ENGINE = "voronka.core.sessions"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = os.environ.get("VORONKA_LANGUAGE", "ru")
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
LOCALE_PATHS = [path for path in (PACKAGE.parent / "locale", PACKAGE / "locale") if path.is_dir()]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Moscow"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "files"
# What is served from the npm packages: (package, folder or file inside it). The address is /static/vendor/<package>/<path>.
FRONTEND = next(
    (p for p in (PACKAGE / "frontend_dist", PACKAGE.parent / "frontend" / "node_modules") if p.is_dir()), None
)
FRONTEND_FILES = [
    ("@tabler/core", "dist/css/tabler.min.css"),
    ("@tabler/core", "dist/js/tabler.min.js"),
    ("tom-select", "dist/js/tom-select.complete.min.js"),
    ("tom-select", "dist/css/tom-select.bootstrap5.min.css"),
    ("sortablejs", "Sortable.min.js"),
    ("echarts", "dist/echarts.min.js"),
    ("fullcalendar", "index.global.min.js"),
    ("@fullcalendar/core", "locales/ru.global.min.js"),
]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "voronka.config.frontend.PackageFinder",
]
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "voronka.config.frontend.NamedByContent"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
BIN_DAYS = int(os.environ.get("VORONKA_BIN_DAYS", "90"))
FILE_MAX_BYTES = int(os.environ.get("VORONKA_FILE_MAX_MB", "50")) * 1024 * 1024
IMPORT_MAX_BYTES = int(os.environ.get("VORONKA_IMPORT_MAX_MB", "100")) * 1024 * 1024

PGHISTORY_APPEND_ONLY = True
# One insert a statement, not one a row: an import writes hundreds of thousands of rows at once. History is asked by record and by context only.
PGHISTORY_LEVEL = pgtrigger.Statement
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_index=True)
PGHISTORY_CONTEXT_FIELD = pghistory.ContextForeignKey(db_index=True, null=True)

# Background tasks live in jobs.py of each app.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# Nothing goes by mail where no server is named.
EMAIL_HOST = os.environ.get("VORONKA_SMTP_HOST", "")
EMAIL_TIMEOUT = 30
EMAIL_PORT = int(os.environ.get("VORONKA_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("VORONKA_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("VORONKA_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("VORONKA_SMTP_TLS") == "1"
# Where people find this installation: letters link to it.
SITE_URL = os.environ.get("VORONKA_URL", "http://127.0.0.1:8000")
DEFAULT_FROM_EMAIL = os.environ.get("VORONKA_MAIL_FROM", "voronka@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("VORONKA_LOG_LEVEL", "WARNING")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []

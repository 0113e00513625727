"""What gunicorn serves. Other commands go through ``palais:create_app`` (see .flaskenv)."""

from gunicorn.errors import AppImportError  # type: ignore[import-untyped]

from palais import create_app
from palais.errors import ConfigError

try:
    app = create_app(listen=True)
except ConfigError as error:
    # By this, gunicorn says the one sentence and ends, instead of trying again for ever.
    raise AppImportError(f"Error: {error}") from None

"""What gunicorn serves. Other commands go through ``palais:create_app`` (see .flaskenv)."""

from palais import create_app

app = create_app(listen=True)

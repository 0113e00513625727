FLASK_APP=palais.cli.app

"""``flask words``: bring the catalogues up to what the pages say."""

import click
from flask.cli import with_appcontext

from palais.cli.extraction import messages, translated, updated
from palais.config import ROOT
from palais.web.catalogue import CATALOGUES


@click.command()
@with_appcontext
def words() -> None:
    """Bring translations/*.po up to what the pages say; for those who work on Palais."""
    for path in sorted(CATALOGUES.glob("*.po")):
        before, after = path.read_text(encoding="utf-8"), updated(path)
        path.write_text(after, encoding="utf-8")
        click.echo(f"{path.relative_to(ROOT)}: {'unchanged' if before == after else 'updated'}")
        for message in messages(after):
            if not translated(message):
                click.echo(f"  to be translated: {message.id!r}", err=True)

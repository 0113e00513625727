"""``flask avatars``: the portraits of the court."""

import logging
import sys
from contextlib import nullcontext
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Engine

from palais.avatars.files import Folder
from palais.avatars.image_model import ImageModel
from palais.avatars.sheet import contact_sheet
from palais.avatars.studio import Studio
from palais.cli.exits import explained
from palais.config import Settings
from palais.errors import ConfigError, PalaisError, PictureError
from palais.store import portraits
from palais.store import seed as seeds
from palais.store.models import db
from palais.store.portraits import Sitter

log = logging.getLogger(__name__)

avatars = AppGroup("avatars", help="Make the portraits of the agents.")


@avatars.command("generate")
@click.argument("agent", nargs=-1)
@click.option(
    "--provider",
    type=click.Choice(["studio", "image"]),
    default="studio",
    help="Who paints: the studio (needs nothing), or the image model that is configured.",
)
@click.option("--force", is_flag=True, help="Make also those anew that are as they should be.")
@explained
def generate(agent: tuple[str, ...], provider: str, *, force: bool) -> None:
    """Make the portraits of these agents, or of all, that are missing or out of date."""
    settings: Settings = current_app.extensions["palais.settings"]
    model = _model(settings) if provider == "image" else None
    with db.engine.connect() as conn:
        sitters = portraits.sitters(conn, agent)
    unknown = sorted(set(agent) - {sitter.id for sitter in sitters})
    for name in unknown:
        click.echo(f"{name}: there is no such agent", err=True)
    studio = Studio(db.engine, Folder(settings.data_dir))
    failed = len(unknown)
    terminal = sys.stderr.isatty()
    with (
        click.progressbar(length=len(sitters), label="Portraits", file=sys.stderr)
        if terminal
        else nullcontext()
    ) as bar:
        for sitter in sitters:
            line, good = _made(studio, sitter, model, force=force)
            click.echo(("\r\033[K" if terminal else "") + line)
            failed += not good
            if bar is not None:
                bar.update(1)
    if failed:
        raise PalaisError(f"{failed} could not be made; what was there before stays.")


@avatars.command("sheet")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@explained
def sheet(file: Path) -> None:
    """Paint the portraits of the seed's ten agents side by side into FILE, a PNG."""
    people = [
        Sitter(one.id, one.name or one.id, one.persona or "") for one in seeds.read(seeds.DEFAULT)
    ]
    try:
        file.write_bytes(contact_sheet(people))
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"{file}: {len(people)} portraits")


def hang_missing(engine: Engine, settings: Settings) -> None:
    """Make the portraits that are missing or of an older version, by the studio alone.

    A folder that takes no file is logged, and stops nothing.
    """
    studio = Studio(engine, Folder(settings.data_dir))
    with engine.connect() as conn:
        sitters = portraits.sitters(conn)
    try:
        for sitter in sitters:
            if sitter.wish is None and not studio.is_current(sitter):
                studio.sketch(sitter)
    except PictureError as error:
        log.warning("portraits are missing: %s", error)


def _model(settings: Settings) -> ImageModel:
    if settings.image_url is None or settings.image_model is None:
        raise ConfigError(
            "No image model is configured. Set PALAIS_IMAGE_API_URL and PALAIS_IMAGE_MODEL "
            "(and PALAIS_IMAGE_API_KEY), or use --provider studio."
        )
    return ImageModel(settings.image_url, settings.image_key, settings.image_model)


def _made(
    studio: Studio, sitter: Sitter, model: ImageModel | None, *, force: bool
) -> tuple[str, bool]:
    fits = sitter.source == "image" if model else studio.is_current(sitter)
    if fits and not force:
        return f"{sitter.id}: unchanged", True
    try:
        source = studio.make(sitter, model.paint if model else None, tell=True)
    except PictureError as error:
        return f"{sitter.id}: failed: {error}", False
    return f"{sitter.id}: made ({source})", True

"""What people ask of each agent, by agent id."""

from palais.demo.tasks import (
    artist,
    builder,
    cfo,
    concierge,
    explorer,
    maintainer,
    marketer,
    messenger,
    tutor,
    writer,
)
from palais.demo.tools import Task

TASKS: dict[str, tuple[Task, ...]] = {
    "concierge": concierge.TASKS,
    "artist": artist.TASKS,
    "builder": builder.TASKS,
    "cfo": cfo.TASKS,
    "explorer": explorer.TASKS,
    "maintainer": maintainer.TASKS,
    "marketer": marketer.TASKS,
    "messenger": messenger.TASKS,
    "tutor": tutor.TASKS,
    "writer": writer.TASKS,
}

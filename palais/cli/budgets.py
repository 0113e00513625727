"""``flask budgets``: what may be spent a day and a month."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal

import click
from flask.cli import AppGroup

from palais.cli.exits import explained
from palais.domain.budgets import FLEET, Period, Standing, amount_of, plain
from palais.errors import BadRequestError, NotFoundError
from palais.log import visible
from palais.store import budgets as store
from palais.store.models import db

budgets = AppGroup("budgets", help="Set, list and clear budgets, in USD a day or month (UTC).")


class Amount(click.ParamType[Decimal]):
    """An amount of USD."""

    name = "usd"

    def convert(
        self, value: str | Decimal, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Return it as a number; end the command where it is none."""
        try:
            return amount_of(str(value))
        except BadRequestError as error:
            self.fail(str(error), param, ctx)


@budgets.command("set")
@click.argument("scope", metavar="AGENT|fleet")
@click.option("--day", type=Amount(), metavar="USD", help="What may be spent a day.")
@click.option("--month", type=Amount(), metavar="USD", help="What may be spent a month.")
@explained
def set_(scope: str, day: Decimal | None, month: Decimal | None) -> None:
    """Set the budget of an agent or of the fleet; Palais warns at 50, 80 and 100 % of it."""
    amounts = {Period.DAY: day, Period.MONTH: month}
    if not any(amounts.values()):
        raise click.UsageError("Say how much: --day USD, --month USD, or both.")
    with _naming_agents(), db.engine.connect() as conn:
        for period, amount in amounts.items():
            if amount is not None:
                new = store.put(conn, _scope(scope), period, amount, datetime.now(UTC))
                what = f"set to {plain(amount)} USD" if new else "unchanged"
                click.echo(f"{scope}, {period.value}: {what}")


@budgets.command("list")
@explained
def list_() -> None:
    """List all budgets and what is spent of each by now."""
    with db.engine.connect() as conn:
        found = store.current(conn, datetime.now(UTC))
    if not found:
        click.echo("No budgets yet. Run: flask budgets set AGENT|fleet --day USD")
    for one in found:
        click.echo(visible(_line(one)))


@budgets.command("clear")
@click.argument("scope", metavar="AGENT|fleet")
@click.option("--day", is_flag=True, help="Only that of the day.")
@click.option("--month", is_flag=True, help="Only that of the month.")
@explained
def clear(scope: str, *, day: bool, month: bool) -> None:
    """Forget the budgets of an agent or of the fleet."""
    both = day == month
    periods = [Period.DAY] * (day or both) + [Period.MONTH] * (month or both)
    with _naming_agents(), db.engine.connect() as conn:
        gone = {period: store.clear(conn, _scope(scope), period) for period in periods}
    for period, was in gone.items():
        click.echo(f"{scope}, {period.value}: {'cleared' if was else 'there is no such budget'}")
    if not any(gone.values()):
        sys.exit(1)


@contextmanager
def _naming_agents() -> Iterator[None]:
    try:
        yield
    except NotFoundError as error:
        raise NotFoundError(f"{error} To see who there is, run: flask agents list") from None


def _scope(said: str) -> str:
    return FLEET if said == "fleet" else said


def _line(one: Standing) -> str:
    who = one.agent_id or "fleet"
    spent = f"{one.spent:.2f} of {plain(one.amount)} USD ({one.share:.0%})"
    unpriced = f", {one.unpriced} calls without a price" if one.unpriced else ""
    since = f"since {one.window.start:%Y-%m-%d} UTC"
    return f"{who:<12} {one.window.period.value:<5} {spent} {since}{unpriced}"

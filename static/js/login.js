// The login page: keeps a link's token out of sight, and goes on where another tab has logged in.

import { watchCommands } from "./command.js";
import { isKnown } from "./known.js";

const page = document.querySelector("[data-login]");

// Once the form has the token, the address bar and the history need it no more.
if (page.querySelector('[name="token"]')) history.replaceState(null, "", page.dataset.login);

async function look() {
  if (await isKnown(page.dataset.health)) location.replace(page.dataset.next);
}

watchCommands();
look();
document.addEventListener("visibilitychange", () => document.hidden || look());

// The login page: keeps a link's token out of sight, and goes on where another tab has logged in.

const page = document.querySelector("[data-login]");

// Once the form has the token, the address bar and the history need it no more.
if (page.querySelector('[name="token"]')) history.replaceState(null, "", page.dataset.login);

async function look() {
  try {
    const response = await fetch(page.dataset.health, { cache: "no-store" });
    if ("database" in (await response.json())) location.replace(page.dataset.next);
  } catch {
    // Palais cannot be asked now: the form will say so.
  }
}

look();
document.addEventListener("visibilitychange", () => document.hidden || look());

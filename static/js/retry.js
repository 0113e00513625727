// On the page that says that Palais cannot answer: comes back when it can.

const page = document.querySelector("[data-retry]");
const EVERY = 5000;

async function look() {
  try {
    const response = await fetch(page.dataset.retry, { cache: "no-store" });
    if (response.ok) location.reload();
  } catch {
    // Not yet.
  }
}

setInterval(look, EVERY);

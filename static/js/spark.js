// Renews the charts of the last 24 hours on the cards: they are the server's, and they age.

const EVERY = 5 * 60_000;

const chart = (root, id) => root.querySelector(`[data-agent-id="${CSS.escape(id)}"] [data-spark]`);

async function renew() {
  if (document.hidden) return;
  try {
    const response = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const card of document.querySelectorAll("[data-court] > [data-agent-id]")) {
      const drawn = chart(fresh, card.dataset.agentId);
      if (drawn) chart(document, card.dataset.agentId).replaceWith(document.adoptNode(drawn));
    }
  } catch {
    // Out of reach: the page says so, and the next time is in five minutes.
  }
}

/** Start renewing them. */
export function keepCharts() {
  if (document.querySelector("[data-court]")) setInterval(renew, EVERY);
}

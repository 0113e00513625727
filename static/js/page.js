// What the server tells the scripts: words, names, addresses and the cursor, in one JSON block.

const read = () => JSON.parse(document.getElementById("palais-data").textContent);

let data = read();

/** Read the block again, after it was replaced. */
export function reread() {
  data = read();
}

/** The cursor up to which this page's facts go: `epoch.id`. */
export const cursor = () => data.cursor;

/** A phrase of the one table of words, its blanks filled; an unknown key says nothing. */
export function say(key, values = {}) {
  const text = data.words[key] ?? "";
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

export const nameOf = (agentId) => data.names[agentId] ?? agentId ?? "";

export function learnName(agentId, name) {
  data.names[agentId] = name;
}

/** How each agent stands, by its id: error, waiting, busy, idle or offline. */
export const standings = () => data.standings ?? {};

export const agentPlace = (agentId) =>
  data.places.agent.replace("__agent__", () => encodeURIComponent(agentId));

export const sessionPlace = (agentId, sessionId) =>
  data.places.session
    .replace("__agent__", () => encodeURIComponent(agentId))
    .replace("__session__", () => encodeURIComponent(sessionId));

export const api = (path) => `${data.places.root}/api/${path}`;

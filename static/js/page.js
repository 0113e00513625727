// What the server tells the scripts: words, names, addresses and the cursor, in one JSON block.

const read = () => JSON.parse(document.getElementById("palais-data").textContent);

let data = read();

/** Whose conventions dates and numbers follow, as Intl knows it. */
export const locale = data.locale;

const plurals = new Intl.PluralRules(locale);

/** Read the block again, after it was replaced. */
export function reread() {
  data = read();
}

/** The cursor up to which this page's facts go: `epoch.id`. */
export const cursor = () => data.cursor;

/** A phrase of the one table, its blanks filled; of one that counts, the form for `n`. */
export function say(key, values = {}) {
  const phrase = data.words[key] ?? "";
  const form = typeof phrase === "string" ? phrase : phrase[plurals.select(values.n)];
  return (form ?? phrase.other).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
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

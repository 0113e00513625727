// What the server tells the scripts: words, names, addresses and the cursor, in one JSON block.

// Agents choose their ids, and may choose those of an object's own properties.
const bare = (facts) => Object.assign(Object.create(null), facts);

function read() {
  const told = JSON.parse(document.getElementById("palais-data").textContent);
  return { ...told, names: bare(told.names), standings: bare(told.standings) };
}

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
export const standings = () => data.standings;

// In one go: an id may read like the other's blank.
const filled = (place, ids) =>
  place.replace(/__(agent|session)__/g, (_, name) => encodeURIComponent(ids[name]));

export const agentPlace = (agent) => filled(data.places.agent, { agent });

export const sessionPlace = (agent, session) => filled(data.places.session, { agent, session });

export const api = (path) => `${data.places.root}/api/${path}`;

// What a step was told or said: pretty where it is JSON, tinted, and always as text.

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const PART = /"(?:\\.|[^"\\])*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const DEEPEST = 40; // levels that are indented
const TINTED = 60_000; // characters; what is beyond comes without colours

/**
 * The same as indented JSON; null where it is no object or list. Every string and number stays as it
 * came: parsed and written again, a long number would be another one.
 */
export function pretty(text) {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return indented(text.match(PART));
}

function indented(parts) {
  let depth = 0;
  let out = "";
  const line = () => `\n${"  ".repeat(Math.min(depth, DEEPEST))}`;
  parts.forEach((part, at) => {
    const last = parts[at - 1];
    const closes = part === "}" || part === "]";
    const opened = last === "{" || last === "[";
    if (closes) depth -= 1;
    if (last === "," || (opened && !closes) || (closes && !opened)) out += line();
    out += part === ":" ? ": " : part;
    if (part === "{" || part === "[") depth += 1;
  });
  return out;
}

function kind(text, colon, word) {
  if (colon) return "key";
  if (word) return "word";
  return text.startsWith('"') ? "string" : "number";
}

/** Put JSON into an element, its parts in colours. */
export function tint(element, json) {
  const parts = document.createDocumentFragment();
  const head = json.slice(0, TINTED);
  let at = 0;
  for (const found of head.matchAll(TOKEN)) {
    const text = found[1] ?? found[0];
    const span = document.createElement("span");
    span.className = `json-${kind(text, found[2], found[3])}`;
    span.textContent = text;
    parts.append(head.slice(at, found.index), span);
    at = found.index + text.length;
  }
  parts.append(json.slice(at));
  element.replaceChildren(parts);
}

// How facts are written in the reader's language; palais/web/filters.py writes them the same way.

import { locale, say } from "./page.js";

const NB = "\u00a0";
const DASH = "—";
const decimals = (digits) => ({ minimumFractionDigits: digits, maximumFractionDigits: digits });
const rounded = { roundingMode: "halfEven" }; // as Python's decimals are
const number = (options) => new Intl.NumberFormat(locale, { ...rounded, ...options });
const moment = (options) => new Intl.DateTimeFormat(locale, options);

const whole = number(decimals(0));
const tenths = number(decimals(1));
const hundredths = number(decimals(2));
const usual = { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" };
const dollars = number(usual);
const finest = number({ ...usual, ...decimals(4) });
const dayWords = moment({ dateStyle: "long" });
const dayShort = moment({ day: "numeric", month: "short" });
const hourWords = moment({ hour: "2-digit", minute: "2-digit" });
const clockWords = moment({ timeStyle: "medium" });

const DAY = 86_400;
const AVATAR = /^data:image\/(?:png|jpeg|webp|svg\+xml)[;,][^\s"'<>\\]*$/;
const PATH = /^\/(?![/\\])[^\s"'<>\\]*$/;

/** Milliseconds of a moment that came as ISO 8601 or as milliseconds; null for none. */
export function instant(value) {
  if (value === null || value === undefined || value === "") return null;
  const ms = typeof value === "number" ? value : Date.parse(value);
  return Number.isNaN(ms) ? null : ms;
}

function unit(seconds) {
  if (seconds < 60) return ["seconds", 1];
  if (seconds < 3600) return ["minutes", 60];
  return seconds < DAY ? ["hours", 3600] : ["days", DAY];
}

export function ago(ms, now) {
  if (ms === null) return DASH;
  const seconds = Math.floor((now - ms) / 1000);
  if (seconds < 5) return say("ago.now");
  if (seconds >= DAY && seconds < 2 * DAY) return say("ago.yesterday");
  if (seconds >= 30 * DAY) return say("ago.date", { day: day(ms) });
  const [name, size] = unit(seconds);
  return say(`ago.${name}`, { n: Math.floor(seconds / size) });
}

export function since(ms, now) {
  if (ms === null) return "";
  const seconds = Math.max(0, Math.floor((now - ms) / 1000));
  const [name, size] = unit(seconds);
  return say(`since.${name}`, { n: Math.floor(seconds / size) });
}

// CLDR's editions differ in the spaces within a date or a time: none of them may break here.
const unbroken = (text) => text.replace(/\s/g, NB);

const inWords = ({ type, value }) => (type === "day" && value === "1" ? say("date.first") : value);

/** The same, but asked only once for moments in a row that have the same words. */
function lately(words, same) {
  let key = null;
  let said = "";
  return (ms) => {
    if (same(ms) !== key) [key, said] = [same(ms), words(ms)];
    return said;
  };
}

/** The local date in words. */
export const day = lately(
  (ms) => unbroken(dayWords.formatToParts(ms).map(inWords).join("")),
  (ms) => new Date(ms).toDateString(),
);
const timeOfDay = lately(
  (ms) => unbroken(clockWords.format(ms)),
  (ms) => Math.floor(ms / 1000),
);

/** The local time of day; with its date when that is not today. */
export function clock(ms, now) {
  if (ms === null) return DASH;
  const time = timeOfDay(ms);
  const today = new Date(ms).toDateString() === new Date(now).toDateString();
  return today ? time : `${unbroken(dayShort.format(ms))} ${time}`;
}

/** From one moment to another, within a day or so: hours and minutes. */
export const hours = (from, to) => unbroken(hourWords.formatRange(from, to));

export const exact = (ms) =>
  ms === null ? "" : say("date.exact", { day: day(ms), clock: clock(ms, ms) });

const known = (value) => value !== null && value !== undefined;

export const count = (value) => (known(value) ? whole.format(value) : DASH);

export function money(usd) {
  if (!known(usd)) return DASH;
  return usd > 0 && usd < 0.01 ? `<${NB}${dollars.format(0.01)}` : dollars.format(usd);
}

/** Dollars of one step: to the hundredth of a cent below a dollar. */
export function price(usd) {
  if (!known(usd) || usd >= 1 || usd === 0) return money(usd);
  return usd < 0.0001 ? `<${NB}${finest.format(0.0001)}` : finest.format(usd);
}

export const quality = (score) =>
  known(score) ? hundredths.format(score) : say("quality.none");

const TELLING = ["completed", "failed", "timeout"];

/** Why a session of this status has no quality. */
export const unrated = (status) => say(`unrated.${TELLING.includes(status) ? "steps" : status}`);

export function duration(ms) {
  if (ms === null) return DASH;
  if (ms < 1000) return `${ms}${NB}ms`;
  if (ms < 10_000) return `${tenths.format(Math.floor(ms / 100) / 10)}${NB}s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}${NB}s`;
  const [large, small, words] =
    seconds < 3600
      ? [seconds / 60, seconds % 60, ["min", "s"]]
      : [seconds / 3600, (seconds % 3600) / 60, ["h", "min"]];
  const rest = String(Math.floor(small)).padStart(2, "0");
  return `${Math.floor(large)}${NB}${words[0]} ${rest}${NB}${words[1]}`;
}

/** How long something has been running, in whole seconds. */
export function elapsed(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 10 ? `${seconds}${NB}s` : duration(seconds * 1000);
}

export function initials(name) {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0) return "?";
  const first = [...words[0]];
  const letters = words.length > 1 ? [first[0], [...words.at(-1)][0]] : first.slice(0, 2);
  return [...letters.join("").toUpperCase()].slice(0, 2).join("");
}

export const modelName = (model) => (model ? model.split("/").at(-1) : DASH);

/** A portrait's address, if it is a path of this host or a picture in itself; else null. */
export const safeAvatar = (url) => (url && (PATH.test(url) || AVATAR.test(url)) ? url : null);

export function activityWord(activity) {
  if (!activity) return "";
  const [name, ...tool] = activity.split(":");
  return say(`activity.${name}`, { tool: tool.join(":") }) || activity;
}

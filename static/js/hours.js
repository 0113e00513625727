// Reads the last 24 hours on a card, an hour at a time: by pointer, by finger, or by arrow keys.

import { announce } from "./announce.js";
import { duration, hours } from "./format.js";
import { say } from "./page.js";
import { write } from "./time.js";

const HOUR = 3_600_000;
const NUMBER = 24;
const STEP = 4; // of the drawing's units, from bar to bar

const chart = (node) => node.closest?.("[data-spark]");
const reading = (spark) => spark.querySelector("[data-reading]");
const at = (spark) => Number(spark.dataset.at ?? NUMBER);

function words(spark, index) {
  const end = Date.parse(spark.dataset.until) - (NUMBER - 1 - index) * HOUR;
  const seconds = Number(spark.dataset.seconds.split(" ")[index] ?? 0);
  const time = seconds > 0 ? duration(seconds * 1000) : say("spark.none");
  return say("spark.hour", { hours: hours(end - HOUR, end), time });
}

function show(spark, index) {
  const one = Math.min(Math.max(index, 0), NUMBER - 1);
  if (!spark.dataset.seconds || at(spark) === one) return;
  spark.dataset.at = one;
  spark.querySelector("[data-mark]").setAttribute("x", one * STEP - 0.5);
  write(reading(spark), words(spark, one));
}

function hide(spark) {
  delete spark.dataset.at;
  write(reading(spark), "");
}

function point(event) {
  const spark = chart(event.target);
  if (!spark) return;
  const { left, right, width } = spark.querySelector("svg").getBoundingClientRect();
  if (event.clientX > right) hide(spark);
  else show(spark, Math.floor(((event.clientX - left) / width) * NUMBER));
}

function step(event) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const spark = event.target.closest?.("[data-agent-id]")?.querySelector("[data-spark]");
  if (!by || !spark || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  show(spark, at(spark) + by);
  announce([reading(spark).textContent]);
}

/** Take the event that this was fetched for. */
export function take(event) {
  if (event.type === "keydown") step(event);
  else if (event.type === "pointerover") point(event);
}

/** Start, on all cards that the court has or will have. */
export function watchHours() {
  const court = document.querySelector("[data-court]");
  if (!court) return;
  for (const name of ["pointermove", "pointerdown"]) court.addEventListener(name, point);
  court.addEventListener("pointerout", (event) => {
    const spark = chart(event.target);
    if (spark && event.pointerType === "mouse" && !spark.contains(event.relatedTarget)) hide(spark);
  });
  document.addEventListener("pointerdown", (event) => {
    for (const spark of court.querySelectorAll("[data-at]")) {
      if (spark !== chart(event.target)) hide(spark);
    }
  });
  court.addEventListener("keydown", step);
  court.addEventListener("focusout", ({ target }) => {
    const spark = target.closest("[data-agent-id]")?.querySelector("[data-at]");
    if (spark) hide(spark);
  });
}

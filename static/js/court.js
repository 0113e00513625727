// Owns which cards of the court are shown, and in which order: who needs somebody comes first.

import { standing } from "./counters.js";
import { choice } from "./filter.js";
import { onFrame } from "./frame.js";

const ORDER = ["error", "waiting", "busy", "idle", "offline"];
const CALM = 420; // milliseconds that a move takes
const PACE = 1500; // and at least between two: a court that shuffles all the time cannot be read,
const SLOWEST = 12_000; // so that the more often it would, the longer it keeps still
const EASE = "cubic-bezier(.22, .8, .24, 1)";

let movedAt = -SLOWEST;
let pace = PACE;
let timer = 0;

const grid = () => document.querySelector("[data-court]");
const state = (card) => standing(card.dataset.status, card.dataset.activity);
const rank = (card) => ORDER.indexOf(state(card));
const place = (card) => Number(card.dataset.place || Infinity);
const inHand = (card) => card.matches(":hover, :focus-within");

/** Show the cards that are asked for, and put all of them in order when that disturbs nobody. */
export function arrange() {
  if (!grid()) return;
  const cards = [...grid().children];
  const asked = choice();
  for (const card of cards) {
    card.hidden = !asked.takes(card, state(card)) && !card.matches(":focus-within");
  }
  const none = document.querySelector("[data-court-none]");
  none.hidden = cards.length === 0 || cards.some((card) => !card.hidden);
  order(cards);
}

function order(cards) {
  const sorted = [...cards].sort((a, b) => rank(a) - rank(b) || place(a) - place(b) || 0);
  const moving = sorted.filter((card, index) => card !== cards[index]);
  if (moving.length === 0 || moving.some(inHand)) return; // asked again when the hand leaves
  const still = performance.now() - movedAt;
  if (still < pace) {
    timer ||= setTimeout(() => ((timer = 0), onFrame(arrange)), pace - still);
    return;
  }
  pace = still < pace + PACE ? Math.min(SLOWEST, pace * 2) : PACE;
  movedAt = performance.now();
  glide(cards, () => {
    sorted.forEach((card, index) => {
      if (grid().children[index] !== card) grid().insertBefore(card, grid().children[index]);
    });
  });
}

function glide(cards, move) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden;
  const seen = still ? [] : cards.filter((card) => !card.hidden);
  const before = seen.map((card) => card.getBoundingClientRect());
  move();
  const after = seen.map((card) => card.getBoundingClientRect());
  seen.forEach((card, index) => {
    const x = before[index].left - after[index].left;
    const y = before[index].top - after[index].top;
    if (x === 0 && y === 0) return;
    card.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], {
      duration: CALM,
      easing: EASE,
    });
  });
}

/** Go on with what waited as soon as the pointer or the focus leaves a card. */
export function watchCourt() {
  for (const left of ["pointerout", "focusout"]) {
    grid()?.addEventListener(left, () => onFrame(arrange));
  }
}

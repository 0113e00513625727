// Tells those who do not see the page what changed: politely, and not more than every 4 seconds.

const EVERY = 4000;
let due = [];
let timer = 0;

function speak() {
  const region = document.querySelector("[data-announce]");
  region.textContent = due.slice(-3).join(". ");
  due = [];
  timer = setTimeout(() => {
    timer = 0;
    if (due.length > 0) speak();
  }, EVERY);
}

/** Say these sentences when it is time; of many, the last three. */
export function announce(sentences) {
  if (sentences.length === 0) return;
  due.push(...sentences);
  if (!timer) speak();
}

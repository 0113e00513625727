// Why the gateway is out of sight, in the reader's language; palais/web/words.py says it alike.

import { say } from "./page.js";

/** By the code of the reason, or by the code's family; what has neither is told as it came. */
export function why({ code, reason }) {
  const family = code?.split("_")[0];
  return (code && (say(`why.${code}`) || say(`why.${family}`))) || reason || "";
}

// The SharedWorker: one for all tabs of the browser, so that they share one connection.

import { startRelay } from "./relay.js";

const take = startRelay();

addEventListener("connect", ({ ports: [port] }) => {
  port.onmessage = ({ data }) => take(port, data);
});

// What only an agent's own page has: its words to edit, and its older sessions.

import { watchEdit } from "./edit.js";
import { listen } from "./heard.js";
import { applyToSessions, watchSessions } from "./sessions.js";

listen({ event: applyToSessions, renewed() {} });
watchEdit();
watchSessions();

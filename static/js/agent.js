// What only an agent's own page has: its words to edit, and its older sessions.

import { watchEdit } from "./edit.js";
import { watchSessions } from "./sessions.js";

watchEdit();
watchSessions();

// The seed's design: each event goes into Postgres by itself, by an UPDATE and an INSERT, then out by
// one JSON.stringify and one write a listener.
//
//     node seed.js GATEWAY_URL DATABASE_URL PORT
//
// Like Palais it commits an event before any listener sees it.
"use strict";
const http = require("node:http");
const { Pool } = require("pg");
const { WebSocket } = require("ws");

const [gatewayUrl, databaseUrl, port] = process.argv.slice(2);
const pool = new Pool({ connectionString: databaseUrl });
pool.on("error", (error) => console.error("idle connection:", error.message));
const listeners = new Set();

const REGISTER = `INSERT INTO agents (id, name) VALUES ($1, $2)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name`;
const UPDATE = `UPDATE agents SET status = coalesce($2, status), task = coalesce($3, task),
  last_seen_at = now() WHERE id = $1`;
const INSERT = "INSERT INTO activity_log (agent_id, type, data) VALUES ($1, $2, $3)";

async function onEvent(event, text) {
  if (event.type === "agent.registered") {
    await pool.query(REGISTER, [event.agentId, event.name]);
  } else {
    await pool.query(UPDATE, [event.agentId, event.status, event.task]);
    await pool.query(INSERT, [event.agentId, event.type, text]);
  }
  for (const listener of listeners) {
    listener.write(`event: agent\ndata: ${JSON.stringify(event)}\n\n`);
  }
}

function connect() {
  const gateway = new WebSocket(gatewayUrl);
  gateway.on("message", (data) => {
    const text = data.toString();
    onEvent(JSON.parse(text), text).catch((error) => console.error("event lost:", error.message));
  });
  gateway.on("error", (error) => console.error("gateway:", error.message));
  gateway.on("close", () => setTimeout(connect, 1000));
}

function stream(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  listeners.add(response);
  response.on("close", () => listeners.delete(response));
  response.write("event: connected\ndata: {}\n\n");
}

async function agents(response) {
  const { rows } = await pool.query("SELECT * FROM agents ORDER BY name, id");
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(rows));
}

function onRequest(request, response) {
  if (request.url.startsWith("/api/sse")) return stream(response);
  if (request.url === "/api/v1/agents") {
    return agents(response).catch((error) => {
      response.writeHead(503);
      response.end(error.message);
    });
  }
  response.writeHead(404);
  return response.end();
}

async function main() {
  await pool.query(`
    CREATE TABLE IF NOT EXISTS agents (id text PRIMARY KEY, name text NOT NULL,
      status text NOT NULL DEFAULT 'offline', task text, last_seen_at timestamptz);
    CREATE TABLE IF NOT EXISTS activity_log (id bigserial PRIMARY KEY,
      at timestamptz NOT NULL DEFAULT now(), agent_id text, type text NOT NULL, data json NOT NULL)`);
  http.createServer(onRequest).listen(Number(port), "127.0.0.1", connect);
}

main();

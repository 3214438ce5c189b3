#!/usr/bin/env node
// Stands in for the `claude` CLI: refuses what the real one refuses and plays the steps in
// $FAKE_CLAUDE, a JSON array. A step is one of { event }, { raw, to? }, { write, text }, { hang },
// { exit }. Without steps it tells what it was given: arguments, prompt and variables.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";

const text = { type: "string" };
const flag = { type: "boolean" };
const OPTIONS = {
  print: { ...flag, short: "p" },
  verbose: flag,
  "output-format": text,
  "include-partial-messages": flag,
  "permission-mode": text,
  "dangerously-skip-permissions": flag,
  "setting-sources": text,
  "strict-mcp-config": flag,
  "mcp-config": text,
  "max-turns": text,
  "append-system-prompt": text,
  model: text,
};
const MODES = ["default", "acceptEdits", "plan", "dontAsk", "auto", "bypassPermissions"];

function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return refuse(`error: ${error.message.toLowerCase()}`);
  }
}

function check({ values, positionals }, prompt) {
  if (!values.print) refuse("Error: this stand-in has no terminal; use --print");
  const format = values["output-format"];
  if (format !== "stream-json") refuse("Error: this stand-in only speaks stream-json");
  if (!values.verbose) {
    refuse("Error: When using --print, --output-format=stream-json requires --verbose");
  }
  const mode = values["permission-mode"] ?? "default";
  if (!MODES.includes(mode)) refuse(`error: option '--permission-mode <mode>' is invalid: ${mode}`);
  const bypasses = mode === "bypassPermissions" || values["dangerously-skip-permissions"];
  if (bypasses && process.getuid?.() === 0 && process.env.IS_SANDBOX !== "1") {
    refuse(
      "--dangerously-skip-permissions cannot be used with root/sudo privileges for security reasons",
    );
  }
  for (const source of (values["setting-sources"] ?? "").split(",")) {
    if (!["", "user", "project", "local"].includes(source)) {
      refuse(`Error processing --setting-sources: Invalid setting source: ${source}`);
    }
  }
  if (prompt === "" && positionals.length === 0) {
    refuse(
      "Error: Input must be provided either through stdin or as a prompt argument when using --print",
    );
  }
}

async function readStdin() {
  let all = "";
  for await (const chunk of process.stdin) all += chunk;
  return all;
}

const out = (stream, chunk) => new Promise((resolve) => stream.write(chunk, resolve));

async function play(step) {
  if (step.event !== undefined) await out(process.stdout, `${JSON.stringify(step.event)}\n`);
  if (step.raw !== undefined)
    await out(step.to === "stderr" ? process.stderr : process.stdout, step.raw);
  if (step.write !== undefined) {
    mkdirSync(dirname(step.write), { recursive: true });
    writeFileSync(step.write, step.text);
  }
  if (step.hang) await new Promise(() => setInterval(() => undefined, 60_000));
  if (step.exit !== undefined) process.exit(step.exit);
}

const options = readOptions();
const prompt = await readStdin();
check(options, prompt);
const given = { argv: process.argv.slice(2), prompt, env: process.env };
const steps = JSON.parse(process.env.FAKE_CLAUDE ?? "null") ?? [
  { event: { type: "result", subtype: "success", is_error: false, result: JSON.stringify(given) } },
];
for (const step of steps) await play(step);

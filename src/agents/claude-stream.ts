import { type Block, type ClaudeEvent, parseClaudeLine } from "./claude-events.js";
import { afterEvent, type ClaudeSession, NO_SESSION } from "./claude-session.js";
import { createLineReader } from "./line-reader.js";
import type { OutputSource } from "./process.js";

/** A tool's result with pictures may be large; the CLI's own result never is. */
const LONGEST_LINE = 8 * 1024 * 1024;
const LONGEST_NOTE = 200;

export interface ClaudeStream {
  /** Only stdout carries events: whatever a hook or a server prints on stderr is just shown. */
  push(chunk: string, source: OutputSource): void;
  end(): ClaudeEnd;
}

export interface ClaudeEnd {
  readonly session: ClaudeSession;
  /** The last line that was no event; "": there was none. */
  readonly lastPlain: string;
}

/** Reads the CLI's output as it comes, and logs what a person would want to read of it. */
export function createClaudeStream(log: (text: string) => void): ClaudeStream {
  let session = NO_SESSION;
  let lastPlain = "";
  const plain = (line: string): void => {
    if (line.trim() !== "") lastPlain = line.trim();
    log(`${line}\n`);
  };
  const tooLong = (length: number): void => log(`[a line of ${length} characters is left out]\n`);
  const events = createLineReader(
    LONGEST_LINE,
    (line) => {
      const parsed = parseClaudeLine(line);
      if (parsed.kind === "plain") plain(line);
      if (parsed.kind !== "event") return;
      session = afterEvent(session, parsed.event);
      const shown = describe(parsed.event);
      if (shown.length > 0) log(`${shown.join("\n")}\n`);
    },
    tooLong,
  );
  const errors = createLineReader(LONGEST_LINE, plain, tooLong);
  return {
    push: (chunk, source) => (source === "stdout" ? events : errors).push(chunk),
    end() {
      events.end();
      errors.end();
      return { session, lastPlain };
    },
  };
}

/** The lines of the log that an event is worth. */
function describe(event: ClaudeEvent): readonly string[] {
  switch (event.type) {
    case "system":
      if (event.subtype === "init") return [`claude ${event.claude_code_version ?? ""}`.trim()];
      if (event.subtype !== "api_retry") return [];
      return [
        `[${event.error ?? "error"}: try ${event.attempt ?? "?"}/${event.max_retries ?? "?"}]`,
      ];
    case "assistant":
      return event.message.content.flatMap(saidOrUsed);
    case "user":
      return event.message.content.flatMap(refusedTool);
    case "rate_limit_event":
      return event.rate_limit_info.status === "rejected" ? ["[the usage limit is reached]"] : [];
    case "result":
      return [`[${event.is_error ? "error" : event.subtype}, ${event.num_turns ?? "?"} turns]`];
  }
}

function saidOrUsed(block: Block): readonly string[] {
  if (block.type === "text" && block.text) return [block.text];
  if (block.type !== "tool_use" || block.name === undefined) return [];
  const about = ["command", "file_path", "path", "pattern", "url", "description"]
    .map((key) => block.input?.[key])
    .find((value): value is string => typeof value === "string");
  return [note(about === undefined ? `> ${block.name}` : `> ${block.name}: ${about}`)];
}

function refusedTool(block: Block): readonly string[] {
  if (block.type !== "tool_result" || block.is_error !== true) return [];
  return [note(`! ${typeof block.content === "string" ? block.content : "the tool failed"}`)];
}

function note(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, LONGEST_NOTE);
}

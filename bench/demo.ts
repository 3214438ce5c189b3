import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BenchCase } from "./case.js";

const run = promisify(execFile);
const CLI = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));

/** What `npm run demo -- --exit --json` prints, a line each. */
interface Happening {
  readonly ms: number;
  readonly event: string;
  readonly item: string | null;
}

/** The demo, with the Redis, the trackers and the agents that it brings along. */
export const demo: BenchCase = {
  name: "demo",
  async measure({ quick, folder, path }) {
    const [firsts, all]: [number[], number[]] = [[], []];
    for (let round = 0; round < (quick ? 1 : 5); round += 1) {
      const happened = await play(folder, path);
      const [webhook, done] = [when(happened, "webhook"), when(happened, "done", "ET-001")];
      firsts.push((done - webhook) / 1_000);
      all.push(((happened.at(-1)?.ms ?? 0) - webhook) / 1_000);
    }
    return [
      {
        what: "demo: an issue's webhook to done, through all seven stages with scripted agents",
        goal: { kind: "at most", value: 10, unit: "s" },
        values: firsts,
        detail: `all three issues in ${Math.max(...all).toFixed(1)} s at most`,
      },
    ];
  },
};

async function play(folder: string, path: string | undefined): Promise<readonly Happening[]> {
  const { stdout } = await run(process.execPath, [CLI, "demo", "--exit", "--json"], {
    cwd: folder,
    env: { PATH: path },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): Happening => JSON.parse(line));
}

function when(happened: readonly Happening[], event: string, item?: string): number {
  const found = happened.find(
    (each) => each.event === event && (item === undefined || each.item === item),
  );
  if (found === undefined) throw new Error(`the demo told of no ${event} ${item ?? ""}`);
  return found.ms;
}

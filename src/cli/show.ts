import type { Fleet } from "../domain/fleet.js";
import { ITEM_ID } from "../domain/ids.js";
import type { WorkItem } from "../domain/work-item.js";
import { readableLog } from "../engine/run-logs.js";
import { explain } from "../engine/why.js";
import { repoOf } from "../http/fleet-facts.js";
import { historyJson, itemJson, runJson } from "../http/item-json.js";
import { withWaits } from "../http/item-reading.js";
import { lookCommand, NotFoundError } from "./look-command.js";
import { itemText } from "./show-text.js";
import type { Look } from "./wiring/look.js";

export interface ShowOptions {
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
  /** Of a run; `true`: of the latest. */
  readonly log?: string | true | undefined;
}

/** `stagecoach show`: one item with its runs and history, or what one of its runs printed. */
export function show(id: string, { config, json = false, log }: ShowOptions): Promise<never> {
  return lookCommand("show", config, async (look, fleet) => {
    const item = ITEM_ID.test(id) ? await look.items.find(id) : null;
    if (item === null)
      throw new NotFoundError(`work item ${id}`, "`stagecoach status` counts them");
    if (log !== undefined) return logOf(look, item, log, json);
    return json ? showJson(look, item, fleet) : showText(look, item);
  });
}

async function logOf(look: Look, item: WorkItem, which: string | true, json: boolean) {
  const runs = await look.items.runs(item.id);
  const run = which === true ? runs.at(-1) : runs.find(({ id }) => id === which);
  if (run === undefined) {
    const known = runs.map(({ id }) => id).join(", ") || "none yet";
    throw new NotFoundError(
      which === true ? `run of ${item.id}` : `run ${which}`,
      `runs: ${known}`,
    );
  }
  const text = readableLog(await look.runLogs.read(run.id));
  return json ? JSON.stringify({ run: run.id, log: text }) : text.trimEnd();
}

/** One line, as `/api/items/:id` answers. */
async function showJson({ items }: Look, item: WorkItem, fleet: Fleet): Promise<string> {
  const [[read], history, runs] = await Promise.all([
    withWaits(items, [item]),
    items.history(item.id),
    items.runs(item.id),
  ]);
  return JSON.stringify({
    ...itemJson(item, repoOf(fleet, item), read?.waitingOn ?? []),
    history: history.map(historyJson),
    runs: runs.map(runJson),
  });
}

async function showText({ items }: Look, item: WorkItem): Promise<string> {
  const [history, runs, why] = await Promise.all([
    items.history(item.id),
    items.runs(item.id),
    explain(items, item.id),
  ]);
  return itemText({ item, history, runs, why });
}

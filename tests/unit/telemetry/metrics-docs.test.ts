import { readFile } from "node:fs/promises";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { HISTORY_KINDS } from "../../../src/domain/work-item.js";
import { registerFleetCounters } from "../../../src/telemetry/fleet-counters.js";
import { silentLogger } from "../../../src/telemetry/logger.js";
import { createMetrics } from "../../../src/telemetry/metrics.js";
import { registerQueueGauges } from "../../../src/telemetry/queue-gauges.js";

const docs = (name: string) => readFile(new URL(`../../../docs/${name}`, import.meta.url), "utf8");

/** Everything the receiver registers of its own. */
function registered() {
  const registry = new Registry();
  createMetrics(registry).spool(() => 0);
  registerFleetCounters(registry, async () => [], silentLogger());
  registerQueueGauges(registry, async () => [], silentLogger());
  return registry.getMetricsAsArray();
}

/** The cells of a table's rows, without header and rule. */
function rows(text: string, heading: string): string[][] {
  const lines = text.slice(text.indexOf(heading)).split("\n");
  const end = lines.findIndex((line, at) => at > 1 && !line.startsWith("|"));
  return lines
    .slice(2, end)
    .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| /, "")));
}

describe("the documentation", () => {
  it("has a row for each metric, with its type and labels, and no other", async () => {
    const table = rows(await docs("metrics.md"), "| metric |");
    const told = table.map(([name, type, labels]) => [name, type, labels]);
    const real = registered().map((metric) => {
      const { labelNames = [] } = metric as { labelNames?: string[] };
      const labels = labelNames.filter((label) => label !== "le").map((label) => `\`${label}\``);
      return [`\`${metric.name}\``, kindOf(metric), labels.join(", ") || "–"];
    });
    expect(told.sort()).toEqual(real.sort());
  });

  it("has a row for each kind of history entry", async () => {
    const table = rows(await docs("metrics.md"), "| kind |");
    expect(table.map(([kind]) => kind)).toEqual(HISTORY_KINDS.map((kind) => `\`${kind}\``));
  });

  it("alerts by metrics that exist", async () => {
    const file = parse(await docs("alerts.rules.yml")) as {
      groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
    };
    const names = registered().map(({ name }) => name);
    const rules = file.groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(5);
    for (const { expr, annotations } of rules) {
      expect(annotations.summary).not.toBe("");
      for (const used of expr.match(/stagecoach_\w+/g) ?? []) {
        expect(names).toContain(used.replace(/_(bucket|sum|count)$/, ""));
      }
    }
  });
});

function kindOf(metric: object): string {
  return metric.constructor.name.replace("StoredHistogram", "Histogram").toLowerCase();
}

import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { type Counted, registerFleetCounters } from "../../../src/telemetry/fleet-counters.js";
import { silentLogger } from "../../../src/telemetry/logger.js";

function scrape(read: () => Promise<readonly Counted[]>) {
  const registry = new Registry();
  registerFleetCounters(registry, read, silentLogger());
  return registry.metrics();
}

it("tells durations as a histogram whose buckets hold all that is shorter", async () => {
  const role = "developer";
  const text = await scrape(async () => [
    { name: "run_seconds", labels: { role, le: "5" }, value: 2 },
    { name: "run_seconds", labels: { role, le: "60" }, value: 1 },
    { name: "run_seconds", labels: { role, le: "+Inf" }, value: 1 },
    { name: "run_seconds_sum", labels: { role }, value: 9042.5 },
  ]);
  const lines = text.split("\n").filter((line) => line.startsWith("stagecoach_run_duration"));
  expect(lines).toEqual(
    expect.arrayContaining([
      'stagecoach_run_duration_seconds_bucket{role="developer",le="5"} 2',
      'stagecoach_run_duration_seconds_bucket{role="developer",le="30"} 2',
      'stagecoach_run_duration_seconds_bucket{role="developer",le="60"} 3',
      'stagecoach_run_duration_seconds_bucket{role="developer",le="7200"} 3',
      'stagecoach_run_duration_seconds_bucket{role="developer",le="+Inf"} 4',
      'stagecoach_run_duration_seconds_sum{role="developer"} 9042.5',
      'stagecoach_run_duration_seconds_count{role="developer"} 4',
    ]),
  );
});

it("looks at the store once a scrape, and leaves the fleet's figures out while it can't", async () => {
  let reads = 0;
  const text = await scrape(async () => {
    reads += 1;
    throw new Error("away");
  });
  expect(reads).toBe(1);
  expect(text).not.toMatch(/^stagecoach_\w+[{ ]/m);
});

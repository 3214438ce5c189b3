import { describe, expect, it } from "vitest";
import { coreOf } from "../../src/cli/wiring/core.js";
import { giteaIssueKey } from "../../src/domain/issue.js";
import { driveOutbox, type OutboxDeps, releaseDependents } from "../../src/engine/outbox.js";
import { checkEdge, checkSlot } from "../../src/engine/parked.js";
import { createdItem, newItem } from "../support/new-item.js";
import { REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

const BLOCKER = giteaIssueKey(REPO, 1);
const DEPENDENT = giteaIssueKey(REPO, 7);
const EDGE = { dependent: DEPENDENT, blocker: BLOCKER };

async function engine(): Promise<{ fleet: RunningFleet; deps: OutboxDeps }> {
  const fleet = await runFleet({ workers: [], projects: { [REPO]: { maxConcurrentRuns: 1 } } });
  return { fleet, deps: coreOf(fleet.parts.config, fleet.store, fleet.parts.log) };
}

describe("a blocker that is met at the worst moment", () => {
  it("while the dependent's flow is on its way, starts the dependent", async () => {
    const { fleet, deps } = await engine();
    await deps.graph.state({ by: "text", issue: DEPENDENT }, [EDGE]);
    const id = await createdItem(deps, 7);
    const flows: OutboxDeps["flows"] = {
      ...deps.flows,
      async add(plan) {
        await releaseDependents(deps, BLOCKER);
        return deps.flows.add(plan);
      },
    };
    await driveOutbox({ ...deps, flows }, id);
    await fleet.start("stage", "agent");
    await fleet.untilItem(7, ({ status }) => status === "done");
  });

  it("while its edge is looked at, starts the dependent", async () => {
    const { fleet, deps } = await engine();
    await deps.graph.state({ by: "text", issue: DEPENDENT }, [EDGE]);
    const { id } = await newItem(deps, 7);
    const looked = await checkEdge(deps, { item: id, version: 1, blocker: BLOCKER });
    if (looked.kind !== "parked") throw new Error(`the edge is ${looked.kind}`);
    // Its job was at work, so whoever met the blocker found nothing to promote.
    await deps.graph.meet(BLOCKER);
    await looked.afterwards?.();
    await fleet.start("stage", "agent");
    await fleet.untilItem(7, ({ status }) => status === "done");
  });
});

describe("a slot that is granted at the worst moment", () => {
  it("while its job is looked at, starts the run", async () => {
    const { fleet, deps } = await engine();
    const { id } = await newItem(deps, 7);
    const { id: next } = await newItem(deps, 8);
    const looked = await checkSlot(deps, { item: next, version: 1 });
    if (looked.kind !== "parked") throw new Error(`the slot is ${looked.kind}`);
    await deps.slots.release(id, 1);
    // The grant is there, but its job was at work when it was to be promoted.
    await deps.slots.admit(deps.clock());
    await looked.afterwards?.();
    await fleet.start("stage", "agent");
    await fleet.untilItem(8, ({ status }) => status === "done");
  });

  it("to a version that was replaced, goes to who is next", async () => {
    const { fleet, deps } = await engine();
    const { id } = await newItem(deps, 7);
    await newItem(deps, 8);
    await fleet.store.items.transition(id, (item) => ({
      item: { ...item, version: 2, status: "cancelled" },
      history: [],
      effects: [],
    }));
    await fleet.start("stage", "agent");
    await fleet.untilItem(8, ({ status }) => status === "done");
    expect(fleet.started.map(({ item }) => item)).toEqual(["ET-002"]);
  });
});

import { recoveryCount } from "../../domain/counts.js";
import { isFinished } from "../../domain/work-item.js";
import { admit } from "../../engine/admission.js";
import type { FleetCheck } from "./check.js";

/** Slots of versions that are over, which no run occupies, keep others from theirs. */
export const slotsCheck: FleetCheck = {
  name: "slots",
  asks: "fleet",
  async look(deps) {
    for (const { item: id, version, run } of await deps.slots.holders()) {
      const item = await deps.items.find(id);
      const over = item === null || isFinished(item) || item.version > version;
      if (!over || run !== null || (await deps.items.owed(id)).length > 0) continue;
      await deps.slots.release(id, version);
      await deps.count(recoveryCount("slot"));
      deps.log.info({ item: id, version, kind: "slot" }, "recovered: nobody used its slot");
    }
    await admit(deps);
  },
};

import { describe, expect, it } from "vitest";
import { GATES } from "../../../src/domain/pipeline.js";
import { gateNamed, unknownGate } from "../../../src/gates/registry.js";
import { gateContext, HEAD } from "./gate-context.js";

describe("the registry of gates", () => {
  it.each(GATES)("has %s, which says its name and the commit", async (name) => {
    const verdict = await gateNamed(name)?.(
      gateContext({
        command: () => ({ exitCode: 1, timedOut: false, tail: "", unstartable: null }),
      }),
    );
    expect(verdict).toMatchObject({ gate: name, commit: HEAD });
  });

  it.each(["", "tests", "toString", "__proto__", "constructor"])("has no gate %j", (name) => {
    expect(gateNamed(name)).toBeUndefined();
  });

  it("never passes a stored name that config no longer knows, and says which", async () => {
    expect(await unknownGate("qa-signed")(gateContext())).toMatchObject({
      gate: "qa-signed",
      passed: false,
      reason: expect.stringContaining("qa-signed"),
      commit: HEAD,
    });
  });
});

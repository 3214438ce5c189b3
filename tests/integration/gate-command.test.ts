import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createGateCommand } from "../../src/agents/gate-command.js";
import { createMasker } from "../../src/agents/mask.js";
import { workspaceWorld } from "../support/workspace-world.js";

describe("a gate's command", () => {
  it("has its HOME and TMPDIR in its checkout's folder, which goes whatever it leaves there", async () => {
    const world = await workspaceWorld();
    const commit = await world.remote.git("rev-parse", "main");
    const gate = createGateCommand({
      workspace: world.workspace,
      environment: { PATH: process.env.PATH },
      masker: createMasker([]),
    });
    // As Go does with its modules: for anybody but root nothing in there can be removed as it is.
    const script = `echo "$HOME $TMPDIR"
      for own in "$HOME" "$TMPDIR"; do mkdir -p "$own/mod/x"; echo x > "$own/mod/x/x"; done
      chmod -R a-w "$HOME/mod" "$TMPDIR/mod"`;
    const { signal } = new AbortController();
    const result = await gate(world.project(), commit, ["sh", "-c", script], 1, signal);
    expect(result).toMatchObject({ exitCode: 0 });
    const fresh = join(world.dataDir, "work/fresh");
    const places = result.tail.trim().split(" ");
    expect(places.map((path) => path.startsWith(`${fresh}/`))).toEqual([true, true]);
    expect(await readdir(fresh)).toEqual([]);
  });
});

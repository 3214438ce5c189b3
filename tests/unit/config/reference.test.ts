import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fleetFileSchema } from "../../../src/config/fleet-file.js";
import { environmentJsonSchema, fleetJsonSchema } from "../../../src/config/json-schema.js";
import { projectEntry } from "../../../src/config/project-entry.js";
import { configurationReference } from "../../../src/config/reference.js";
import { properties, referenceRows } from "../../../src/config/reference-rows.js";
import { resolveFleet } from "../../../src/config/resolve-fleet.js";
import { resolveSettings } from "../../../src/config/settings.js";
import { VARIABLES } from "../../../src/config/variables.js";

type Schema = z.core.JSONSchema.BaseSchema;
const SURROUNDINGS = { giteaUrl: "https://git.example.org", folder: "/etc/fleet" };

/** What the schema tells as defaults, written out as a file would say them. */
function defaultsOf(schema: Schema): Record<string, unknown> {
  const told = properties(schema).flatMap(([name, child]): [string, unknown][] => {
    if (child.default !== undefined) return [[name, child.default]];
    const below = defaultsOf(child);
    return Object.keys(below).length === 0 ? [] : [[name, below]];
  });
  return Object.fromEntries(told);
}

function resolved(file: unknown) {
  const parsed = fleetFileSchema.parse(file);
  const names = parsed.projects.map(() => "rocket");
  return [resolveFleet(parsed, SURROUNDINGS), resolveSettings(parsed, true, names)];
}

describe("the configuration reference", () => {
  it("is current; `npm run docs` renews it", () => {
    const path = new URL("../../../docs/configuration.md", import.meta.url);
    expect(readFileSync(path, "utf8")).toBe(configurationReference());
  });

  it("tells every variable and key, what it takes and what it means", () => {
    const text = configurationReference();
    for (const name of VARIABLES) expect(text).toContain(`| \`${name}\` |`);
    expect(properties(environmentJsonSchema()).map(([name]) => name)).toEqual([...VARIABLES]);
    const rows = referenceRows(fleetJsonSchema(), "");
    expect(rows.filter(({ meaning, value }) => meaning === "" || value === "")).toEqual([]);
    expect(rows.map(({ key }) => key)).toContain("projects[].agents.<role>.silentMinutes");
  });

  it("says numbers with their limits, texts with their form, and which are needed", () => {
    const text = configurationReference();
    expect(text).toContain("| `bot` | text | needed |");
    expect(text).toContain(
      "| `limits.bodyBytes` | whole number, 1,024 to 67,108,864 | `5242880` (5 MiB) |",
    );
    expect(text).toContain("| `budget.perItem.usd` | number, above 0 | – |");
    expect(text).toContain(
      "| `projects[].prefix` | 1 to 10 capital letters or digits, a letter first | `ET` |",
    );
    expect(text).toContain("| `REDIS_URL` | redis://…, ");
  });

  it("tells as defaults what a file that doesn't say them gets", () => {
    const minimal = {
      bot: "devbot",
      projects: [
        { repo: "acme/rocket", plane: { workspace: "acme", project: crypto.randomUUID() } },
      ],
    };
    const { agents, projects, ...rest } = defaultsOf(fleetJsonSchema()) as Record<string, object>;
    const {
      agents: _,
      plane,
      ...project
    } = defaultsOf(z.toJSONSchema(projectEntry, { io: "input" })) as Record<string, object>;
    const [entry] = minimal.projects;
    const written = {
      ...minimal,
      ...rest,
      // A deployer that is written down is one that works.
      agents: { ...agents, deployer: undefined },
      projects: [{ ...entry, ...project, plane: { ...plane, states: undefined, ...entry?.plane } }],
    };
    expect(projects).toBeUndefined();
    expect(Object.keys(rest)).toContain("retention");
    expect(resolved(written)).toEqual(resolved(minimal));
  });
});

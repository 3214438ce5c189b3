import { BUILT_IN_PIPELINES } from "../domain/pipeline.js";
import { ROLES } from "../domain/stage.js";
import { DEFAULT_MODELS } from "./defaults.js";
import { environmentSchema } from "./environment-schema.js";
import { environmentJsonSchema, fleetJsonSchema } from "./json-schema.js";
import {
  defaultOf,
  properties,
  type ReferenceRow,
  referenceRows,
  valuesOf,
} from "./reference-rows.js";

import { SECRET_VARIABLES } from "./variables.js";

const INTRO = `# Configuration

<!-- Made from the sources by \`npm run docs\`; edit the descriptions in src/config. -->

Secrets and addresses are in the environment, the rest is in \`stagecoach.yaml\`. All of it is read at start, and all mistakes are told at once; \`stagecoach doctor\` also looks at what the settings lead to. [stagecoach.example.yaml](../stagecoach.example.yaml) shows every section, [stagecoach.schema.json](../stagecoach.schema.json) helps editors, and \`stagecoach init\` writes a file to begin with.

## Environment

Each variable may be given as \`<NAME>_FILE\` instead, naming a file that holds the value. Blank counts as unset. The values of ${words(SECRET_VARIABLES, "and")} are masked in logs; of Stagecoach's own variables an agent sees \`ANTHROPIC_API_KEY\` and \`ANTHROPIC_BASE_URL\` alone, and only where its \`env\` names them. \`STAGECOACH_CONFIG\` names the fleet's file, as \`--config\` does; unset, it is \`stagecoach.yaml\` in the working folder.
`;

const FILE_INTRO = `## stagecoach.yaml

Unknown keys are refused. A section whose lines are all commented out counts as absent. Relative paths start at the file's folder.
`;

/** docs/configuration.md: every setting with its values, default and meaning. */
export function configurationReference(): string {
  const fleet = fleetJsonSchema();
  const top = properties(fleet);
  const shared = new Set(top.map(([name]) => name));
  const sections = top.flatMap(([name, schema]) => {
    const rows = referenceRows(schema, name, shared);
    return rows.length === 0 ? [] : [section(name, schema.description ?? "", rows)];
  });
  const overview = referenceRows(fleet, "", shared).map((row) => linked(row, sections));
  return [
    INTRO,
    table(["variable", "value", "default", "what it is"], environmentRows()),
    FILE_INTRO,
    table(["key", "value", "default", "what it is"], overview),
    ...sections.map(({ text }) => text),
  ].join("\n");
}

interface Section {
  readonly name: string;
  readonly text: string;
}

function section(name: string, description: string, rows: readonly ReferenceRow[]): Section {
  const built = BUILT_IN[name];
  const parts = [
    `### ${name}\n`,
    `${description}\n`,
    ...(built === undefined ? [] : [`${built()}\n`]),
  ];
  return {
    name,
    text: [...parts, table(["key", "value", "default", "what it is"], rows)].join("\n"),
  };
}

/** What a table of keys can't show of a section. */
const BUILT_IN: Readonly<Record<string, () => string>> = {
  agents: () => `\`<role>\` is ${words(["default", ...ROLES], "or")}.`,
  models: () =>
    `Built in, with what a million tokens cost in USD:\n\n${[
      "| key | id | provider | input | output |",
      "| --- | --- | --- | --- | --- |",
      ...Object.entries(DEFAULT_MODELS).map(
        ([key, { id, provider, usdPerMillionInput, usdPerMillionOutput }]) =>
          `| \`${key}\` | \`${id}\` | \`${provider}\` | ${usdPerMillionInput} | ${usdPerMillionOutput} |`,
      ),
    ].join("\n")}`,
  pipelines: () =>
    `Built in:\n\n${[
      "| pipeline | stage | agent | gate |",
      "| --- | --- | --- | --- |",
      ...Object.values(BUILT_IN_PIPELINES).flatMap(({ name, steps }) =>
        steps.map(
          ({ stage, agent, gate }) =>
            `| \`${name}\` | \`${stage}\` | \`${agent ?? "–"}\` | \`${gate ?? "–"}\` |`,
        ),
      ),
    ].join("\n")}`,
};

function words(list: readonly string[], last: "and" | "or"): string {
  const named = list.map((word) => `\`${word}\``);
  return `${named.slice(0, -1).join(", ")} ${last} ${named.at(-1)}`;
}

/** A section's own place tells what it is; the overview leads there. */
function linked(row: ReferenceRow, sections: readonly Section[]): ReferenceRow {
  return sections.some(({ name }) => name === row.key)
    ? { ...row, meaning: `${row.meaning} → [${row.key}](#${row.key.toLowerCase()})` }
    : row;
}

function environmentRows(): ReferenceRow[] {
  const unset = environmentSchema.parse({});
  return properties(environmentJsonSchema()).map(([key, schema]) => ({
    key,
    value: valuesOf(schema),
    default: defaultOf(key, unset[key as keyof typeof unset]),
    meaning: schema.description ?? "",
  }));
}

function table(head: readonly string[], rows: readonly ReferenceRow[]): string {
  const lines = rows.map((row) =>
    [`\`${row.key}\``, row.value, row.default, row.meaning].map((cell) =>
      withLinks(cell.replaceAll("|", "\\|")),
    ),
  );
  const all = [head, head.map(() => "---"), ...lines];
  return `${all.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

/** Descriptions name a page as editors should show it; here it is linked. */
function withLinks(text: string): string {
  return text
    .replace(/\bdocs\/(\w+)\.md/g, "[$1]($1.md)")
    .replace(/\bREADME\.md(#\w+)/g, "[the README](../README.md$1)");
}

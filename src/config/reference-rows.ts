import type { z } from "zod";

type Schema = z.core.JSONSchema.BaseSchema;

/** One key of the fleet's file, as its table in the reference tells it. */
export interface ReferenceRow {
  readonly key: string;
  readonly value: string;
  readonly default: string;
  readonly meaning: string;
}

/**
 * The keys below a place of the file, sections before what is in them.
 * @param shared keys that mean the same everywhere and are told once, elsewhere
 */
export function referenceRows(
  schema: Schema,
  path: string,
  shared: ReadonlySet<string> = new Set(),
): ReferenceRow[] {
  if (isSchema(schema.items)) return referenceRows(schema.items, `${path}[]`, shared);
  if (isSchema(schema.additionalProperties)) {
    return referenceRows(schema.additionalProperties, `${path}.<name>`, shared);
  }
  const entries = properties(schema);
  const alike = sameForAll(entries);
  if (alike !== null) return referenceRows(alike, `${path}.<role>`, shared);
  return entries.flatMap(([name, child]) => {
    const key = path === "" ? name : `${path}.${name}`;
    const below = shared.has(name) ? [] : referenceRows(child, key, shared);
    const needed = schema.required?.includes(name) ?? false;
    const told = child.description !== undefined || below.length === 0;
    return told ? [rowOf(key, child, needed), ...below] : below;
  });
}

export function properties(schema: Schema): [string, Schema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    isSchema(child) ? [[name, child] as [string, Schema]] : [],
  );
}

/** What values a place takes, in words: its type, form and limits. */
export function valuesOf(schema: Schema): string {
  const given = schema.anyOf?.find((one) => isSchema(one) && one.type !== "null");
  if (isSchema(given)) return valuesOf(given);
  if (Array.isArray(schema.enum)) return schema.enum.map((word) => `\`${word}\``).join(", ");
  switch (schema.type) {
    case "boolean":
      return "`true`, `false`";
    case "integer":
      return `whole number${boundsOf(schema)}`;
    case "number":
      return `number${boundsOf(schema)}`;
    case "array":
      return isSchema(schema.items) ? `list: ${valuesOf(schema.items)}` : "list";
    case "object":
      return isSchema(schema.additionalProperties) ? "sections by name" : "section";
    default:
      return formOf(schema);
  }
}

function rowOf(key: string, schema: Schema, needed: boolean): ReferenceRow {
  return {
    key,
    value: valuesOf(schema),
    default: needed ? "needed" : defaultOf(key, schema.default),
    meaning: schema.description ?? "",
  };
}

function formOf({ patternErrorMessage, format }: Schema): string {
  if (typeof patternErrorMessage === "string") return patternErrorMessage.replace(/^must be /, "");
  return format === "uuid" ? "UUID" : "text";
}

function boundsOf({ minimum, maximum, exclusiveMinimum }: Schema): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const above = typeof exclusiveMinimum === "number";
  const least = above ? exclusiveMinimum : minimum;
  if (least === undefined) return "";
  const from = `${above ? "above " : ""}${figure(least)}`;
  if (most !== undefined) return `, ${from} to ${figure(most)}`;
  return above ? `, ${from}` : `, ${from} or more`;
}

function figure(amount: number): string {
  return amount.toLocaleString("en");
}

/** In YAML's words; of a number of bytes the size as well. */
export function defaultOf(key: string, value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (Array.isArray(value)) return value.length === 0 ? "none" : `\`[${value.join(", ")}]\``;
  const size = key.endsWith("Bytes") ? ` (${Number(value) / 1024 / 1024} MiB)` : "";
  return `\`${String(value)}\`${size}`;
}

/** Every role takes the same settings: one table tells all of them. */
function sameForAll(entries: readonly (readonly [string, Schema])[]): Schema | null {
  const first = entries[0]?.[1];
  if (first === undefined || entries.length < 3 || first.type !== "object") return null;
  const text = JSON.stringify(first);
  return entries.every(([, schema]) => JSON.stringify(schema) === text) ? first : null;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

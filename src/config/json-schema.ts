import { z } from "zod";
import { environmentSchema } from "./environment-schema.js";
import { fleetFileSchema } from "./fleet-file.js";
import type { KnownKeys } from "./issues.js";

/** JSON Schema (draft 7, which YAML editors read) of `stagecoach.yaml`. */
export function fleetJsonSchema(): z.core.JSONSchema.BaseSchema {
  const schema = z.toJSONSchema(fleetFileSchema, { target: "draft-7", io: "input" });
  return { ...schema, title: "Stagecoach's fleet file, stagecoach.yaml" };
}

/** The same of the environment, as texts. */
export function environmentJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(environmentSchema, { target: "draft-7", io: "input" });
}

/** Every place of the file with the keys known there, for suggestions. */
export function knownKeys(): KnownKeys[] {
  return walk(fleetJsonSchema(), []);
}

function walk(node: unknown, path: readonly string[]): KnownKeys[] {
  if (!isObject(node)) return [];
  const properties = isObject(node.properties) ? node.properties : {};
  const here = Object.keys(properties);
  return [
    ...(here.length > 0 ? [{ path, keys: here }] : []),
    ...Object.entries(properties).flatMap(([name, child]) => walk(child, [...path, name])),
    ...walk(node.items, [...path, "*"]),
    ...walk(node.additionalProperties, [...path, "*"]),
  ];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

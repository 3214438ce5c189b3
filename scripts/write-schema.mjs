/** Renews stagecoach.schema.json from the built sources: `npm run docs`. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fleetJsonSchema } from "../dist/src/config/json-schema.js";

const path = fileURLToPath(new URL("../stagecoach.schema.json", import.meta.url));
writeFileSync(path, `${JSON.stringify(fleetJsonSchema(), null, 2)}\n`);
execFileSync("npx", ["biome", "format", "--write", path], { stdio: "inherit" });

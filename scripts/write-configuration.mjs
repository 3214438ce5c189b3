/** Renews docs/configuration.md from the built sources: `npm run docs`. */
import { writeFileSync } from "node:fs";
import { configurationReference } from "../dist/src/config/reference.js";

writeFileSync(new URL("../docs/configuration.md", import.meta.url), configurationReference());

#!/usr/bin/env node
import { CommanderError } from "commander";
import { program } from "./program.js";
import { EXIT_USAGE } from "./wiring/configure.js";
import { describeFault } from "./wiring/lifecycle.js";
import { endWithReader } from "./wiring/reader.js";

endWithReader();
try {
  await program().parseAsync();
} catch (error) {
  // Commander has printed what is wrong; asking for help isn't wrong.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  console.error(describeFault(error));
  process.exit(1);
}

import { defineConfig } from "vitest/config";

/** Measurements run one by one and take minutes; what they print is what they are for. */
export default defineConfig({
  test: {
    include: ["bench/*.ts"],
    exclude: ["bench/vitest.config.ts"],
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 60_000,
  },
});

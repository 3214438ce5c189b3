/**
 * The directions of the house, each with its reason. `npm run layers` checks them.
 */
const outside = (folders) => ({ pathNot: `^(src/(${folders.join("|")})/|workers/|src/receiver)` });

/** Adapters implement ports and must not know each other; wiring happens in the entries. */
const adapters = ["http", "queue", "redis", "agents", "workspace", "trackers", "notify", "spool"];

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "A cycle means two modules are one; nobody can change either alone.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "domain-knows-nobody",
      comment: "The rules of the work must be testable without I/O, clock or vendor.",
      severity: "error",
      from: { path: "^src/domain/" },
      to: { pathNot: "^src/domain/" },
    },
    {
      name: "core-knows-ports-only",
      comment:
        "engine, gates, intake and webhooks decide; they may know the domain and ports, never an adapter.",
      severity: "error",
      from: { path: "^src/(engine|gates|intake|webhooks)/" },
      to: { path: `^(src/(${adapters.join("|")}|cli|config)/|workers/)` },
    },
    {
      name: "core-knows-no-vendor",
      comment:
        "A queue, store or web framework in the core would make it untestable and unmovable.",
      severity: "error",
      from: { path: "^src/(domain|engine|gates|webhooks)/" },
      to: { path: "node_modules/(bullmq|ioredis|koa|@koa|@bull-board|@anthropic-ai)/" },
    },
    ...adapters.map((name) => ({
      name: `${name}-knows-no-other-adapter`,
      comment: "Adapters are joined by entries only, so that each can be replaced alone.",
      severity: "error",
      from: { path: `^src/${name}/` },
      to: {
        path: `^src/(${adapters.filter((other) => other !== name).join("|")}|cli)/`,
      },
    })),
    {
      name: "only-redis-imports-ioredis",
      comment: "One place knows how to reach the store.",
      severity: "error",
      from: { path: "^(src|workers)/", pathNot: "^src/redis/" },
      to: { path: "node_modules/ioredis/" },
    },
    {
      name: "only-queue-imports-bullmq",
      comment: "One place translates outcomes to BullMQ.",
      severity: "error",
      from: { path: "^(src|workers)/", pathNot: "^src/queue/" },
      to: { path: "node_modules/bullmq/" },
    },
    {
      name: "nobody-imports-entries",
      comment: "Entries and commands wire things together; nothing may depend on wiring.",
      severity: "error",
      from: { path: "^src/", ...outside(["cli"]) },
      to: { path: "^(src/cli/|workers/|src/receiver)" },
    },
    {
      name: "product-knows-no-test",
      comment: "Shipped code must not need test code.",
      severity: "error",
      from: { path: "^(src|workers)/" },
      to: { path: "^(tests|bench|chaos)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    parser: "swc",
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: [".ts", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};

import { type Probed, probeBubblewrap } from "../../agents/bubblewrap.js";
import { programFile } from "../../agents/exposed-paths.js";
import type { AgentSettings } from "../../domain/fleet.js";
import { gitVersion } from "../../workspace/probe-remote.js";
import { type Check, type Finding, fail, ok, warn } from "./check.js";
import type { Patient } from "./patient.js";

const OLDEST_NODE = 20;
const OLDEST_GIT: readonly [major: number, minor: number] = [2, 38];

/** What this machine brings along. */
export function machineChecks(patient: Patient): readonly Check[] {
  return [
    { name: "Node.js", look: async () => [nodeOf(process.versions.node)] },
    { name: "git", look: async () => [gitOf(await gitVersion(patient.env))] },
    { name: "sandbox", look: async () => [sandboxOf(patient)] },
    { name: "runners", look: async () => runnersOf(patient) },
  ];
}

export function nodeOf(version: string): Finding {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return ok(version);
  return fail(`${version} is too old`, `install Node.js ${OLDEST_NODE} or newer`);
}

function gitOf(version: readonly number[] | null): Finding {
  const wanted = `install git ${OLDEST_GIT.join(".")} or newer where workers run`;
  if (version === null) return fail("there is no git on PATH", wanted);
  const [major = 0, minor = 0] = version;
  const [oldestMajor, oldestMinor] = OLDEST_GIT;
  const fits = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  return fits ? ok(version.join(".")) : fail(`${version.join(".")} is too old`, wanted);
}

function sandboxOf({ config, env }: Patient): Finding {
  const agents = config?.fleet.projects.flatMap((project) => Object.values(project.agents)) ?? [];
  if (agents.length > 0 && agents.every(({ sandbox }) => sandbox === "none")) {
    return warn("`sandbox: none` for every agent", MEND_NONE);
  }
  const probed = probe(env.PATH ?? "");
  if (probed.kind === "works") return ok("bubblewrap works");
  const demanded = agents.some(({ sandbox }) => sandbox === "bubblewrap");
  if (demanded) return fail(`${probed.why}, and an agent demands it`, MEND_NONE);
  return warn(`${probed.why}: gates resist mistakes of agents, not malice`, MEND_NONE);
}

const MEND_NONE =
  "install bubblewrap and allow it namespaces, or give agents a `user` of their own (docs/security.md)";

function probe(searchPath: string): Probed {
  const program = programFile("bwrap", searchPath, "/");
  if (program === null) return { kind: "broken", why: "bubblewrap (bwrap) is not installed" };
  const probed = probeBubblewrap(program, searchPath);
  if (probed.kind === "works") return probed;
  return { kind: "broken", why: `bubblewrap doesn't work on this machine (${probed.why})` };
}

/** Programs as workers of this machine would start them. */
function runnersOf({ config, env }: Patient): readonly Finding[] {
  const projects = config?.fleet.projects ?? [];
  const missing = projects.flatMap(({ name, pipeline, agents }) => {
    const steps = config?.fleet.pipelines[pipeline]?.steps ?? [];
    return Object.entries(agents).flatMap(([role, settings]) => {
      const works = steps.some(({ agent }) => agent === role);
      const program = works ? programOf(settings) : null;
      if (program === null || programFile(program, env.PATH ?? "", "/") !== null) return [];
      return [{ program, who: `${name}'s ${role}` }];
    });
  });
  if (missing.length === 0) return config === null ? [] : [ok("every agent's program is there")];
  return [...new Set(missing.map(({ program }) => program))].map((program) => {
    const who = missing.filter((one) => one.program === program).map((one) => one.who);
    return notThere(program, who);
  });
}

/** Null: it needs none, or config says already that it is missing. */
function programOf({ runner, command }: AgentSettings): string | null {
  if (runner === "claude-code") return command[0] ?? "claude";
  return runner === "command" ? (command[0] ?? null) : null;
}

function notThere(program: string, who: readonly string[]): Finding {
  const of = who.join(", ");
  if (program.includes("/") && !program.startsWith("/")) {
    return warn(
      `${program} (${of}) is not beside the fleet file, so every checkout must hold it`,
      "put it beside the file, unless the repository brings it",
    );
  }
  if (program.startsWith("/")) {
    return fail(
      `${program} (${of}) is not there or can't be executed`,
      `put it there and \`chmod +x ${program}\` where agent workers run`,
    );
  }
  return fail(
    `${program} (${of}) is not on PATH`,
    "install it where agent workers run, or name its path under `agents`",
  );
}

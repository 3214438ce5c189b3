import { z } from "zod";
import type { Fleet, Project } from "../../domain/fleet.js";
import { ignored, type Reading, sameName } from "../reading.js";

export const repositorySchema = z
  .object({ full_name: z.string().nullish(), name: z.string().nullish() })
  .refine(({ full_name, name }) => Boolean(full_name || name), {
    message: "needs full_name or name",
  });

export type Repository = z.infer<typeof repositorySchema>;

/** The configured project of a repository; a bare `name` must fit exactly one configured repository. */
export function projectOf(fleet: Fleet, repository: Repository): Project | undefined {
  const { full_name: fullName, name } = repository;
  if (fullName) return fleet.projects.find(({ repo }) => sameName(repo, fullName));
  const named = fleet.projects.filter(({ repo }) => sameName(repo?.split("/").at(-1), name ?? ""));
  const repositories = new Set(named.map(({ repo }) => repo?.toLowerCase()));
  return repositories.size === 1 ? named[0] : undefined;
}

/** Goes on with the repository's project, or ignores what comes from elsewhere. */
export function inProject(
  fleet: Fleet,
  repository: Repository,
  read: (project: Project) => Reading,
): Reading {
  const project = projectOf(fleet, repository);
  if (project !== undefined) return read(project);
  const name = (repository.full_name || repository.name)?.slice(0, 64);
  return ignored(`repository ${name} is not configured`);
}

export const userSchema = z.object({ login: z.string() });

/** Present in bodies of every kind, needed by none: it tells what the bot sent itself. */
export const senderSchema = userSchema.partial().nullish();

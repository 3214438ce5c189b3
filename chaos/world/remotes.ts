import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { createRemote, type GitRemote } from "../../tests/support/git-remote.js";
import { PROJECTS } from "./projects.js";

type Name = (typeof PROJECTS)[number]["name"];

/** The projects' repositories, and by which path the fleet knows each. */
export interface Remotes extends Readonly<Record<Name, GitRemote>> {
  readonly paths: Readonly<Record<Name, string>>;
}

/** The fleet is given links, so that a repository can be away for it and still be looked at. */
export async function openRemotes(folder: string): Promise<Remotes> {
  const opened = await Promise.all(
    PROJECTS.map(async ({ name }) => {
      const remote = await createRemote({ "README.md": `# ${name}\n` }, folder);
      const path = join(folder, `${name}.git`);
      await symlink(remote.path, path);
      return { name, remote, path };
    }),
  );
  const remotes = Object.fromEntries(opened.map(({ name, remote }) => [name, remote]));
  const paths = Object.fromEntries(opened.map(({ name, path }) => [name, path]));
  return {
    ...(remotes as Record<Name, GitRemote>),
    paths: paths as Record<Name, string>,
  };
}

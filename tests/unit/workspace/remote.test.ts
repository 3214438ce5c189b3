import { describe, expect, it } from "vitest";
import type { Git, GitCall } from "../../../src/workspace/git.js";
import { openRemote } from "../../../src/workspace/remote.js";

/** Keeps what git would have been asked. */
function recording(): { git: Git; calls: { args: readonly string[]; call: GitCall }[] } {
  const calls: { args: readonly string[]; call: GitCall }[] = [];
  const git: Git = async (args, call = {}) => {
    calls.push({ args, call });
    return { code: 0, stdout: Buffer.alloc(0), stderr: "" };
  };
  return { git, calls };
}

describe("remotes", () => {
  it.each([
    ["/srv/git/rocket.git", "file"],
    ["file:///srv/git/rocket.git", "file"],
    ["https://git.acme.dev/acme/rocket.git", "https"],
    ["http://127.0.0.1:3000/acme/rocket.git", "http"],
    ["ssh://git@git.acme.dev:22/acme/rocket.git", "ssh"],
    ["git@git.acme.dev:acme/rocket.git", "ssh"],
  ])("opens %s by one protocol alone", async (address, protocol) => {
    const { git, calls } = recording();
    await openRemote(git, address).refs(["refs/heads/main"]);
    expect(calls[0]?.args).toEqual(["ls-remote", "--end-of-options", address, "refs/heads/main"]);
    expect(calls[0]?.call.config).toEqual([`protocol.${protocol}.allow=always`]);
  });

  it.each([
    "ext::sh -c touch% /tmp/x",
    "ext::sh",
    "fd::17/foo",
    "http::https://host/x",
    "--upload-pack=touch",
    "-oProxyCommand=x:y",
    "rocket.git",
    "../rocket.git",
    "git://git.acme.dev/rocket.git",
    "ssh://-oProxyCommand=x/y",
    "git@-oProxyCommand=x:y",
    "host:--upload-pack=x",
    "https://",
    "/srv/git\n",
    "",
  ])("refuses %j", (address) => {
    expect(() => openRemote(recording().git, address)).toThrow(
      expect.objectContaining({ code: "unsafe-name" }),
    );
  });

  it("keeps credentials out of the argument list and of messages", async () => {
    const { git, calls } = recording();
    const given = () => ({ username: "bot", password: "pass" });
    await openRemote(git, "https://git.acme.dev/a/b.git", given).refs(["refs/heads/main"]);
    await openRemote(git, "https://me:p%40ss@git.acme.dev/a/b.git", given).refs([]);
    const basic = (text: string) => `Authorization: Basic ${Buffer.from(text).toString("base64")}`;
    const key = "http.https://git.acme.dev/.extraHeader";
    expect(calls.map(({ call }) => call.hiddenConfig?.[key])).toEqual([
      basic("bot:pass"),
      basic("me:p@ss"),
    ]);
    expect(calls[1]?.args).toContain("https://git.acme.dev/a/b.git");
    expect(() => openRemote(git, "gopher://me:pass@host/x")).not.toThrow(/pass/);
  });
});

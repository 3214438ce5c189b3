import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/http/session.js";

const admin = { username: "ada", password: "correct horse" };
const viewer = { username: "vic", password: "only looking" };
const start = new Date("2026-03-01T09:00:00Z");
const clock = () => start;
const asAdmin = { username: "ada", role: "admin" } as const;
const asViewer = { username: "vic", role: "viewer" } as const;

describe("sessions", () => {
  it("are valid in another process with the same credentials", async () => {
    const { token } = await createSessions({ admin, viewer }, clock).issue(asAdmin);
    expect(await createSessions({ admin, viewer }, clock).read(token)).toEqual(asAdmin);
  });

  it("end after twelve hours", async () => {
    const { token, expires } = await createSessions({ admin }, clock).issue(asAdmin);
    const readAfter = (ms: number) =>
      createSessions({ admin }, () => new Date(start.getTime() + ms)).read(token);
    expect(expires).toEqual(new Date("2026-03-01T21:00:00Z"));
    expect(await readAfter(12 * 3_600_000 - 1)).toEqual(asAdmin);
    expect(await readAfter(12 * 3_600_000)).toBeNull();
  });

  it("end when the password of their user changes, and only then", async () => {
    const before = createSessions({ admin, viewer }, clock);
    const [forAdmin, forViewer] = [await before.issue(asAdmin), await before.issue(asViewer)];
    const changed = createSessions({ admin, viewer: { ...viewer, password: "new" } }, clock);
    expect(await changed.read(forViewer.token)).toBeNull();
    expect(await changed.read(forAdmin.token)).toEqual(asAdmin);
    const removed = createSessions({ admin }, clock);
    expect(await removed.read(forViewer.token)).toBeNull();
  });

  it("can't be made an admin's, prolonged or made up", async () => {
    const sessions = createSessions({ admin, viewer }, clock);
    const { token } = await sessions.issue(asViewer);
    const [version, , expires, signature] = token.split(".");
    expect(await sessions.read(`${version}.admin.${expires}.${signature}`)).toBeNull();
    expect(await sessions.read(`${version}.viewer.${Number(expires) + 1}.${signature}`)).toBeNull();
    expect(await sessions.read(`${version}.viewer.${expires}.${"A".repeat(43)}`)).toBeNull();
    for (const junk of ["", "v1", "v1.admin.1.", `${token}x`, "v1.root.1.abc"]) {
      expect(await sessions.read(junk)).toBeNull();
    }
  });

  it("aren't signed for a user who is not configured", async () => {
    await expect(createSessions({ admin }, clock).issue(asViewer)).rejects.toThrow(RangeError);
  });
});

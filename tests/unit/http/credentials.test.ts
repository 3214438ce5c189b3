import { describe, expect, it } from "vitest";
import { createIdentify, readBasic } from "../../../src/http/credentials.js";

const admin = { username: "ada", password: "correct horse" };
const viewer = { username: "vic", password: "only looking" };

describe("identifying operators", () => {
  const identify = createIdentify({ admin, viewer }, "token");

  it("knows admin and viewer by name and password", () => {
    expect(identify.byPassword(admin)).toEqual({ username: "ada", role: "admin" });
    expect(identify.byPassword(viewer)).toEqual({ username: "vic", role: "viewer" });
  });

  it.each([
    ["a wrong password", { username: "ada", password: "wrong" }],
    ["a wrong name", { username: "eve", password: "correct horse" }],
    ["the other's password", { username: "vic", password: "correct horse" }],
    ["nothing", { username: "", password: "" }],
  ])("doesn't know %s", (_, given) => {
    expect(identify.byPassword(given)).toBeNull();
  });

  it("knows no viewer unless one is configured", () => {
    expect(createIdentify({ admin }, null).byPassword(viewer)).toBeNull();
  });

  it("takes the login link's token for the admin, and no other", () => {
    expect(identify.byLoginToken("token")).toEqual({ username: "ada", role: "admin" });
    expect(identify.byLoginToken("toke")).toBeNull();
    expect(identify.byLoginToken("")).toBeNull();
    expect(createIdentify({ admin }, null).byLoginToken("null")).toBeNull();
  });

  it("refuses to start with an empty secret", () => {
    const empty = { username: "ada", password: "" };
    expect(() => createIdentify({ admin: empty }, null)).toThrow(RangeError);
    expect(() => createIdentify({ admin, viewer: empty }, null)).toThrow(RangeError);
    expect(() => createIdentify({ admin }, "")).toThrow(RangeError);
  });
});

describe("reading Basic credentials", () => {
  const header = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

  it("splits at the first colon and reads UTF-8", () => {
    expect(readBasic(header("ada:a:b"))).toEqual({ username: "ada", password: "a:b" });
    expect(readBasic(header("ada:pässwörd"))?.password).toBe("pässwörd");
  });

  it.each([undefined, "", "Bearer abc", "Basic", "Basic ???", header("no colon")])(
    "reads nothing from %s",
    (given) => {
      expect(readBasic(given)).toBeNull();
    },
  );
});

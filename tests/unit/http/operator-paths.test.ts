import { describe, expect, it } from "vitest";
import { isOperatorPath, safeReturnPath } from "../../../src/http/operator-paths.js";

describe("the operators' paths", () => {
  it.each([
    "/",
    "/items",
    "/items/ET-001",
    "/api/items",
    "/API/items",
    "/board",
    "/board/x",
    "/login",
  ])("are guarded: %s", (path) => expect(isOperatorPath(path)).toBe(true));

  it.each(["/webhook/gitea", "/healthz", "/metrics", "/boards", "/apiary", "//api"])(
    "are not others': %s",
    (path) => expect(isOperatorPath(path)).toBe(false),
  );
});

describe("the way back after a login", () => {
  it.each(["/", "/items/ET-001", "/board/queue/runs?status=failed"])("leads to %s", (path) => {
    expect(safeReturnPath(path)).toBe(path);
  });

  it.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/items\n/x",
    "/login?token=x",
    "/logout",
    "/elsewhere",
    "",
  ])("never leads to %j", (path) => {
    expect(safeReturnPath(path)).toBe("/");
  });
});

import { describe, expect, it } from "vitest";
import { isLivePage, isOperatorPath, safeReturnPath } from "../../../src/http/operator-paths.js";

describe("the operators' paths", () => {
  it.each([
    "/",
    "/items",
    "/items/ET-001",
    "/api/items",
    "/API/items",
    "/graph",
    "/Events",
    "/board",
    "/board/x",
    "/login",
  ])("are guarded: %s", (path) => expect(isOperatorPath(path)).toBe(true));

  it.each(["/webhook/gitea", "/healthz", "/metrics", "/boards", "/graphs", "/apiary", "//api"])(
    "are not others': %s",
    (path) => expect(isOperatorPath(path)).toBe(false),
  );
});

describe("pages with a script", () => {
  it.each(["/", "/graph", "/items/ET-001", "/items/ET-001/runs/ET-001-v1-a1"])(
    "are those that keep themselves current: %s",
    (path) => expect(isLivePage(path)).toBe(true),
  );

  it.each(["/login", "/items/ET-001/cancel", "/items", "/api/items", "/events", "/items//x"])(
    "are no others: %s",
    (path) => expect(isLivePage(path)).toBe(false),
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
    "/events",
    "/elsewhere",
    "",
  ])("never leads to %j", (path) => {
    expect(safeReturnPath(path)).toBe("/");
  });
});

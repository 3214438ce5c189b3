import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ADMIN, type OperatorApp, operatorApp } from "../../support/operator-app.js";

const asAdmin = {
  authorization: `Basic ${Buffer.from(`${ADMIN.username}:${ADMIN.password}`).toString("base64")}`,
};

describe("a malformed request", () => {
  let app: OperatorApp;
  beforeEach(async () => {
    app = await operatorApp();
  });
  afterEach(() => app.close());

  it("to the login, packed, is the sender's fault, said without a login", async () => {
    const answer = await app.fetch("/login", {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "content-encoding": "gzip",
      },
      body: "abc",
    });
    expect(answer.status).toBe(415);
  });

  it("to the board is the sender's fault", async () => {
    const answer = await app.fetch("/board/api/queues/runs/pause", {
      method: "PUT",
      headers: { ...asAdmin, "content-type": "application/json" },
      body: "{",
    });
    expect(answer.status).toBe(400);
  });

  it("for a file outside of the board's is refused, not a fault", async () => {
    const answer = await app.fetch("/board/static/..%2f..%2fpackage.json", { headers: asAdmin });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });
});

import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { DeliveryIntake } from "../../../src/webhooks/ports.js";
import { head, raw } from "../../support/raw-request.js";
import { forgetfulIntake, startReceiver, type TestReceiver } from "../../support/receiver.js";
import { fixture, request, type SampleRequest, signed } from "../../support/signed-request.js";

let receiver: TestReceiver | undefined;
afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
});

const open = async (take: DeliveryIntake["take"] = forgetfulIntake.take, bodyLimit = 100_000) => {
  receiver = await startReceiver({ intake: { take }, app: { bodyLimit } });
  return receiver;
};

const assigned = signed(fixture("gitea/issues_assigned_to_bot"));
const text = (type: string, body: string) =>
  signed(request("gitea", { "Content-Type": type, "X-Gitea-Event": "issues" }, body));

/** Status, headers and body of what a sender gets; without the time of day. */
async function answered(origin: string, path: string, { headers, body }: SampleRequest) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const sent = head(`POST ${path}`, [...lines, `Content-Length: ${body.length}`]);
  const { text: whole } = await raw(origin, sent, body);
  const [first = "", rest = ""] = whole.split("\r\n\r\n");
  const [status, ...fields] = first.split("\r\n").filter((line) => !line.startsWith("Date: "));
  return { status, fields: fields.sort(), rest };
}

describe("a webhook at the door", () => {
  const samples: Readonly<Record<string, [number, SampleRequest]>> = {
    "that is believed": [200, assigned],
    "that is ignored": [200, signed(fixture("gitea/push_new_branch"))],
    "without a signature": [401, fixture("gitea/issues_assigned_to_bot")],
    "of a kind that isn't read": [415, text("application/xml", "<a/>")],
    "that is malformed": [400, text("application/json", "{")],
    "that is too large": [413, text("application/json", "x".repeat(100_001))],
  };
  for (const [which, [status, sample]] of Object.entries(samples)) {
    it(`${which} gets the answer the route would give, header for header`, async () => {
      const { origin } = await open();
      const door = await answered(origin, "/webhook/gitea", sample);
      expect(door.status).toContain(` ${status} `);
      expect(door.fields.join("\n")).toMatch(/content-security-policy: default-src 'none'/i);
      for (const path of ["/webhook/gitea?a=b", "/webhook/gitea/", "/Webhook/Gitea"]) {
        const route = await answered(origin, path, sample);
        expect({ path, ...route }).toEqual({ path, ...door });
      }
    });
  }

  it("is told when to come again, as the route tells it", async () => {
    const { origin } = await open(() => Promise.reject(new Error("the store is away")));
    const door = await answered(origin, "/webhook/gitea", assigned);
    expect(door.status).toContain(" 503 ");
    expect(door.fields.join("\n")).toMatch(/^retry-after: \d+$/im);
    expect(await answered(origin, "/webhook/gitea?", assigned)).toEqual(door);
  });

  it("may be sent by no other method", async () => {
    const { origin } = await open();
    for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE"]) {
      const { statuses } = await raw(origin, head(`${method} /webhook/gitea`));
      expect([method, statuses]).toEqual([method, [405]]);
    }
    const options = await raw(origin, head("OPTIONS /webhook/gitea"));
    expect(options.text).toMatch(/^allow: POST\r$/im);
  });

  it("of a sender who hangs up before the answer harms nobody", async () => {
    const taken: (() => void)[] = [];
    const arrived = new Promise<void>((resolve) => taken.push(resolve));
    let answer: (word: "new") => void = () => undefined;
    const held = new Promise<"new">((resolve) => {
      answer = resolve;
    });
    const { origin } = await open(async () => {
      taken.shift()?.();
      return held;
    });
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname);
    const lines = Object.entries(assigned.headers).map(([name, value]) => `${name}: ${value}`);
    socket.write(
      head("POST /webhook/gitea", [...lines, `Content-Length: ${assigned.body.length}`]),
    );
    socket.write(assigned.body);
    await arrived;
    socket.destroy();
    answer("new");
    expect((await answered(origin, "/webhook/gitea", assigned)).status).toContain(" 200 ");
  });
});

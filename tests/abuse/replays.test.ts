import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AbusedReceiver, startAbusedReceiver } from "../support/abused-receiver.js";
import { head, raw } from "../support/raw-request.js";
import {
  type Answer,
  fixture,
  post,
  redelivered,
  request,
  type SampleRequest,
  signatures,
  signed,
} from "../support/signed-request.js";

type Headers = Record<string, string>;
interface Replayed {
  readonly what: string;
  readonly first: SampleRequest;
  /** With these in place of its own it is answered so. */
  readonly altered: readonly (readonly [headers: Headers, status: number])[];
}

let abused: AbusedReceiver;
let origin: string;

beforeAll(async () => {
  abused = await startAbusedReceiver();
  origin = abused.receiver.url;
});
afterAll(() => abused.close());

const GITEA = fixture("gitea/issues_assigned_to_bot");
const PLANE = fixture("plane/issue_created_ui_unicode");
const ISSUE = JSON.parse(GITEA.signed.toString("utf8"));
const RUN = {
  action: "success",
  run: { commit_sha: "abc", workflow_id: "ci.yml", repository: ISSUE.repository },
};

/** Forgejo sends Gitea's headers, and the same once more under its own name. */
function forgejo(event: string, type: string, id: string, body: object): SampleRequest {
  const own = { Delivery: id, Event: event, "Event-Type": type };
  const headers = Object.entries(own).flatMap(([name, value]) =>
    ["Forgejo", "Gitea", "Gogs"].map((forge) => [`X-${forge}-${name}`, value]),
  );
  const sample = signed(request("gitea", Object.fromEntries(headers), body));
  const signature = signatures(sample)["X-Gitea-Signature"] ?? "";
  return { ...sample, headers: { ...sample.headers, "X-Forgejo-Signature": signature } };
}

const titled = (title: string) => ({ ...ISSUE, issue: { ...ISSUE.issue, title } });

const OF_GITEA: Replayed["altered"] = [
  [{ "X-Gitea-Event": "ISSUES" }, 200],
  [{ "X-Gitea-Event-Type": "__proto__" }, 200],
  [{ "X-Gitea-Event-Type": "push" }, 400],
  [{ "X-Gitea-Event-Type": "issue_comment" }, 400],
  [{ "X-Gitea-Signature": "" }, 401],
];
const OF_FORGEJO: Replayed["altered"] = [
  [{ "X-Forgejo-Delivery": "another" }, 200],
  [{ "X-Forgejo-Event": "push", "X-Forgejo-Event-Type": "push" }, 200],
  [{ "X-Forgejo-Signature": "0" }, 200],
];

const REPLAYED: readonly Replayed[] = [
  {
    what: "Gitea",
    first: signed(request("gitea", GITEA.headers, titled("Sent by Gitea"))),
    altered: OF_GITEA,
  },
  {
    what: "Forgejo",
    first: forgejo("issues", "issue_assign", "forgejo-1", titled("Sent by Forgejo")),
    altered: [...OF_GITEA, ...OF_FORGEJO],
  },
  {
    what: "Forgejo's Actions",
    first: forgejo("action_run_success", "action_run_success", "forgejo-2", RUN),
    altered: [
      ...OF_FORGEJO,
      [{ "X-Gitea-Event": "action_run_failure" }, 200],
      [{ "X-Gitea-Event-Type": "ACTION_RUN_SUCCESS" }, 200],
      [{ "X-Gitea-Event-Type": "action_run_failure" }, 400],
      [{ "X-Gitea-Event-Type": "workflow_run" }, 400],
      [{ "X-Gitea-Event-Type": "issues" }, 400],
    ],
  },
  {
    what: "Plane",
    first: signed(PLANE),
    altered: [
      [{ "X-Plane-Delivery": "", "X-Hook-Delivery": "another" }, 200],
      [{ "X-Hook-Delivery": "another" }, 200],
      [{ "X-Plane-Event": "" }, 200],
      [{ "X-Plane-Event": "work_item" }, 200],
      [{ "X-Plane-Event": "work_item.deleted" }, 200],
      [{ "X-Plane-Event": "ISSUE" }, 400],
      [{ "X-Plane-Event": "issue_comment" }, 400],
      [{ "X-Plane-Event": "__proto__" }, 400],
      [{ "X-Gitea-Event": "push", "X-Gitea-Delivery": "another" }, 200],
      [{ "X-Plane-Signature": "" }, 401],
    ],
  },
];

const IDS: readonly [what: string, id: string][] = [
  ["new", "another"],
  ["in another case", "ANOTHER"],
  ["empty", ""],
  ["blank", " "],
  ["a path", "../../etc"],
  ["what objects have", "__proto__"],
  ["of 8,000 characters", "x".repeat(8_000)],
];

/** As it was, but for these headers; an id that was not seen, if they name none. */
function replay(first: SampleRequest, headers: Headers): Promise<Answer> {
  fresh += 1;
  const again = redelivered(first, `replay-${fresh}`);
  return post(origin, { ...again, headers: { ...again.headers, ...headers } });
}
let fresh = 0;

/** The same bytes, the headers' names written another way. */
async function spelled(first: SampleRequest, spell: (name: string) => string): Promise<string> {
  const headers = Object.entries(redelivered(first, "spelled").headers)
    .filter(([name]) => !/^(host|connection|content-length)$/i.test(name))
    .map(([name, value]) => `${spell(name)}: ${value}`);
  const length = `${spell("Content-Length")}: ${first.body.length}`;
  const line = `POST /webhook/${first.source}`;
  return (await raw(origin, head(line, [...headers, length]), first.body)).text;
}

describe.each(REPLAYED)("what $what sent, replayed", ({ first, altered }) => {
  const idName = first.source === "plane" ? "X-Plane-Delivery" : "X-Gitea-Delivery";
  const macName = first.source === "plane" ? "X-Plane-Signature" : "X-Gitea-Signature";
  const jobs = () =>
    abused.store.queues
      .get("deliveries")
      .getJobCountByTypes("wait", "delayed", "active", "completed");
  let before = 0;

  beforeAll(async () => {
    expect((await post(origin, first)).body.status).toMatch(/^(success|accepted)$/);
    before = await jobs();
  });

  it.each(IDS)("under an id that is %s is a duplicate", async (_, id) => {
    const { status, body } = await replay(first, { [idName]: id });
    expect([status, body]).toEqual([200, { status: "duplicate" }]);
    expect(await jobs()).toBe(before);
  });

  it.each(altered)("with %o is %i, and no second job", async (headers, expected) => {
    const { status, body } = await replay(first, headers);
    expect(status).toBe(expected);
    if (status === 200) expect(body).toEqual({ status: "duplicate" });
    else expect(body).toEqual({ detail: expect.any(String) });
    expect(await jobs()).toBe(before);
  });

  it("with its headers' names or signature in another case is a duplicate", async () => {
    const mac = first.headers[macName] ?? "";
    expect((await replay(first, { [macName]: mac.toUpperCase() })).body.status).toBe("duplicate");
    for (const spell of [
      (name: string) => name.toUpperCase(),
      (name: string) => name.toLowerCase(),
    ]) {
      expect(await spelled(first, spell)).toContain(`{"status":"duplicate"}`);
    }
    expect(await jobs()).toBe(before);
  });

  it("as a form, whose JSON is what was signed, is a duplicate", async () => {
    const form = new URLSearchParams({ payload: first.signed.toString("utf8") });
    const body = Buffer.from(form.toString());
    const type = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await replay({ ...first, body }, type)).body).toEqual({ status: "duplicate" });
    expect(await jobs()).toBe(before);
  });

  it("under its own id is a duplicate, whatever the body says now", async () => {
    const said = JSON.parse(first.signed.toString("utf8"));
    const other = signed(request(first.source, first.headers, { ...said, unused: 1 }));
    expect((await post(origin, other)).body).toEqual({ status: "duplicate" });
    expect(await jobs()).toBe(before);
  });

  it("to the other tracker's address is 401: the secret is another", async () => {
    const source = first.source === "plane" ? "gitea" : "plane";
    const mac = first.headers[macName] ?? "";
    const headers = { ...first.headers, "X-Gitea-Signature": mac, "X-Plane-Signature": mac };
    expect((await post(origin, { ...first, source, headers })).status).toBe(401);
    expect(await jobs()).toBe(before);
  });
});

import type { Job } from "bullmq";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CATALOG } from "../../src/queue/catalog.js";
import { type AbusedReceiver, startAbusedReceiver } from "../support/abused-receiver.js";
import { altered, endless } from "../support/altered-bodies.js";
import {
  type Answer,
  expectedAnswers,
  fixture,
  post,
  request,
  type SampleRequest,
  signed,
} from "../support/signed-request.js";

/** Bodies for each sample request; a failure names the seed that makes it again. */
const RUNS = 60;
/** Jobs read at once: thousands in one answer are more than the embedded server has ready in time. */
const PAGE = 200;

let abused: AbusedReceiver;

beforeAll(async () => {
  abused = await startAbusedReceiver();
});
afterAll(() => abused.close());

/** The answers there are to a signed JSON body, word for word as the contract has them. */
function isByContract({ status, body }: Answer): boolean {
  if (status === 400) return onlyText(body, ["detail"]);
  if (status !== 200) return false;
  switch (body.status) {
    case "accepted":
      return onlyText(body, ["status", "delivery"]);
    case "ignored":
      return onlyText(body, ["status", "reason"]);
    case "duplicate":
      return onlyText(body, ["status"]);
    case "success": {
      const { issue_number: number, ...rest } = body;
      return Number.isSafeInteger(number) && onlyText(rest, ["status", "action", "delivery"]);
    }
    default:
      return false;
  }
}

/** Exactly these fields, each a text of a line that is short enough to be shown. */
function onlyText(body: Record<string, unknown>, fields: readonly string[]): boolean {
  const fits = (value: unknown) => typeof value === "string" && value.length < 2_000;
  return (
    Object.keys(body).sort().join() === [...fields].sort().join() && Object.values(body).every(fits)
  );
}

const signedAgain = (sample: SampleRequest, body: string) =>
  signed(request(sample.source, { ...sample.headers, "Content-Type": "application/json" }, body));

/** The waiting jobs, the oldest first, from the given place on. */
async function waitingJobs(from = 0): Promise<Job[]> {
  const queue = abused.store.queues.get("deliveries");
  const jobs = await queue.getJobs(["wait"], from, from + PAGE - 1, true);
  return jobs.length < PAGE ? jobs : [...jobs, ...(await waitingJobs(from + PAGE))];
}

describe("a body with fields dropped, replaced and retyped", () => {
  for (const name of Object.keys(expectedAnswers())) {
    it(`like ${name} is answered by the contract`, async () => {
      const sample = fixture(name);
      const { "X-Gitea-Delivery": _, "X-Plane-Delivery": __, ...headers } = sample.headers;
      const bodies = altered(JSON.parse(sample.signed.toString("utf8")));
      const answersByContract = async (body: unknown) => {
        const sent = signedAgain({ ...sample, headers }, JSON.stringify(body));
        const answer = await post(abused.receiver.url, sent);
        expect(isByContract(answer), `${answer.status} ${JSON.stringify(answer.body)}`).toBe(true);
      };
      await fc.assert(fc.asyncProperty(bodies, answersByContract), { numRuns: RUNS });
    });
  }

  it("that is any JSON at all is answered by the contract, whatever event it claims to be", async () => {
    const events = Object.keys(expectedAnswers()).map((name) => fixture(name));
    const any = fc.tuple(fc.constantFrom(...events), fc.json());
    await fc.assert(
      fc.asyncProperty(any, async ([sample, body]) => {
        const answer = await post(abused.receiver.url, signedAgain(sample, body));
        expect(isByContract(answer), `${answer.status} ${JSON.stringify(answer.body)}`).toBe(true);
      }),
      { numRuns: 10 * RUNS },
    );
  });

  it("leaves in the queue only what its own schema takes back", async () => {
    const jobs = await waitingJobs();
    expect(jobs.length).toBeGreaterThan(0);
    const read = (data: unknown) => CATALOG.deliveries.schema.safeParse(data).success;
    expect(jobs.filter(({ data }) => !read(data))).toEqual([]);
  });

  for (const name of Object.keys(expectedAnswers())) {
    it(`like ${name} with any one of its texts endless makes no large job`, async () => {
      const { source, headers, signed: json } = fixture(name);
      const id = source === "plane" ? "X-Plane-Delivery" : "X-Gitea-Delivery";
      const before = await abused.store.queues.get("deliveries").getWaitingCount();
      for (const [at, body] of endless(JSON.parse(json.toString("utf8"))).entries()) {
        const sent = signedAgain(
          {
            source,
            headers: { ...headers, [id]: `endless-${name}-${at}` },
            body: json,
            signed: json,
          },
          JSON.stringify(body),
        );
        const answer = await post(abused.receiver.url, sent);
        expect(isByContract(answer), `${answer.status} ${JSON.stringify(answer.body)}`).toBe(true);
      }
      const sizes = (await waitingJobs(before)).map(({ data }) => JSON.stringify(data).length);
      expect(Math.max(0, ...sizes)).toBeLessThan(10_000);
    });
  }
});

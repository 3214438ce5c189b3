import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type IssueAddress, issueKey } from "../../src/domain/issue.js";
import { type Tracker, TrackerError, type TrackerPlace } from "../../src/engine/tracker.js";

/** One tracker with one issue, assigned to nobody, and what the suite does behind its back. */
export interface TrackerWorld {
  readonly tracker: Tracker;
  /** The same server asked with a token it doesn't know. */
  readonly stranger: Tracker;
  /** The same server, reachable by a client that waits 50 ms only. */
  readonly impatient: Tracker;
  readonly secret: string;
  readonly issue: IssueAddress;
  readonly missing: IssueAddress;
  /** Where the issue is. */
  readonly place: TrackerPlace;
  /** One more open issue there, the bot's. */
  anotherIssue(): IssueAddress;
  /** What the issue shows, as its tracker stores it. */
  comments(): readonly string[];
  /** A person's comment on the issue; returns its id. */
  humanComment(text: string): string;
  /** Signs the comment was given; null: the tracker has none. */
  reactions(comment: string): readonly string[] | null;
  readonly missingComment: string;
  assignBot(): void;
  assignSomeone(): void;
  finish(): void;
  failNext(count: number, status: number): void;
  /** Refuses everything until 30 s from now. */
  limit(): void;
  /** Never answers again. */
  hang(): void;
  stop(): Promise<void>;
}

async function every<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

/** What every implementation of the port does. */
export function trackerContract(name: string, open: () => Promise<TrackerWorld>): void {
  describe(`${name} tracker`, () => {
    let world: TrackerWorld;
    beforeEach(async () => {
      world = await open();
    });
    afterEach(() => world.stop());

    const failure = async (work: Promise<unknown>): Promise<TrackerError> => {
      const error = await work.then(
        () => null,
        (reason: unknown) => reason,
      );
      if (!(error instanceof TrackerError)) throw new Error(`expected a TrackerError: ${error}`);
      expect(`${error.message} ${error.cause ?? ""}`).not.toContain(world.secret);
      return error;
    };

    it("reads an issue as it is now", async () => {
      const issue = await world.tracker.readIssue(world.issue);
      expect(issue).toMatchObject({
        address: world.issue,
        title: "Count frames",
        open: true,
        assigned: false,
      });
      expect(issue?.text).toContain("Blocked by: #160");
      expect(issue?.order).toBeGreaterThan(0);
      expect(Date.parse(issue?.updatedAt ?? "")).toBeGreaterThan(0);
    });

    it("says null of an issue that isn't there", async () => {
      expect(await world.tracker.readIssue(world.missing)).toBeNull();
    });

    it("sees the bot among several assignees, and not where others are assigned", async () => {
      world.assignSomeone();
      expect(await world.tracker.readIssue(world.issue)).toMatchObject({ assigned: false });
      world.assignBot();
      expect(await world.tracker.readIssue(world.issue)).toMatchObject({ assigned: true });
    });

    it("sees that an issue is finished", async () => {
      world.finish();
      expect(await world.tracker.readIssue(world.issue)).toMatchObject({ open: false });
    });

    it("posts the comment of an effect once, however often it is asked", async () => {
      for (let i = 0; i < 3; i++) {
        await world.tracker.comment(world.issue, "ET-001-v2-run-0-comment", "Questions **here**");
      }
      expect(world.comments()).toHaveLength(1);
      await world.tracker.comment(world.issue, "ET-001-v3-run-0-comment", "Others");
      expect(world.comments()).toHaveLength(2);
    });

    it("isn't kept from commenting by another effect's id quoted in a comment", async () => {
      const quoted = "<!-- stagecoach:effect:second -->";
      await world.tracker.comment(world.issue, "first", `it said\n\n${quoted}`);
      await world.tracker.comment(world.issue, "second", "news");
      expect(world.comments()).toHaveLength(2);
    });

    it("refuses to comment on a missing issue, and not to be asked again", async () => {
      const error = await failure(world.tracker.comment(world.missing, "one", "text"));
      expect(error).toMatchObject({ code: "tracker-refused", retryable: false });
    });

    it("puts the status comment as often as asked without a second one", async () => {
      await world.tracker.putStatusComment(world.issue, "ET-001", "first");
      const before = world.comments().length;
      await world.tracker.putStatusComment(world.issue, "ET-001", "second");
      expect(world.comments().length).toBe(before);
      expect(before).toBeLessThanOrEqual(1);
    });

    it("cuts a comment that is too long, whole characters, and says so", async () => {
      const line = `${"🚀".repeat(40)}\n`;
      await world.tracker.comment(world.issue, "long", line.repeat(2_000));
      await world.tracker.comment(world.issue, "long", line.repeat(2_000));
      const [comment = "", ...others] = world.comments();
      expect(others).toEqual([]);
      expect(Buffer.byteLength(comment)).toBeLessThan(70_000);
      expect(comment).toMatch(/Shortened: [\d,]+ more characters/);
      expect(comment).not.toContain("\uFFFD");
    });

    it("gives a comment its sign once, or says that it has none to give", async () => {
      const comment = world.humanComment("/approve");
      const answers = [];
      for (const sign of ["looking", "seen", "seen", "refused"] as const) {
        answers.push(await world.tracker.react(world.issue, comment, sign));
      }
      const signs = world.reactions(comment);
      expect(answers).toEqual(Array(4).fill(signs !== null));
      expect(signs ?? ["eyes", "+1", "-1"]).toEqual(["eyes", "+1", "-1"]);
      expect(world.comments()).toHaveLength(1);
    });

    it("has nothing left to answer where a comment is gone", async () => {
      const answered = await world.tracker.react(world.issue, world.missingComment, "seen");
      expect(answered).toBe(world.reactions(world.missingComment) !== null);
    });

    it("closes an issue, closed already or not", async () => {
      await world.tracker.closeIssue(world.issue);
      await world.tracker.closeIssue(world.issue);
      world.finish();
      await world.tracker.closeIssue(world.issue);
      expect(await world.tracker.readIssue(world.issue)).toMatchObject({ open: false });
    });

    it("accepts every state of ours", async () => {
      for (const state of ["In Progress", "In Review", "Needs Input", "Blocked", "Done"] as const) {
        await world.tracker.setState(world.issue, state);
      }
    });

    it("knows no blockers where there are none", async () => {
      expect(await world.tracker.blockers(world.issue)).toEqual([]);
      expect(await world.tracker.blockers(world.missing)).toEqual([]);
    });

    it("lists open issues page by page, those of the bot among them, finished ones not", async () => {
      world.assignBot();
      const others = [1, 2, 3, 4, 5].map(() => world.anotherIssue());
      const listed = await every(world.tracker.openIssues(world.place));
      const keys = listed.map(({ address }) => issueKey(address));
      for (const issue of [world.issue, ...others]) expect(keys).toContain(issueKey(issue));
      expect(new Set(keys).size).toBe(keys.length);
      const own = listed.find(({ address }) => issueKey(address) === issueKey(world.issue));
      expect(own).toMatchObject({ ...(await world.tracker.readIssue(world.issue)), open: true });
      expect(Date.parse(own?.createdAt ?? "")).toBeLessThanOrEqual(
        Date.parse(own?.updatedAt ?? ""),
      );
      world.finish();
      const left = await every(world.tracker.openIssues(world.place));
      expect(left.map(({ address }) => issueKey(address))).not.toContain(issueKey(world.issue));
    });

    it("lists comments since a time, over pages, and says which are the fleet's own", async () => {
      const said = ["one", "two", "three", "four", "five"].map((text) => world.humanComment(text));
      await world.tracker.comment(world.issue, "ET-001-v1-run-0-comment", "ours");
      const since = new Date(Date.now() - 60_000).toISOString();
      const listed = await every(world.tracker.commentsSince(world.place, since, [world.issue]));
      expect(listed.filter(({ own }) => !own).map(({ id }) => id)).toEqual(said);
      expect(listed.filter(({ own }) => own)).toHaveLength(1);
      const [first] = listed;
      expect(first).toMatchObject({ on: world.issue, onPullRequest: false, text: "one" });
      expect(first?.edited).toBe(false);
      expect(first?.author.length).toBeGreaterThan(0);
      const later = new Date(Date.now() + 86_400_000).toISOString();
      const none = await every(world.tracker.commentsSince(world.place, later, [world.issue]));
      expect(none).toEqual([]);
    });

    it("breaks a list off where the server is in trouble, after the pages it gave", async () => {
      world.failNext(1, 502);
      await failure(every(world.tracker.openIssues(world.place)));
      world.limit();
      const error = await failure(every(world.tracker.openIssues(world.place)));
      expect(error.retryAfterMs).toBeGreaterThan(20_000);
    });

    it("calls a server in trouble unavailable and worth another try", async () => {
      world.failNext(1, 502);
      const error = await failure(world.tracker.readIssue(world.issue));
      expect(error).toMatchObject({ code: "tracker-unavailable", retryable: true, status: 502 });
      expect(await world.tracker.readIssue(world.issue)).not.toBeNull();
    });

    it("passes on how long a rate limit lasts", async () => {
      world.limit();
      const error = await failure(world.tracker.readIssue(world.issue));
      expect(error).toMatchObject({ code: "tracker-rate-limited", retryable: true, status: 429 });
      expect(error.retryAfterMs).toBeGreaterThan(20_000);
      expect(error.retryAfterMs).toBeLessThanOrEqual(31_000);
    });

    it("says that a wrong token is refused", async () => {
      const error = await failure(world.stranger.readIssue(world.issue));
      expect(error).toMatchObject({ code: "tracker-refused", retryable: false });
    });

    it("doesn't wait for ever", async () => {
      world.hang();
      const error = await failure(world.impatient.readIssue(world.issue));
      expect(error).toMatchObject({ code: "tracker-unavailable", retryable: true });
      expect(error.message).toContain("no answer in time");
    });

    it("says that a server is gone", async () => {
      await world.stop();
      const error = await failure(world.tracker.readIssue(world.issue));
      expect(error).toMatchObject({ code: "tracker-unavailable", retryable: true });
    });
  });
}

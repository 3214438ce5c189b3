import { applyVerdict } from "../../../src/domain/applied-verdict.js";
import {
  branchDeleted,
  pullRequestClosed,
  pullRequestReopened,
} from "../../../src/domain/branch-life.js";
import { cancelled, edited, replanned, started } from "../../../src/domain/item-life.js";
import { DEFAULT_METADATA } from "../../../src/domain/metadata.js";
import {
  approved,
  hearing,
  questionsAnswered,
  rejected,
  retried,
} from "../../../src/domain/people.js";
import { GATES, type Pipeline, stepAt } from "../../../src/domain/pipeline.js";
import { rolledBack } from "../../../src/domain/rollback.js";
import { RUN_ENDINGS, type RunEnding } from "../../../src/domain/run.js";
import { runEnded } from "../../../src/domain/run-ended.js";
import { runStarted, startRefusal } from "../../../src/domain/run-life.js";
import {
  type Cause,
  entering,
  type Rules,
  type Transition,
} from "../../../src/domain/transition.js";
import type { Verdict } from "../../../src/domain/verdict.js";
import {
  hasPendingRun,
  isFinished,
  type Trigger,
  type WorkItem,
} from "../../../src/domain/work-item.js";
import { dice } from "../../support/dice.js";
import { HEAD, judged, OLDER, rules } from "./situation.js";

/** Walks one item through whatever may happen to it; the world around keeps the rules of the engine. */
export class Walk {
  readonly #dice;
  readonly #rules: Rules;
  #steps = 0;
  last: Transition;

  constructor(seed: number, steps: Pipeline) {
    this.#dice = dice(seed);
    this.#rules = rules({ pipeline: steps });
    const news = {
      id: "ET-001",
      project: "rocket",
      issue: { tracker: "gitea", repo: "acme/rocket", number: 161 },
      order: 161,
      title: "Retry the sync",
      url: null,
      branch: "feature/ET-001",
      metadata: DEFAULT_METADATA,
      issueUpdatedAt: "2026-03-02T09:00:00Z",
    } as const;
    this.last = started(news, steps, this.#rules, this.#cause("d"));
  }

  get item(): WorkItem {
    return this.last.item;
  }

  /** What happens next; null: it was refused and nothing changed. */
  step(): Transition | null {
    this.#steps += 1;
    const happened = this.#dice.of([
      () => this.#start(),
      () => this.#start(),
      () => this.#end(),
      () => this.#end(),
      () => this.#judge(),
      () => this.#judge(),
      () => this.#act(),
      () => this.#act(),
      () => this.#hear(),
      () => this.#edit(),
      () => replanned(this.item, this.#cause("d")),
      () => this.#leave(),
      () => this.#lose(),
    ])();
    if (happened !== null) this.last = happened;
    return happened;
  }

  retry(): Transition {
    return retried(this.item, this.#speaker(), this.#rules, this.#cause("c"));
  }

  #cause(prefix: string): Cause {
    const minute = new Date(Date.UTC(2026, 2, 2) + this.#steps * 60_000);
    return { id: `${prefix}${this.#steps}`, text: "a step", at: minute.toISOString() };
  }

  #speaker() {
    return { comment: String(this.#steps), name: "alice" };
  }

  /** A failed run starts again by a person's word only; an open one may be taken over. */
  #start(): Transition | null {
    const { item } = this;
    const role = stepAt(this.#rules.pipeline, item.stage)?.agent;
    if (role === undefined || item.status === "failed") return null;
    if (startRefusal(item, item.version) !== null) return null;
    return runStarted(item, role, "sonnet", this.#cause("start-"));
  }

  #end(): Transition | null {
    const { item } = this;
    const ending: RunEnding = this.#dice.chance(0.6) ? "succeeded" : this.#dice.of(RUN_ENDINGS);
    const end = {
      ending,
      reason: "because",
      report: { usage: { inputTokens: 1, outputTokens: 1 }, costUsd: 0.01 },
      commitBefore: OLDER,
      commitAfter: ending === "succeeded" ? HEAD : null,
      wrote: [],
    };
    // Now and then a run that was taken over comes to its end, too.
    const attempt = (item.run?.attempt ?? 1) - (this.#dice.chance(0.1) ? 1 : 0);
    const id = `${item.id}-v${item.version}-a${attempt}`;
    return runEnded(item, id, end, this.#cause("end-"), this.#rules.developerRunCap);
  }

  /** A gate records its verdict as the engine lets it: after a success, or while no run is pending. */
  #judge(): Transition | null {
    const { item } = this;
    if (isFinished(item) || hasPendingRun(item)) return null;
    const afterRun = item.expectsRun && !item.consumed.includes("run") && !item.verdicts.run;
    const evaluation = afterRun ? "run" : `d${this.#steps}`;
    const trigger: Trigger = afterRun ? "run" : this.#dice.of(["person", "webhook"]);
    const next = judged(item, this.#verdict(), trigger, evaluation);
    return { item: next, history: [], effects: [] };
  }

  #verdict(): Verdict {
    const artifact = this.#dice.of(["01-questions.md", "10-conflict.md", "12-review.md"]);
    const gate = stepAt(this.#rules.pipeline, this.item.stage)?.gate ?? "";
    return {
      gate: this.#dice.chance(0.8) ? gate : this.#dice.of(GATES),
      passed: this.#dice.chance(0.45),
      reason: this.#dice.of(["no", "not yet", "not at all"]),
      evidence: "tail",
      commit: this.#dice.of([HEAD, OLDER, null]),
      ...(this.#dice.chance(0.3) && { pending: true }),
      ...(this.#dice.chance(0.5) && { findings: { artifact, text: "why" } }),
    };
  }

  #act(): Transition | null {
    const known = Object.keys(this.item.verdicts);
    const evaluation = this.#dice.of(["run", "c0", ...known]);
    return applyVerdict(this.item, evaluation, this.#rules, this.#cause(`after-${evaluation}-`));
  }

  #hear(): Transition | null {
    const speaker = this.#speaker();
    const cause = this.#cause("c");
    const item = hearing(this.item, speaker.comment);
    if (item === null) return null;
    return this.#dice.of([
      () => approved(item, speaker, this.#dice.of([null, HEAD.slice(0, 7), OLDER]), cause),
      () => rejected(item, speaker, "Too vague.", this.#rules, cause),
      () => retried(item, speaker, this.#rules, cause),
      () =>
        rolledBack(
          item,
          speaker,
          this.#dice.of([null, "analysis", "development"]),
          this.#rules,
          cause,
        ),
      () =>
        item.stage === "analysis" && item.status === "needs-input"
          ? questionsAnswered(item, speaker, "Port 3000.", this.#rules, cause)
          : null,
    ])();
  }

  #edit(): Transition | null {
    const { item } = this;
    if (isFinished(item)) return null;
    const { metadata, issueUpdatedAt } = item;
    return edited(item, { title: "Other", metadata, issueUpdatedAt }, this.#cause("d"));
  }

  /** People close its pull request, open it again, or delete its branch. */
  #lose(): Transition | null {
    const { item } = this;
    const cause = this.#cause("d");
    return this.#dice.of([
      () => pullRequestClosed(item, 9, cause),
      () => pullRequestReopened(item, 9, this.#rules, cause),
      () => (this.#dice.chance(0.2) ? branchDeleted(item, true, cause) : null),
    ])();
  }

  /** Rarely somebody cancels the item, or merges its pull request while it is under way. */
  #leave(): Transition | null {
    const { item } = this;
    if (isFinished(item) || !this.#dice.chance(0.08)) return null;
    const cause = this.#cause("d");
    if (this.#dice.chance(0.5)) return cancelled(item, "The issue was closed.", cause);
    const reason = "It was merged.";
    return entering(item, "done", cause, this.#rules, {
      reason,
      runCause: { kind: "entered", reason, artifact: null, detail: "" },
      effects: [{ kind: "discard-flow", version: item.version }],
    });
  }
}

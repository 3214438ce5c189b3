import { giteaIssueKey, type IssueKey } from "../../src/domain/issue.js";
import { PROJECTS } from "./graph-world.js";

/** An issue as people and its tracker have it. */
export interface ModelIssue {
  readonly key: IssueKey;
  readonly project: string;
  readonly repo: string;
  readonly number: number;
  readonly blockedBy: Set<IssueKey>;
  readonly blocks: Set<IssueKey>;
  /** The tracker's own dependencies. */
  readonly dependencies: Set<IssueKey>;
  open: boolean;
  assigned: boolean;
}

/** What a person who saw everything would say of who waits for whom. */
export class GraphModel {
  readonly issues: readonly ModelIssue[];
  readonly waived = new Set<string>();
  /** Issues whose item came to its end once; it may have been let go of since. */
  readonly done = new Set<IssueKey>();
  /** Edges that the fleet was told of, by who states them. */
  readonly #told = new Map<string, Set<string>>();

  constructor(count: number) {
    this.issues = Array.from({ length: count }, (_, index) => {
      const project = PROJECTS[index % PROJECTS.length] ?? "one";
      const repo = `acme/${project}`;
      const number = index + 1;
      const key = giteaIssueKey(repo, number);
      const none = () => new Set<IssueKey>();
      return {
        ...{ key, project, repo, number, open: true, assigned: false },
        ...{ blockedBy: none(), blocks: none(), dependencies: none() },
      };
    });
  }

  at(key: IssueKey): ModelIssue {
    const issue = this.issues.find((one) => one.key === key);
    if (issue === undefined) throw new Error(`no issue ${key}`);
    return issue;
  }

  /** Somebody closes the issue of an item that is done: else it would block again, let go of. */
  finished(key: IssueKey): void {
    this.done.add(key);
    this.at(key).open = false;
  }

  text(issue: ModelIssue): string {
    const list = (keys: ReadonlySet<IssueKey>) =>
      keys.size === 0 ? "None" : [...keys].map((key) => key.replace("gitea:", "")).join(", ");
    return `- Blocked by: ${list(issue.blockedBy)}\n- Blocks: ${list(issue.blocks)}\n`;
  }

  textEdges(issue: ModelIssue): string[] {
    return [
      ...[...issue.blockedBy].map((blocker) => edgeOf(issue.key, blocker)),
      ...[...issue.blocks].map((dependent) => edgeOf(dependent, issue.key)),
    ];
  }

  trackerEdges(issue: ModelIssue): string[] {
    return [...issue.dependencies].map((blocker) => edgeOf(issue.key, blocker));
  }

  told(source: string): ReadonlySet<string> {
    return this.#told.get(source) ?? new Set();
  }

  tell(source: string, edges: Iterable<string>): void {
    this.#told.set(source, new Set(edges));
  }

  /** Whom it waits for. */
  unmet(dependent: IssueKey, met: ReadonlySet<IssueKey>): IssueKey[] {
    const edges = new Set([...this.#told.values()].flatMap((told) => [...told]));
    return [...edges].flatMap((edge) => {
      const [from, blocker = ""] = edge.split(" ");
      return from === dependent && !met.has(blocker) && !this.waived.has(edge) ? [blocker] : [];
    });
  }

  /** Does it wait for itself, however far around? */
  isOnLoop(issue: IssueKey, met: ReadonlySet<IssueKey>): boolean {
    const seen = new Set<IssueKey>();
    const queue = this.unmet(issue, met);
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      if (key === issue) return true;
      if (!seen.has(key)) queue.push(...this.unmet(key, met));
      seen.add(key);
    }
    return false;
  }
}

export function edgeOf(dependent: IssueKey, blocker: IssueKey): string {
  return `${dependent} ${blocker}`;
}

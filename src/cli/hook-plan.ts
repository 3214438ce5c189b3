import type { StoredHook } from "../trackers/gitea-admin.js";
import {
  isReceiver,
  type ReadEvents,
  sendsAll,
  unsentEvents,
} from "../webhooks/gitea/hook-events.js";

export interface Wanted {
  /** The receiver's address. */
  readonly url: string;
  readonly events: ReadEvents;
  /** What its project can't do without; of each, one will do. */
  readonly needed: readonly (readonly string[])[];
  /** Give it the current secret, which takes a new hook. */
  readonly rotate: boolean;
}

/** What is done in one repository. */
export type HookAct =
  | { readonly kind: "none" }
  | { readonly kind: "create" }
  | { readonly kind: "repair"; readonly hook: StoredHook; readonly why: readonly string[] }
  | { readonly kind: "rotate"; readonly hooks: readonly StoredHook[] };

/**
 * What makes one good hook of those that are there. A hook that leads to a receiver elsewhere is
 * taken for ours under an old address, unless one with the right address is there too, or there
 * are several of them.
 */
export function planHook(hooks: readonly StoredHook[], wanted: Wanted): HookAct {
  const right = hooks.filter(({ url }) => isSame(url, wanted.url));
  const elsewhere = hooks.filter((hook) => isReceiver(hook.url) && !right.includes(hook));
  const ours = right.length > 0 ? right : elsewhere.length === 1 ? elsewhere : [];
  const [hook] = [...ours].sort((a, b) => Number(b.active) - Number(a.active));
  if (hook === undefined) return { kind: "create" };
  if (wanted.rotate) return { kind: "rotate", hooks: ours };
  const why = faultsOf(hook, wanted);
  return why.length === 0 ? { kind: "none" } : { kind: "repair", hook, why };
}

/** Receivers that hooks lead to beside ours: another fleet's, or left over. */
export function strangers(hooks: readonly StoredHook[], url: string, act: HookAct): number {
  const taken = act.kind === "repair" ? [act.hook] : act.kind === "rotate" ? act.hooks : [];
  return hooks.filter(
    (hook) => isReceiver(hook.url) && !isSame(hook.url, url) && !taken.includes(hook),
  ).length;
}

function faultsOf(hook: StoredHook, { url, events, needed }: Wanted): readonly string[] {
  return [
    ...(isSame(hook.url, url) ? [] : ["it led elsewhere"]),
    ...(hook.active ? [] : ["it was not active"]),
    ...(sendsAll(events.sure, hook.events) && unsentEvents(needed, hook.events).length === 0
      ? []
      : ["it didn't send all events"]),
    ...(["", "*", "**"].includes(hook.branchFilter) ? [] : ["it hid pushes by a branch filter"]),
  ];
}

function isSame(one: string, other: string): boolean {
  return one.replace(/\/$/, "") === other.replace(/\/$/, "");
}

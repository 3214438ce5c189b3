import type { EffectKind } from "./effect.js";
import type { IssueAddress } from "./issue.js";
import { type Cause, noted, numbered, type Transition } from "./transition.js";
import type { WorkItem } from "./work-item.js";

/** Who said something where; its comment's id makes it act once. */
export interface Speaker {
  readonly comment: string;
  readonly name: string;
  /** When it was said, by the tracker's clock, perhaps in whole seconds; absent: not known. */
  readonly at?: string | undefined;
  /** Where the comment stands; absent: on the item's issue. */
  readonly place?: IssueAddress | undefined;
}

/** Says what a person asked to know, and changes nothing. */
export function answered(item: WorkItem, speaker: Speaker, cause: Cause, text: string): Transition {
  return noted(item, cause, {}, [], [sign(speaker, "seen", null), reply(speaker, text)]);
}

/** Says why nothing follows, and changes nothing. */
export function refused(item: WorkItem, speaker: Speaker, cause: Cause, text: string): Transition {
  return noted(item, cause, {}, [], [sign(speaker, "refused", null), reply(speaker, text)]);
}

/** Lets the speaker see that something follows; `words` are said where there are no signs. */
export function acknowledged(
  transition: Transition,
  speaker: Speaker,
  cause: Cause,
  words: string,
): Transition {
  const seen = numbered(transition.item, cause, [sign(speaker, "seen", words)]);
  return { ...transition, effects: [...transition.effects, ...seen] };
}

/** Lets the speaker see that a gate looks; `settled` says how that ended. */
export function looking(
  transition: Transition,
  speaker: Speaker,
  evaluation: string,
  cause: Cause,
  words: string,
): Transition {
  const { item } = transition;
  const { comment, name, place } = speaker;
  const asker = { comment, name, version: item.version, ...(place && { place }) };
  const current = Object.entries(item.askers ?? {}).filter(
    ([, { version }]) => version === item.version,
  );
  const seen = numbered(item, cause, [sign(speaker, "looking", words)]);
  return {
    ...transition,
    item: { ...item, askers: { ...Object.fromEntries(current), [evaluation]: asker } },
    effects: [...transition.effects, ...seen],
  };
}

/** Signs the comment that asked for an evaluation with what came of it; the words are said apart. */
export function settled(
  transition: Transition,
  speaker: Speaker,
  cause: Cause,
  outcome: "seen" | "refused",
): Transition {
  const signed = numbered(transition.item, cause, [sign(speaker, outcome, null)]);
  return { ...transition, effects: [...transition.effects, ...signed] };
}

function sign(
  { comment, place }: Speaker,
  reaction: "seen" | "looking" | "refused",
  otherwise: string | null,
): EffectKind {
  return { kind: "reaction", comment, reaction, otherwise, ...(place && { place }) };
}

function reply({ place }: Speaker, body: string): EffectKind {
  return { kind: "comment", body, ...(place && { place }) };
}

import { z } from "zod";
import type { Fleet } from "../../domain/fleet.js";
import { ignored, malformed, type Reading, shaped } from "../reading.js";
import { readPlaneComment } from "./comment.js";
import { planeActionOf, planeEventOf } from "./event.js";
import { readPlaneIssue } from "./issue.js";

const READERS = { issue: readPlaneIssue, issue_comment: readPlaneComment } as const;

const envelopeSchema = z.object({ event: z.string().nullish(), action: z.string().nullish() });

/** Turns a Plane body into an event. The body names its event too; the unsigned header must agree. */
export function readPlane(header: string | undefined, body: unknown, fleet: Fleet): Reading {
  return shaped(envelopeSchema, body, (envelope) => {
    const name = envelope.event ?? header;
    if (!name) return ignored("no event is named");
    const sent = planeEventOf(name);
    if (header !== undefined && planeEventOf(header).subject !== sent.subject) {
      return malformed("event: does not fit X-Plane-Event");
    }
    return readSubject(sent.subject, envelope.action ?? sent.action, body, fleet);
  });
}

function readSubject(subject: string, word: string | null, body: unknown, fleet: Fleet): Reading {
  if (subject !== "issue" && subject !== "issue_comment") {
    return ignored(`event ${subject.slice(0, 64)} is not used`);
  }
  if (word === null) return malformed("action: is missing");
  const action = planeActionOf(word);
  if (action === null) return ignored(`action ${word.slice(0, 64)} is not used`);
  return READERS[subject](body, fleet, action);
}

/** Format, control and filler characters a person doesn't see, but a model reads. */
const INVISIBLE =
  /\p{Cf}|\u034f|[\u115f\u1160\u17b4\u17b5\u3164\uffa0]|[\u180b-\u180f]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e0fff}]|(?![\n\t])\p{Cc}/gu;
/** One that never closes hides all that follows, so all that follows goes. */
const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;
/** Taking one out may put another together; nobody but an attacker nests them deeper. */
const DEEPEST = 8;

/** Text from outside as a person would see it: no HTML comments, nothing invisible. */
export function visibleText(text: string): string {
  let seen = text.replace(/\r\n?|[\u2028\u2029]/g, "\n").replace(INVISIBLE, "");
  for (let pass = 0; pass < DEEPEST; pass += 1) {
    const less = seen.replace(COMMENT, "");
    if (less === seen) return seen;
    seen = less;
  }
  const rest = seen.indexOf("<!--");
  return rest === -1 ? seen : seen.slice(0, rest);
}

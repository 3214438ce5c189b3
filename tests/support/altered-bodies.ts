import fc from "fast-check";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** One thing done to a body: at a place in it, counted modulo its places. */
interface Change {
  readonly place: number;
  readonly act: "drop" | "replace" | "wrap" | "twice";
  readonly value: Json;
}

const LONG = "ä".repeat(20_000);
/** What readers trip over more often than over random values. */
const odd = fc.constantFrom<Json>(
  null,
  true,
  0,
  -1,
  2 ** 53,
  1e308,
  1.5,
  "",
  " ",
  "__proto__",
  "constructor",
  "\0",
  "\uD800",
  "a\r\nX-Evil: 1",
  "../../etc/passwd",
  "refs/heads/",
  "9".repeat(400),
  LONG,
  [],
  {},
  [null],
  [[[[[]]]]],
  { id: null },
  { __typename: "x", id: {} },
);

const change: fc.Arbitrary<Change> = fc.record({
  place: fc.nat({ max: 100_000 }),
  act: fc.constantFrom("drop", "replace", "replace", "wrap", "twice"),
  value: fc.oneof(odd, fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>),
});

/** `body` with one to five of its fields dropped, replaced, retyped or put in arrays. */
export function altered(body: Json): fc.Arbitrary<Json> {
  return fc
    .array(change, { minLength: 1, maxLength: 5 })
    .map((changes) => changes.reduce(applied, structuredClone(body)));
}

/** `body` once for each text in it, that one 50,000 characters longer. */
export function endless(body: Json): Json[] {
  return placesOf(body).flatMap(({ parent, key }, nth) => {
    const text = valueAt(parent, key);
    if (typeof text !== "string") return [];
    const copy = structuredClone(body);
    const place = placesOf(copy)[nth];
    if (place !== undefined) set(place, text + "x".repeat(50_000));
    return [copy];
  });
}

function applied(body: Json, { place, act, value }: Change): Json {
  const places = placesOf(body);
  const at = places[place % places.length];
  if (at === undefined) return value;
  const { parent, key } = at;
  if (act === "drop") {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
    return body;
  }
  const before = valueAt(parent, key);
  set(at, { replace: value, wrap: [before], twice: [before, before] }[act]);
  return body;
}

function valueAt(parent: Parent, key: string): Json {
  return (parent as Record<string, Json>)[key] ?? null;
}

/** Defined, not set: `__proto__` must come out as a field of that name. */
function set({ parent, key }: Place, value: Json): void {
  const descriptor = { value, enumerable: true, configurable: true, writable: true };
  Object.defineProperty(parent, key, descriptor);
}

type Parent = Json[] | { [name: string]: Json };

interface Place {
  readonly parent: Parent;
  readonly key: string;
}

function placesOf(body: Json): Place[] {
  if (typeof body !== "object" || body === null) return [];
  return Object.entries(body).flatMap(([key, value]) => [
    { parent: body, key },
    ...placesOf(value),
  ]);
}

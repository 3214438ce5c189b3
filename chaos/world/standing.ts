/** Gives back what was taken, and nothing else; a second time changes nothing. */
export type GiveBack = () => void;

/** What is on at present: several at once, each of which ends alone. */
export interface Standing<T> {
  begin(what: T): GiveBack;
  /** In the order in which they began. */
  all(): readonly T[];
}

/** @param ended hears of each that was given back, when it isn't on any more */
export function standing<T>(ended: (what: T) => void = () => undefined): Standing<T> {
  const on = new Set<{ readonly what: T }>();
  return {
    begin(what) {
      const own = { what };
      on.add(own);
      return () => {
        if (on.delete(own)) ended(what);
      };
    },
    all: () => [...on].map(({ what }) => what),
  };
}

/** Listeners of one kind of event; `add` returns what takes the listener away again. */
export interface Listeners<T> {
  add(listener: (event: T) => void): () => void;
  tell(event: T): void;
}

export function listeners<T>(): Listeners<T> {
  const all = new Set<(event: T) => void>();
  return {
    add: (listener) => {
      all.add(listener);
      return () => {
        all.delete(listener);
      };
    },
    tell: (event) => {
      for (const listener of all) listener(event);
    },
  };
}

/** What is to be closed once all is over. */
export interface Endings {
  atEnd(close: () => Promise<void>): void;
  /** Closes all, the latest first, each whatever became of the others. @throws what the first that failed threw */
  endAll(): Promise<void>;
}

export function createEndings(): Endings {
  const open: (() => Promise<void>)[] = [];
  return {
    atEnd: (close) => void open.push(close),
    async endAll() {
      const faults: unknown[] = [];
      for (const close of open.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          faults.push(error);
        }
      }
      if (faults.length > 0) throw faults[0];
    },
  };
}

/** All the metrics of one scrape ask at once: they share one look at the store. */
export function sharedRead<Read>(read: () => Promise<Read>): () => Promise<Read> {
  let underWay: Promise<Read> | null = null;
  return () => {
    underWay ??= read().finally(() => {
      underWay = null;
    });
    return underWay;
  };
}

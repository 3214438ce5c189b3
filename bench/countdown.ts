/** Resolves `over` when it was called so often. */
export class Countdown {
  readonly over: Promise<void>;
  #left: number;
  #end: () => void = () => {};

  constructor(count: number) {
    this.#left = count;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  one(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#end();
  }
}

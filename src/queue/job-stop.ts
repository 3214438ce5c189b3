/**
 * Stops the work on one job. Its signal is made when somebody asks for it: most jobs end before anything
 * could stop them, and a signal costs more than all else that is done around a job here.
 */
export class JobStop {
  #controller: AbortController | null = null;
  #reason: Error | null = null;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== null) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Again: the first reason stays. */
  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }
}

/** Whose work there is. */
export type ControllerName =
  | "definition"
  | "registration"
  | "release"
  | "object"
  | "rights"
  | "status"
  | "event";

/** One thing to do, by name: asked for again while it waits, it is still one thing. */
export interface Request {
  readonly controller: ControllerName;
  /** Groups take turns, so that a large one does not hold up a small one. */
  readonly group: string;
  /** About what. */
  readonly name: string;
}

/** What a run came to: undefined where all is done, else after how many milliseconds it has to run again. */
export type Result = { readonly retryAfter: number } | undefined;

/** Does the work of one name. Requests of one key never run at the same time. */
export interface Controller {
  /**
   * @param attempt counts from 1; starts over after a run that left nothing to do
   * @throws anything: it runs again after a back-off
   */
  reconcile(request: Request, attempt: number): Promise<Result>;
  /** Told of a failed run, before the back-off. */
  failed(request: Request, error: unknown): void;
}

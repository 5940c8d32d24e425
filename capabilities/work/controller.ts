/** The controllers that have work. */
export type ControllerName =
  | "definition"
  | "registration"
  | "assignment"
  | "locker policy"
  | "release"
  | "object"
  | "rights"
  | "kinds"
  | "admission"
  | "rank"
  | "memory"
  | "status"
  | "event"
  | "object event";

/** One piece of work, identified by its name: if it is asked for again while it waits, it stays one piece. */
export interface Request {
  readonly controller: ControllerName;
  /** Groups take turns, so that a large group does not delay a small one. */
  readonly group: string;
  /** What the work is about. */
  readonly name: string;
  /** Whether it lets go first what something has happened to: there are thousands of it after a start. @default false */
  readonly canWait?: boolean;
}

/** The result of a run: undefined if all is done, otherwise when it has to run again. */
export type Result =
  | {
      /** Milliseconds. */
      readonly retryAfter: number;
      /** After how many milliseconds news of it ends the wait; undefined if it does not. */
      readonly newsAfter?: number | undefined;
    }
  | undefined;

/** Does the work of one name. Requests of one key never run at the same time. */
export interface Controller {
  /**
   * @param attempt counts from 1; starts over after a run that left nothing to do
   * @throws anything: the request runs again after a back-off
   */
  reconcile(request: Request, attempt: number): Promise<Result>;
  /** Called after a failed run, before the back-off. */
  failed(request: Request, error: unknown): void;
}

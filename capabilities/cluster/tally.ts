import type { Dispatcher } from "undici";
import { TooLateError } from "./errors";
import { observed } from "./observed";

/** Requests of one kind, answered alike. */
export interface Answered {
  /** As Kubernetes calls it: get, list, watch, create, patch or delete. */
  readonly verb: string;
  /** HTTP status code; "none" where no answer came. */
  readonly code: string;
  readonly count: number;
}

const VERBS: Readonly<Record<string, string>> = {
  GET: "get",
  POST: "create",
  PATCH: "patch",
  DELETE: "delete",
};

/** Counts how an API server answers. */
export class Tally {
  readonly #answered = new Map<string, Answered>();

  /** What was asked and answered so far. */
  get answered(): Iterable<Answered> {
    return this.#answered.values();
  }

  /** Counts one answer. */
  note(verb: string, code: string): void {
    const key = `${verb} ${code}`;
    const count = (this.#answered.get(key)?.count ?? 0) + 1;
    this.#answered.set(key, { verb, code, count });
  }
}

/** A dispatcher that counts the answers to what goes through it. What was withheld, and what was no longer wanted, was not asked. */
export function tallied(requests: Dispatcher, tally: Tally): Dispatcher {
  return observed(requests, options => {
    const verb = verbOf(options);
    let isAnswered = false;
    return {
      answered: code => {
        isAnswered = true;
        tally.note(verb, String(code));
      },
      failed: error => {
        if (!isAnswered && isOfServer(error)) tally.note(verb, "none");
      },
    };
  });
}

function isOfServer(error: Error): boolean {
  return !(error instanceof TooLateError) && error.name !== "AbortError";
}

function verbOf({ method, path }: Dispatcher.DispatchOptions): string {
  const query = new URLSearchParams(path.split("?")[1]);
  if (method === "GET" && query.has("watch")) return "watch";
  if (method === "GET" && query.has("limit")) return "list";
  return VERBS[method] ?? method.toLowerCase();
}

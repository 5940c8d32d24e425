import type { Watched } from "../state/watched";
import { tell, type Logger } from "./log";
import { causeWords, watchedWords } from "./problem-words";
import { few } from "./words";

/** How long a line waits for others that say the same, in milliseconds. */
const GATHERING = 1_000;

/** What is to be said of a watch, and why. */
interface Waiting {
  readonly line: "can't watch {what}: changes are not seen" | "watches {what} again";
  readonly fields: { readonly problem?: string };
}

/** Logs which watches fail, and which work again: one line for all that do so for the same reason. */
export class SightLog {
  readonly #log: Logger;
  /** What is said of whom, by the line. */
  readonly #waiting = new Map<string, { readonly said: Waiting; readonly names: Set<string> }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** A watch does not see. */
  blind(watched: Watched, error: unknown): void {
    const problem = causeWords(watched, error);
    this.#gather({ line: "can't watch {what}: changes are not seen", fields: { problem } }, watched);
  }

  /** A watch sees again. */
  sees(watched: Watched): void {
    this.#gather({ line: "watches {what} again", fields: {} }, watched);
  }

  #gather(said: Waiting, watched: Watched): void {
    const key = JSON.stringify(said);
    const same = this.#waiting.get(key);
    if (same) {
      same.names.add(watchedWords(watched));
      return;
    }
    this.#waiting.set(key, { said, names: new Set([watchedWords(watched)]) });
    setTimeout(() => {
      this.#write(key);
    }, GATHERING).unref();
  }

  #write(key: string): void {
    const { said, names } = this.#waiting.get(key) ?? {};
    this.#waiting.delete(key);
    if (!said || !names) return;
    tell(this.#log, said.line, { what: few([...names]) }, { fields: said.fields });
  }
}

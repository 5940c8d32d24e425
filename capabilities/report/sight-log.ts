import type { Watched } from "../state/watched";
import type { Logger } from "./log";
import { causeWords, watchedWords } from "./problem-words";
import { few } from "./words";

/** How long a line waits for others that say the same, in milliseconds. */
const GATHERING = 1_000;

/** A line of the log that waits. */
interface Line {
  readonly level: "warn" | "info";
  readonly begin: string;
  readonly end: string;
  readonly problem?: string;
}

/** Logs which watches fail, and which work again: one line for all that do so for the same reason. */
export class SightLog {
  readonly #log: Logger;
  /** What is said of whom, by the line. */
  readonly #waiting = new Map<string, { readonly line: Line; readonly names: Set<string> }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** A watch does not see. */
  blind(watched: Watched, error: unknown): void {
    const problem = causeWords(watched, error);
    this.#gather({ level: "warn", begin: "can't watch ", end: ": changes are not seen", problem }, watched);
  }

  /** A watch sees again. */
  sees(watched: Watched): void {
    this.#gather({ level: "info", begin: "watches ", end: " again" }, watched);
  }

  #gather(line: Line, watched: Watched): void {
    const key = JSON.stringify(line);
    const same = this.#waiting.get(key);
    if (same) {
      same.names.add(watchedWords(watched));
      return;
    }
    this.#waiting.set(key, { line, names: new Set([watchedWords(watched)]) });
    setTimeout(() => {
      this.#write(key);
    }, GATHERING).unref();
  }

  #write(key: string): void {
    const { line, names } = this.#waiting.get(key) ?? {};
    this.#waiting.delete(key);
    if (!line || !names) return;
    const { level, begin, end, problem } = line;
    this.#log.log(level, `${begin}${few([...names])}${end}`, {
      component: "watch",
      ...(problem === undefined ? {} : { problem }),
    });
  }
}

import { createLogger, format, transports, type Logger } from "winston";
import type { Kind } from "../kube/kinds";
import { errorWords } from "./words";

export type { Logger };

/** How long the same failure is not worth another line, in milliseconds. */
const REPEATED = 60_000;

/** performance.now() when a failure was logged, by its words: the last ones of each log. */
const said = new WeakMap<Logger, Map<string, number>>();
const MOST_SAID = 1_000;

/**
 * Logs a failure that will be tried again; as a detail where that was said a moment ago.
 *
 * @param component where it happened
 * @param locked the kind that was to be locked, if any
 */
export function troubled(
  log: Logger,
  component: string,
  what: string,
  { error, locked }: { error: unknown; locked?: Kind },
): void {
  const problem = errorWords(error, undefined, locked);
  log.log(isNews(log, `${what}: ${problem}`) ? "warn" : "debug", what, { component, problem });
}

function isNews(log: Logger, words: string): boolean {
  const known = said.get(log) ?? new Map<string, number>();
  said.set(log, known);
  if (performance.now() - (known.get(words) ?? -Infinity) < REPEATED) return false;
  known.delete(words);
  known.set(words, performance.now());
  const [oldest] = known.keys();
  if (known.size > MOST_SAID && oldest !== undefined) known.delete(oldest);
  return true;
}

/**
 * The logger of the process: one JSON object per line on stdout, with level, time and message first.
 *
 * @param level the least important level that is written: error, warn, info or debug
 */
export function createLog(level: string): Logger {
  return createLogger({
    level,
    format: format.combine(
      format.timestamp(),
      format.printf(({ level, timestamp, message, ...fields }) =>
        JSON.stringify({ level, time: timestamp, message, ...fields }),
      ),
    ),
    transports: [new transports.Console({ forceConsole: false })],
  });
}

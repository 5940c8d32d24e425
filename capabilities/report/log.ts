import { createLogger, format, transports, type Logger } from "winston";
import type { Kind } from "../kube/kinds";
import { LOG_LINES, lineWords, type Line, type Names } from "./log-lines";
import { errorWords } from "./words";

export type { Logger };

/** How long the same failure is not worth another line, in milliseconds. */
const REPEATED = 60_000;

/** performance.now() when a failure was logged, by its words: the last ones of each log. */
const said = new WeakMap<Logger, Map<string, number>>();
const MOST_SAID = 1_000;

/** What a line tells beside its words. @property level if it is not the line's own */
interface Details {
  readonly level?: "info" | "warn" | "debug";
  readonly fields?: object;
}

/** Logs a line. @param names what the names in its braces stand for */
export function tell<Of extends Line>(log: Logger, line: Of, names: Names<Of>, details: Details = {}): void {
  const { component, level } = LOG_LINES[line];
  log.log(details.level ?? level, lineWords(line, names), { component, ...details.fields });
}

/**
 * Logs a failure that will be tried again; as a detail where that was said a moment ago.
 *
 * @param names what the names in the line's braces stand for
 * @param locked the kind that was to be locked, if any
 */
export function troubled<Of extends Line>(
  log: Logger,
  line: Of,
  names: Names<Of>,
  { error, locked }: { error: unknown; locked?: Kind },
): void {
  const problem = errorWords(error, undefined, locked);
  const isNew = isNews(log, `${lineWords(line, names)}: ${problem}`);
  tell(log, line, names, { ...(isNew ? {} : { level: "debug" }), fields: { problem } });
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

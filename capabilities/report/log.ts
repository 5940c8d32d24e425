import { createLogger, format, transports, type Logger } from "winston";
import type { Kind } from "../kube/kinds";
import { errorWords } from "./words";

export type { Logger };

/**
 * Logs a failure that will be tried again.
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
  log.warn(what, { component, problem: errorWords(error, undefined, locked) });
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

import { createLogger, format, transports, type Logger } from "winston";

export type { Logger };

/**
 * The logger of the process: one JSON object a line on stdout, with level, time and message first.
 *
 * @param level least important level that is written: error, warn, info or debug
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

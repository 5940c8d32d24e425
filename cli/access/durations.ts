import { UserError } from "../errors";

/** Milliseconds of each unit. */
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The longest that can be asked for: a time is written with a year of four digits. */
const MOST = 3_650 * 86_400_000;

/**
 * Reads a duration: "90s", "1h30m", "2d".
 *
 * @param flag where it stands
 * @returns milliseconds
 * @throws UserError
 */
export function readDuration(flag: string, text: string): number {
  if (!/^(\d+[smhd])+$/.test(text))
    throw new UserError(`${flag} "${text}" is no duration: write it as in 90s, 30m, 1h30m or 2d`);
  let milliseconds = 0;
  for (const [, count, unit = ""] of text.matchAll(/(\d+)([smhd])/g))
    milliseconds += Number(count) * (UNITS[unit] ?? 0);
  if (milliseconds > MOST) throw new UserError(`${flag} "${text}" is too long: 3650d is the most`);
  return milliseconds;
}

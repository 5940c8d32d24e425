import { writeJson } from "../../capabilities/cluster/json";
import type { Json } from "../../capabilities/kube/object";
import { asEscapes } from "./documents";

/** What stands for a value that is not shown. */
export const HIDDEN = "***";

/** What stands for nothing. */
export const NOTHING = "-";

/** How many characters of a value a table shows. */
export const MOST_OF_VALUE = 32;

/** A value in one line: text as it is, if nobody can take it for something else. */
export function valueText(value: Json | undefined): string {
  if (value === undefined) return NOTHING;
  return typeof value === "string" && isPlain(value) ? value : asEscapes(writeJson(value));
}

/** Whether text stands for itself: no number or the like, nothing that a terminal would not show. */
function isPlain(text: string): boolean {
  return /^[^\s\p{C}"'{[-]\P{C}*$/u.test(text) && !/\s$/.test(text) && !isJson(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A text without what would move a terminal's cursor, or hide what follows. */
export function harmless(text: string): string {
  return text.replaceAll(/\p{C}/gu, "\u{FFFD}");
}

/** A text of several lines, each of them harmless. */
export function harmlessLines(text: string): string {
  return text.split("\n").map(harmless).join("\n");
}

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
] as const;

/** How long ago a time was, in its largest unit, as kubectl writes ages. @param time as metav1.Time */
export function ageText(time: string | undefined, now = Date.now()): string {
  const seconds = time === undefined ? NaN : Math.max(0, Math.floor((now - Date.parse(time)) / 1000));
  if (Number.isNaN(seconds)) return NOTHING;
  const [unit, size] = UNITS.find(([, inSeconds]) => seconds >= 2 * inSeconds) ?? ["s", 1];
  return `${Math.floor(seconds / size)}${unit}`;
}

/** How many steps of a field a table shows at its beginning and at its end. */
const SHOWN = { first: 2, last: 3 };

/** A field without its middle, and without the keys of list items. */
export function shortField(field: string): string {
  const steps = field
    .split("/")
    .slice(1)
    .map(step => step.replace(/^\[[^=\]]+=(.+)\]$/, "[$1]"));
  const isLong = steps.length > SHOWN.first + SHOWN.last;
  const shown = isLong ? [...steps.slice(0, SHOWN.first), "…", ...steps.slice(-SHOWN.last)] : steps;
  return shown.map(step => `/${step}`).join("");
}

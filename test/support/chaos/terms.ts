import type { Body } from "../../../hack/lib/objects";
import { RULES } from "./ignored";

/** What a HelmRelease asks for. */
export interface Terms {
  suspends: "no" | "until resumed" | "for a while";
  mode: "enabled" | "warn" | "disabled";
  /** Whether some fields are left as they are. */
  ignores: boolean;
  records: "Fields" | "Values" | "None";
}

/** What a HelmRelease asks for that says no more than a release. */
export const PLAIN: Terms = { suspends: "no", mode: "enabled", ignores: false, records: "Fields" };

/** How long a suspension for a while lasts, in milliseconds, and how long after its end it is over at the latest. */
const WHILE = 4_000;
const OVERTIME = 5_000;

/** How long it may take from the request for such a suspension until it is over. */
export const UNTIL_OVER = WHILE + OVERTIME;

/** Whether changes stand that did not before. */
export function isLooser({ suspends, mode, ignores }: Partial<Terms>): boolean {
  return ignores === true || suspends === "until resumed" || (mode !== undefined && mode !== "enabled");
}

/** When a suspension for a while that begins now is to end, in milliseconds since 1970. */
export function endOfSuspension(): number {
  return Date.now() + WHILE;
}

/** What to merge into the spec of a HelmRelease, so that it asks for something else. @param end of a suspension for a while */
export function specFor({ suspends, mode, ignores, records }: Partial<Terms>, end: number): Body {
  return {
    ...(suspends && suspensionFor(suspends, end)),
    driftDetection: {
      ...(mode && { mode }),
      ...(ignores !== undefined && { ignore: ignores ? RULES : null }),
      ...(records && { recordDiff: records }),
    },
  };
}

function suspensionFor(suspends: Terms["suspends"], end: number): Body {
  const suspendUntil = suspends === "for a while" ? new Date(end).toISOString() : null;
  return { suspend: suspends !== "no", suspendUntil };
}

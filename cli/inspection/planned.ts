import { isDeepStrictEqual } from "node:util";
import type { Tracked } from "../../capabilities/state/lock";
import { becauseOf, explained, type Explained } from "./explanation";
import type { Finding } from "./finding";
import type { Verdict } from "./verdict";

/** What a lock does about a place that is not as the chart says. */
export interface Planned extends Explained {
  readonly tracked: Tracked;
}

/** What a lock does about an object; nothing where that is as the chart says. */
export function planned(finding: Finding): Planned[] {
  const { look, error } = finding;
  const { tracked } = look;
  if (error !== undefined) return [];
  const whole = verdictOfWhole(finding);
  return whole
    ? [
        {
          tracked,
          field: "",
          chart: undefined,
          live: undefined,
          verdict: whole,
          writer: undefined,
          since: undefined,
        },
      ]
    : explained(finding)
        .filter(isOff)
        .map(field => ({ ...field, tracked }));
}

/** What becomes of an object as a whole, where nothing is to be said of its fields. */
export function verdictOfWhole({ look, operation }: Finding): Verdict | undefined {
  const because = becauseOf(operation);
  if (operation.do === "wait") return { is: "being deleted" };
  if (look.tracked.observed.as !== "live")
    return because ? { is: "stays", because } : operation.do === "create" ? { is: "created" } : undefined;
  const isOfFields = because === undefined || ["kept", "immutable", "withheld"].includes(because.is);
  return isOfFields ? undefined : { is: "stays", because };
}

/** Whether a field is not as the chart says, and that is more than the server's way of writing. */
function isOff({ verdict, chart, live }: Explained): boolean {
  if (verdict.is === "left") return !isDeepStrictEqual(chart, live);
  return !["locked", "metadata", "the server's"].includes(verdict.is);
}

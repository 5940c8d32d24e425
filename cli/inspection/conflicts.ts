import { differences } from "../../capabilities/drift/differences";
import { comparedAt } from "../../capabilities/drift/field-values";
import { foreignIn } from "../../capabilities/drift/foreign";
import type { Json } from "../../capabilities/kube/object";
import { isWithin } from "../../capabilities/kube/managed-fields";
import { fieldOf } from "./differences";
import type { Finding } from "./inspector";

/** A field of the chart that somebody but Helm owns. */
export interface Conflict {
  /** In the notation of spec.driftDetection.ignore. */
  readonly field: string;
  readonly owners: readonly string[];
  readonly chart: Json | undefined;
  readonly live: Json | undefined;
  /** Whether the next upgrade is refused for it; otherwise, one that changes it in the chart. */
  readonly isNow: boolean;
}

/** What a server-side apply of Helm 4 conflicts on: fields of the chart that others own. */
export function conflictsOf({ look }: Finding): Conflict[] {
  const { observed, desired } = look.tracked;
  if (observed.as !== "live") return [];
  const live = observed.object;
  const differing = [...differences(desired, live).keys()];
  return [...foreignIn(desired, live, look.manager)].map(([pointer, owners]) => {
    const values = comparedAt(desired, live, pointer);
    return {
      field: fieldOf(pointer, desired),
      owners,
      chart: values.desired,
      live: values.live,
      isNow: differing.some(place => isWithin(pointer, place) || isWithin(place, pointer)),
    };
  });
}

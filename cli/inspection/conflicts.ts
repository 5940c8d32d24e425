import { isDeepStrictEqual } from "node:util";
import { differences } from "../../capabilities/drift/differences";
import { comparedAt } from "../../capabilities/drift/field-values";
import { fieldsOwned, type OwnedField } from "../../capabilities/drift/foreign";
import { BEFORE_FIRST_APPLY, isApplyOf } from "../../capabilities/drift/owners";
import { find, ownersOf, subset, type FieldOwner } from "../../capabilities/kube/managed-fields";
import type { Json, KubeObject } from "../../capabilities/kube/object";
import { fieldOf } from "./differences";
import type { Finding, Inspection } from "./finding";

/** A field of the chart that somebody but Helm owns. */
export interface Conflict {
  readonly object: KubeObject;
  /** In the notation of spec.driftDetection.ignore. */
  readonly field: string;
  /** Field managers. */
  readonly owners: readonly string[];
  readonly chart: Json | undefined;
  readonly live: Json | undefined;
  /** Whether the next upgrade is refused for it; otherwise, one that changes it in the chart. */
  readonly isNow: boolean;
}

/**
 * What Helm's server-side apply conflicts on: fields of the chart that others own. Nothing where Helm writes client-side, which asks for
 * no owner.
 */
export function conflictsIn({ isServerSide, findings }: Inspection): Conflict[] {
  return isServerSide ? findings.flatMap(finding => conflictsOf(finding, isApplyOf)) : [];
}

/** What Helm would conflict on if it wrote a release server-side from now on: what it wrote client-side becomes part of its apply. What it will apply as stringData counts, too. */
export function conflictsOnceServerSide({ findings }: Inspection): Conflict[] {
  const isHelms = ({ manager, subresource }: FieldOwner, helm: string) =>
    manager === helm && subresource === undefined;
  return findings.flatMap(finding => conflictsOf(finding, isHelms));
}

function conflictsOf({ look }: Finding, isHelms: typeof isApplyOf): Conflict[] {
  const { observed, desired } = look.tracked;
  if (observed.as !== "live") return [];
  const live = observed.object;
  return ownersOf(live).length === 0
    ? withoutOwners(desired, live)
    : merged(
        fieldsOwned(desired, live, owner => !isHelms(owner, look.manager))
          .filter(field => !isByStringData(desired, live, field))
          .map(field => conflictAt(desired, live, field)),
      );
}

/** The API server compares values as they are written: to it, 1000m and 1 are two. */
function conflictAt(desired: KubeObject, live: KubeObject, { path, pointer, owner }: OwnedField): Conflict {
  const [chart, there] = [find(desired, path)?.value, find(live, path)?.value];
  return {
    object: desired,
    field: fieldOf(pointer, desired),
    owners: [owner.manager],
    chart,
    live: there,
    isNow: !isDeepStrictEqual(chart, there),
  };
}

/** Whether Helm applies it as stringData, which nobody else owns. */
function isByStringData(
  { kind }: KubeObject,
  live: KubeObject,
  { path: [top, key = ""] }: OwnedField,
): boolean {
  if (kind !== "Secret" || top !== "f:data") return false;
  return ownersOf(live).some(({ fields }: FieldOwner) => subset(fields, ["f:stringData", key]) !== undefined);
}

/** One conflict for each field, whoever owns it, in the order of their names. */
function merged(conflicts: readonly Conflict[]): Conflict[] {
  const byField = new Map<string, Conflict>();
  for (const conflict of conflicts) {
    const before = byField.get(conflict.field);
    const owners = [...new Set([...(before?.owners ?? []), ...conflict.owners])].sort();
    byField.set(conflict.field, { ...conflict, owners });
  }
  return [...byField.values()].sort((one, other) => (one.field < other.field ? -1 : 1));
}

function withoutOwners(desired: KubeObject, live: KubeObject): Conflict[] {
  return [...differences(desired, live).keys()].flatMap((pointer): Conflict[] => {
    const { desired: chart, live: there } = comparedAt(desired, live, pointer);
    if (there === undefined) return [];
    const field = fieldOf(pointer, desired);
    return [{ object: desired, field, owners: [BEFORE_FIRST_APPLY], chart, live: there, isNow: true }];
  });
}

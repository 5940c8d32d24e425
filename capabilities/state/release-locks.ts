import { ADMISSION_LABEL, SCOPE_LABEL } from "../../crds/admission";
import { releaseLockKind, type ReleaseLockSpec, type ReleaseRule } from "../../crds/release-lock";
import { hexDigestOf } from "../kube/digest";
import { kindOf, presenceKey, refOf, type Kind } from "../kube/kinds";
import { addTo } from "../kube/lists";
import type { Left } from "../kube/path";
import { perObject } from "../kube/per-object";
import { exemptionOf } from "../policy/exemption";
import { releaseKey } from "../release/release";
import type { Lock, Tracked } from "./lock";

/** The kind of ReleaseLocks. */
export const RELEASE_LOCKS = kindOf({
  ...releaseLockKind,
  apiVersion: `${releaseLockKind.group}/${releaseLockKind.version}`,
  namespaced: true,
});

/** A label of ReleaseLocks: which locker writes them. */
export const LOCKER_LABEL = "helmreleases.cattle.io/locker";

/** How many bytes of JSON a ReleaseLock has at most: etcd takes 1.5 MB. */
const MOST_BYTES = 1_000_000;

/** Which locker it is. */
export interface LockerIdentity {
  /** The user that it is at the API server. */
  readonly user: string;
  /** The registration namespace. */
  readonly namespace: string;
  readonly controllerName: string;
}

/** A ReleaseLock as it should be. */
export interface ReleaseLock {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: ReleaseLockSpec;
}

/** What the API server is to be told. */
export interface ReleaseLocks {
  /** By "namespace/name". */
  readonly wanted: ReadonlyMap<string, ReleaseLock>;
  /** The locks of which it is told less: one object can't hold all. */
  readonly leftOut: ReadonlySet<Lock>;
}

type Action = "Warn" | "Deny";

/** What a ReleaseLock is about. */
type Scope = "Namespaced" | "Cluster" | "Records";

/** What is told of one lock in one ReleaseLock. */
interface Entry {
  readonly lock: Lock;
  readonly rule: ReleaseRule;
}

/** The label value that stands for a locker among others. */
export function labelOf({ namespace, controllerName }: Omit<LockerIdentity, "user">): string {
  return hexDigestOf(`${namespace}/${controllerName}`, 8);
}

/** Whether a lock asks for anything. */
export function asksForAdmission({ policy }: Pick<Lock, "policy">): boolean {
  return policy.admission.action !== "Ignore";
}

/** What the API server is to be told of all locks: nothing of those that are suspended, or have nothing to lock. */
export function releaseLocksOf(locks: Iterable<Lock>, locker: LockerIdentity): ReleaseLocks {
  const gathered = new Map<string, Entry[]>();
  for (const lock of locks)
    for (const [place, rule] of rulesOf(lock, locker.namespace)) addTo(gathered, place, { lock, rule });
  const wanted = new Map<string, ReleaseLock>();
  const leftOut = new Set<Lock>();
  for (const [place, entries] of gathered) {
    const { fitting, others } = fit(entries);
    for (const { lock } of others) leftOut.add(lock);
    if (fitting.length === 0) continue;
    const releaseLock = releaseLockOf(place, fitting, locker);
    const { namespace, name } = releaseLock.metadata;
    wanted.set(presenceKey(namespace, name), releaseLock);
  }
  return { wanted, leftOut };
}

/** By "namespace action scope". @param home where cluster-scoped objects are told of */
function rulesOf(lock: Lock, home: string): [place: string, rule: ReleaseRule][] {
  const { policy, isSuspended, objects, record, release } = lock;
  const { action, subjects, deployers } = policy.admission;
  if (action === "Ignore" || isSuspended || objects.size === 0) return [];
  const common = {
    subjects,
    ...(deployers && { deployers }),
    records: record?.driver === "ConfigMap" ? "configmaps" : "secrets",
  } as const;
  const rules = [...keysIn(policy.ignore)(objects)].map(([namespace, keys]): [string, ReleaseRule] => [
    placeOf(namespace === "" ? home : namespace, action, namespace === "" ? "Cluster" : "Namespaced"),
    { ...common, objects: keys },
  ]);
  return deployers
    ? [...rules, [placeOf(release.namespace, action, "Records"), { ...common, objects: {} }]]
    : rules;
}

function placeOf(namespace: string, action: Action, scope: Scope): string {
  return [namespace, action, scope].join(" ");
}

/** The keys of objects by namespace, and what of each anybody may change; worked out once for each manifest and policy. */
const keysIn = perObject((rules: Lock["policy"]["ignore"]) =>
  perObject((objects: Lock["objects"]) => {
    const found = new Map<string, Record<string, readonly string[]>>();
    for (const { kind, desired } of objects.values()) {
      const free = freeIn({ desired }, rules);
      if (!free) continue;
      const { namespace = "" } = refOf(desired);
      const keys = found.get(namespace) ?? {};
      keys[nameOf(kind, desired)] = free;
      found.set(namespace, keys);
    }
    return found;
  }),
);

/** As the policies name it. */
function nameOf({ plural, group }: Kind, { metadata }: Tracked["desired"]): string {
  return `${plural}${group === "" ? "" : `.${group}`}/${metadata.name}`;
}

/** The fields that the policy leaves to others, by their first two steps; undefined if nobody can tell which, or all of them. */
function freeIn(
  { desired }: Pick<Tracked, "desired">,
  rules: Lock["policy"]["ignore"],
): string[] | undefined {
  const { left, isWhole } = exemptionOf(rules, desired);
  const fields = left.map(fieldOf);
  return isWhole || fields.includes(undefined) ? undefined : [...new Set(fields.flatMap(one => one ?? []))];
}

function fieldOf({ path }: Left): string | undefined {
  const [first, second] = path;
  if (first?.is !== "field") return undefined;
  return second?.is === "field" ? `${first.name}.${second.name}` : first.name;
}

/** Where not all fits, the largest are left out. */
function fit(entries: readonly Entry[]): { fitting: Entry[]; others: Entry[] } {
  const sized = entries.map(entry => ({ entry, bytes: bytesOf(entry.rule) }));
  let sum = sized.reduce((total, { bytes }) => total + bytes, 0);
  const others = new Set<Entry>();
  for (const { entry, bytes } of sized.sort((one, other) => other.bytes - one.bytes)) {
    if (sum <= MOST_BYTES) break;
    others.add(entry);
    sum -= bytes;
  }
  return { fitting: entries.filter(entry => !others.has(entry)), others: [...others] };
}

function bytesOf({ objects, deployers }: ReleaseRule): number {
  return 200 + (deployers ? JSON.stringify(deployers).length : 0) + sizeOf(objects);
}

const sizeOf = perObject((objects: ReleaseRule["objects"]) => Buffer.byteLength(JSON.stringify(objects)));

function releaseLockOf(place: string, entries: readonly Entry[], locker: LockerIdentity): ReleaseLock {
  const [namespace = "", action = "", scope = ""] = place.split(" ");
  const label = labelOf(locker);
  return {
    metadata: {
      name: `${action.toLowerCase()}-${scope.toLowerCase()}-${label}`,
      namespace,
      labels: { [ADMISSION_LABEL]: action, [SCOPE_LABEL]: scope, [LOCKER_LABEL]: label },
    },
    spec: {
      locker: locker.user,
      releases: Object.fromEntries(entries.map(({ lock, rule }) => [releaseKey(lock.release), rule])),
    },
  };
}

import type { PolicySpec } from "../../crds/spec";
import { reachesBeyond } from "../drift/creation";
import { valueDigestOf } from "../kube/digest";
import { groupOf, presenceKey } from "../kube/kinds";
import { isObject, type KubeObject } from "../kube/object";
import { MAX_OBJECTS } from "../release/manifest";
import type { ReleaseRef } from "../release/release";
import type { Lock, Remembered, Seal, Tracked } from "./lock";
import { factsOf } from "./tracked";

/** What a lock needs to know again after a restart. */
export interface Memory {
  readonly seal: Seal | undefined;
  readonly manager: string | undefined;
  /** What the HelmRelease asked for when that could be followed last; undefined if that was nothing but its release. */
  readonly policy: PolicySpec | undefined;
  /** By the keys that `memoryKey` gives. */
  readonly objects: ReadonlyMap<string, Remembered>;
}

/** Identifies an object, whatever the version of its API. */
export function memoryKey({ apiVersion, kind, metadata }: KubeObject): string {
  return valueDigestOf(`${groupOf(apiVersion)} ${kind} ${presenceKey(metadata.namespace, metadata.name)}`);
}

/** Labels that say the version of a chart: most charts change them with every upgrade, and nobody gains by them. */
const OF_VERSION = new Set(["helm.sh/chart", "app.kubernetes.io/version"]);

function withoutVersion(desired: KubeObject): KubeObject {
  const { labels } = desired.metadata;
  if (!isObject(labels)) return desired;
  const lasting = Object.fromEntries(Object.entries(labels).filter(([key]) => !OF_VERSION.has(key)));
  return { ...desired, metadata: { ...desired.metadata, labels: lasting } };
}

/**
 * What of an object's content counts for being known: all of it where a record alone is not trusted with the object, so that a record that
 * was forged while no locker ran gives it no other content.
 */
export function contentOf(desired: KubeObject, { namespace }: ReleaseRef): string {
  return reachesBeyond(desired, namespace) ? valueDigestOf(withoutVersion(desired)) : ANY;
}

/** Stands for any content: as long as a digest, and none. */
export const ANY = Buffer.alloc(16).toString("base64url");

/** What a later process needs to know of a lock, and of what one of its HelmReleases asks for. */
export function memoryOf(lock: Lock, helmRelease: string): Memory {
  const { seal, manager, formerManager, objects, remembered, helmReleases } = lock;
  const { spec = {} } = helmReleases.get(helmRelease) ?? {};
  return {
    seal,
    manager: manager ?? formerManager,
    policy: Object.keys(spec).length > 0 ? spec : undefined,
    objects: merged(knownOf(objects.values()), remembered),
  };
}

/** What is known of objects, by the keys under which it is remembered. */
export function knownOf(objects: Iterable<Tracked>): Map<string, Remembered> {
  const known = new Map<string, Remembered>();
  for (const tracked of objects) {
    const facts = factsOf(tracked);
    const { seenAs, isFinished, rivalsUnder, told } = facts;
    if (isFinished || [seenAs, rivalsUnder, told].some(fact => fact !== undefined))
      known.set(memoryKey(tracked.desired), facts);
  }
  return known;
}

/** What is known by one or the other: the first counts more. No more than a release may have objects. */
export function merged(
  first: ReadonlyMap<string, Remembered>,
  second: ReadonlyMap<string, Remembered>,
): ReadonlyMap<string, Remembered> {
  return new Map([...first, ...[...second].filter(([key]) => !first.has(key))].slice(0, MAX_OBJECTS));
}

import { isDeepStrictEqual } from "node:util";
import { find, leavesOf, ownersOf, type FieldPath, type Found } from "../kube/managed-fields";
import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";
import { isLeft, type Situated } from "./left";
import { isForeign } from "./owners";
import { drop, put } from "./put";

/** What the server allocates for a Service and keeps when it is removed. Source: Kubernetes, pkg/registry/core/service/storage, patchAllocatedValues. */
const OF_SERVICES = ["clusterIP", "clusterIPs", "healthCheckNodePort", "ipFamilies", "ipFamilyPolicy"];

/** What of it a dry run invents. */
const INVENTED = new Set(["f:clusterIP", "f:clusterIPs", "f:healthCheckNodePort", "f:nodePort"]);

/** A value that the server has allocated. */
export interface Allocated extends Found {
  readonly path: FieldPath;
}

/**
 * What the server has allocated for an object and keeps although the chart says nothing of it: taken away, it stays as somebody has
 * changed it, so that it has to be set back.
 */
export function allocatedIn(desired: KubeObject, live: KubeObject): Allocated[] {
  const { apiVersion, kind, spec } = live;
  if (apiVersion !== "v1" || kind !== "Service" || !isObject(spec)) return [];
  const ports = (Array.isArray(spec.ports) ? spec.ports : []).filter(isObject);
  const paths = [
    ...OF_SERVICES.map(field => [`f:${field}`]),
    ...ports.map(port => ["f:ports", keyOf(port), "f:nodePort"]),
  ];
  return paths.flatMap(steps => {
    const path = ["f:spec", ...steps];
    const there = find(live, path);
    return there && isUnsaid(find(desired, path)?.value) ? [{ ...there, path }] : [];
  });
}

/**
 * The desired object with what the server had allocated, where a hand has changed that.
 *
 * @param before what it was: place -> value
 * @param isOpen whether it can be set back
 */
export function withAllocated(
  { manager, ...situated }: Situated & { manager: string },
  before: ReadonlyMap<string, Json>,
  isOpen: (found: Found) => boolean,
): KubeObject {
  const { desired, live } = situated;
  const owners = ownersOf(live);
  const byHand = owners
    .filter(owner => isForeign(owner, owners, manager))
    .flatMap(owner => leavesOf(owner.fields).filter(leaf => !isLeft(situated, owner, leaf)));
  return allocatedIn(desired, live)
    .filter(({ path }) => byHand.some(leaf => isDeepStrictEqual(leaf, path)))
    .filter(isOpen)
    .reduce((whole, { path, value: now }) => {
      const value = before.get(placeOf(path));
      const pointer = pointerTo(whole, path);
      const isSame = value === undefined || isDeepStrictEqual(value, now);
      return isSame || pointer === undefined ? whole : put(whole, pointer, value);
    }, desired);
}

/**
 * What the server would make of an object, without what a dry run invents: it allocates nothing, and answers with a number that nobody can
 * have. Source: Kubernetes, pkg/registry/core/service/portallocator and ipallocator, dryRunAllocator.
 *
 * @param anew the reply to a dry run
 */
export function withoutInvented(
  { desired, live }: Pick<Situated, "desired" | "live">,
  anew: KubeObject,
): KubeObject {
  return allocatedIn(desired, anew)
    .filter(({ path }) => INVENTED.has(path.at(-1) ?? ""))
    .reduce((whole, { path, pointer }) => {
      const value = find(live, path)?.value;
      return value === undefined ? drop(whole, pointer) : put(whole, pointer, value);
    }, anew);
}

/** Where a field of a map is, or would be; undefined where there is no such map. */
function pointerTo(object: KubeObject, path: FieldPath): string | undefined {
  const map = find(object, path.slice(0, -1));
  return map && `${map.pointer}/${(path.at(-1) ?? "").slice("f:".length)}`;
}

/** A place by what it is, not by where it is in a list: what is before it may change. */
export function placeOf(path: FieldPath): string {
  return JSON.stringify(path);
}

/** To the server, these say nothing: it allocates, or keeps, what it likes. */
function isUnsaid(value: Json | undefined): boolean {
  return value === undefined || value === null || value === "" || value === 0;
}

/** The keys of a port, as managedFields have them. */
function keyOf({ port, protocol = "TCP" }: JsonObject): string {
  return `k:${JSON.stringify({ port, protocol })}`;
}

import { find, type FieldPath, type Found } from "../kube/managed-fields";
import { isObject, type JsonObject, type KubeObject } from "../kube/object";

/** What the server allocates for a Service and keeps when it is removed. Source: Kubernetes, pkg/registry/core/service/storage, patchAllocatedValues. */
const OF_SERVICES = ["clusterIP", "clusterIPs", "healthCheckNodePort", "ipFamilies", "ipFamilyPolicy"];

/** A value that the server has allocated. */
export interface Allocated extends Found {
  readonly path: FieldPath;
}

/**
 * What the server has allocated for an object and keeps although the chart says nothing of it: taken away, it stays as somebody has
 * changed it, so that it has to be set back.
 */
export function allocatedIn({ spec: wanted }: KubeObject, live: KubeObject): Allocated[] {
  const { apiVersion, kind, spec } = live;
  if (apiVersion !== "v1" || kind !== "Service" || !isObject(spec)) return [];
  const said = isObject(wanted) ? wanted : {};
  const ports = (Array.isArray(spec.ports) ? spec.ports : []).filter(isObject);
  const paths = [
    ...OF_SERVICES.filter(field => !Object.hasOwn(said, field)).map(field => [`f:${field}`]),
    ...ports.map(port => ["f:ports", keyOf(port), "f:nodePort"]),
  ];
  return paths.flatMap(steps => {
    const path = ["f:spec", ...steps];
    const there = find(live, path);
    return there ? [{ ...there, path }] : [];
  });
}

/** A place by what it is, not by where it is in a list: what is before it may change. */
export function placeOf(path: FieldPath): string {
  return JSON.stringify(path);
}

/** The keys of a port, as managedFields have them. */
function keyOf({ port, protocol = "TCP" }: JsonObject): string {
  return `k:${JSON.stringify({ port, protocol })}`;
}

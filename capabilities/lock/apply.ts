import type { Cluster } from "../cluster/k8s";
import type { WriteConfig } from "../cluster/write-config";
import { bodyOf, isObject, own, type JsonObject, type KubeObject } from "../kube/object";
import type { Tracked } from "../state/lock";

/** Writes by server-side apply or, if the server refuses that (SchemaError), as Helm's client side does. */
export function applyAs(
  cluster: Cluster,
  { kind, isApplicable, observed }: Pick<Tracked, "kind" | "isApplicable" | "observed">,
  payload: KubeObject,
  config: WriteConfig,
): Promise<KubeObject> {
  const api = cluster.K8s(kind);
  if (isApplicable) return api.Apply(payload, { ...config, force: true });
  const live = observed.as === "live" ? bodyOf(observed.object) : {};
  return api.Merge({ ...payload, ...withoutNulls(bodyOf(payload), live) }, config);
}

/** What to merge into what is live: a null that is there already stays, where a merge would take the field away. */
export function withoutNulls(payload: JsonObject, live: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(payload).flatMap(([key, value]) => {
      const there = own(live, key);
      if (value === null && there === null) return [];
      return [[key, isObject(value) && isObject(there) ? withoutNulls(value, there) : value]];
    }),
  );
}

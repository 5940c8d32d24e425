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
  return api.Merge(mergeOf(payload, observed.as === "live" ? observed.object : undefined), config);
}

/** What to merge into what is live: a null that is there already stays, where a merge would take the field away. */
export function mergeOf(payload: KubeObject, live: KubeObject | undefined): KubeObject {
  const { apiVersion, kind, metadata } = payload;
  return { apiVersion, kind, metadata, ...withoutNulls(bodyOf(payload), live ? bodyOf(live) : {}) };
}

function withoutNulls(payload: JsonObject, live: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(payload).flatMap(([key, value]) => {
      const there = own(live, key);
      if (value === null && there === null) return [];
      return [[key, isObject(value) && isObject(there) ? withoutNulls(value, there) : value]];
    }),
  );
}

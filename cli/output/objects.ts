import { groupOf } from "../../capabilities/kube/kinds";
import type { Json, KubeObject } from "../../capabilities/kube/object";
import { HIDDEN } from "./values";

/** "Deployment shop", with its namespace where that is another one than the release's. @param namespace of the release; undefined: always with its own */
export function objectText(
  { kind, metadata }: Pick<KubeObject, "kind" | "metadata">,
  ofRelease: string | undefined,
): string {
  const { name, namespace } = metadata;
  return `${kind} ${typeof namespace === "string" && namespace !== ofRelease ? `${namespace}/` : ""}${name}`;
}

/** What kubectl takes: "deployment.apps/shop -n demo". */
export function resourceText({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): string {
  const group = groupOf(apiVersion);
  const resource = `${kind.toLowerCase()}${group === "" ? "" : `.${group}`}/${name}`;
  return typeof namespace === "string" ? `${resource} -n ${namespace}` : resource;
}

/** Which object it is, as json and yaml show it. */
export function objectRef({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): object {
  return { apiVersion, kind, namespace, name };
}

/** A value of an object, or what stands for it where it is a Secret's. @param showsSecrets whether that was asked for */
export function shown(
  value: Json | undefined,
  { kind }: KubeObject,
  showsSecrets: boolean,
): Json | undefined {
  return kind === "Secret" && !showsSecrets && value !== undefined ? HIDDEN : value;
}

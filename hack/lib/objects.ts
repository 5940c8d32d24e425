import { z } from "zod";

const strings = z.record(z.string(), z.string()).optional();

/** A Kubernetes object as the API server returns it: typed as far as the tests read it. */
export const kubeObject = z.looseObject({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string(),
    resourceVersion: z.string(),
    labels: strings,
    annotations: strings,
  }),
});

/** See {@link kubeObject}. */
export type KubeObject = z.infer<typeof kubeObject>;

/** An object to be written: plain JSON. */
export type Body = Record<string, unknown>;

/** Path of a namespaced object's collection, for example "/apis/apps/v1/namespaces/shop/deployments". */
export function collection(apiVersion: string, plural: string, namespace?: string): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}

/** Path of a ConfigMap. */
export function configMapPath(namespace: string, name: string): string {
  return `${collection("v1", "configmaps", namespace)}/${name}`;
}

/** What a user put into an object: without its kind, which lists leave out, its status, and the API server's own fields. */
export function content({ metadata, ...rest }: KubeObject): Body {
  const { name, namespace, labels, annotations } = metadata;
  const fields = Object.entries(rest).filter(([key]) => !["apiVersion", "kind", "status"].includes(key));
  return { ...Object.fromEntries(fields), metadata: { name, namespace, labels, annotations } };
}

/** The `data` of a ConfigMap or Secret; empty if it has none. */
export function dataOf(object: KubeObject | undefined): Record<string, string> {
  return z.record(z.string(), z.string()).catch({}).parse(object?.data);
}

/** A ConfigMap to be written, or a template of one: its values may contain Helm's `{{ }}`. */
export function configMap(name: string, data: Record<string, string>, metadata: Body = {}): Body {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { ...metadata, name }, data };
}

import { z } from "zod";
import { collection, type Body } from "../../hack/lib/objects";
import { until } from "../../hack/lib/watch";
import type { Room } from "./room";

const API = "apiextensions.k8s.io/v1";

const definedObject = z.object({
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
});

/** Path of a CustomResourceDefinition. */
export function definitionPath(name: string): string {
  return `${collection(API, "customresourcedefinitions")}/${name}`;
}

/** A version of a custom resource; any shape is valid unless a schema restricts it. */
export function version(name: string, more: Body = {}): Body {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return { name, served: true, storage: true, schema, ...more };
}

/** The CRD of a namespaced custom resource; by default, its plural is the kind plus an s. */
export function definition(
  group: string,
  kind: string,
  versions = [version("v1")],
  plural = `${kind.toLowerCase()}s`,
): Body {
  const names = { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() };
  return {
    apiVersion: API,
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope: "Namespaced", names, versions },
  };
}

/** Installs a CRD and waits until it is served. */
export async function define(room: Room, body: Body): Promise<void> {
  const { metadata } = await room.api.create(collection(API, "customresourcedefinitions"), body);
  await isServed(room, metadata.name);
}

/** Waits until a custom resource, "plural.group", is served. */
export async function isServed(room: Room, name: string): Promise<void> {
  await isEstablished(room, name);
  // Its storage comes last; kubectl repeats the request until it is there.
  await room.kubectl("get", name);
}

/** Waits until a CRD, "plural.group", is established. kubectl's own wait fails as long as its status has no conditions. */
export async function isEstablished({ api }: Room, name: string): Promise<void> {
  await until(api, definitionPath(name), object => {
    const conditions = definedObject.safeParse(object).data?.status.conditions ?? [];
    return conditions.some(({ type, status }) => type === "Established" && status === "True");
  });
}

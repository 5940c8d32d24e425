import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { collection, type Body, type KubeObject } from "../../../hack/lib/objects";
import type { Room } from "../room";
import { subjects } from "./chart";
import { document, type Desired, type Objects } from "./desired";
import type { Release } from "./operations";

/** Annotations that steer Helm: nobody else may add one. */
const HELM_ANNOTATION = /^(meta\.)?helm\.sh\//;

/** What the API server allocates, different for each object. */
const ALLOCATED = new Set(["clusterIP", "clusterIPs"]);

/** What is compared differently, or not at all. */
const ASIDE = new Set(["apiVersion", "kind", "metadata", "status"]);

/** Where a release is deployed, and a namespace in which nothing is ever deployed. */
export interface Place {
  namespace: string;
  emptyNamespace: string;
}

/** A release's manifest, as `helm get manifest | kubectl create` would recreate it, with the metadata that Helm adds. */
export async function desiredObjects(
  { controlPlane }: Room,
  { name, helm }: Release,
  { namespace, emptyNamespace }: Place,
): Promise<Objects<Desired>> {
  const manifest = await controlPlane[helm](["get", "manifest", name, "--namespace", namespace]);
  const create = [
    "create",
    "--dry-run=server",
    "--output=json",
    "--filename=-",
    "--namespace",
    emptyNamespace,
  ];
  const created = await controlPlane.kubectl(create, { input: manifest });
  // kubectl writes one object after another; only the last line of an object begins with a brace.
  const documents = created.split(/(?<=^\})\n/m).filter(text => text !== "");
  const ownership = { "meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace };
  return new Map(
    documents.map(text => {
      const { metadata, ...rest } = document.parse(JSON.parse(text));
      const labels = { ...metadata.labels, "app.kubernetes.io/managed-by": "Helm" };
      const annotations = { ...metadata.annotations, ...ownership };
      return [
        pathOf(rest.kind, namespace, metadata.name),
        { ...rest, metadata: { ...metadata, labels, annotations } },
      ];
    }),
  );
}

/**
 * How an object deviates from its release's manifest, in words; undefined if it does not. Anybody may add labels and
 * annotations, except Helm's.
 */
export function deviation(live: KubeObject | undefined, desired: Desired): string | undefined {
  if (!live) return "is missing";
  const { labels = {}, annotations = {} } = live.metadata;
  const helms = Object.keys(annotations).filter(key => HELM_ANNOTATION.test(key));
  const isRight =
    isDeepStrictEqual(fields(live), fields(desired)) &&
    isDeepStrictEqual({ ...labels, ...desired.metadata.labels }, labels) &&
    isDeepStrictEqual({ ...annotations, ...desired.metadata.annotations }, annotations) &&
    helms.every(key => key in desired.metadata.annotations);
  return isRight
    ? undefined
    : `is ${JSON.stringify(live)}, not as in the manifest: ${JSON.stringify(desired)}`;
}

/** An object without its metadata and status, and without what the API server allocates to it. */
function fields(object: Body): Body {
  const spec = Object.entries(object.spec ?? {}).filter(([key]) => !ALLOCATED.has(key));
  const held = Object.entries(object).filter(([key]) => !ASIDE.has(key));
  return { ...Object.fromEntries(held), spec: Object.fromEntries(spec) };
}

function pathOf(kind: string, namespace: string, name: string): string {
  const subject = subjects.find(one => one.kind === kind);
  assert.ok(subject, `the manifest has a ${kind}`);
  return `${collection(subject.apiVersion, subject.plural, namespace)}/${name}`;
}

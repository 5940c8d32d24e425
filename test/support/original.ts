import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { collection, type Body, type KubeObject } from "../../hack/lib/objects";
import { CLAIM, helmRelease, helmReleasePath, register } from "../../hack/locker/helm-release";
import type { Room } from "./room";

/** The original Helm Locker's field manager: the name of its program. */
export const ORIGINAL = "helm-locker";

/** The finalizer that it puts on every HelmRelease that it has claimed. */
export const FINALIZER = "wrangler.cattle.io/on-helm-release-remove";

const PREFIX = "objectset.rio.cattle.io/";

const CLUSTER_SCOPED = new Set(["ClusterRole", "ClusterRoleBinding"]);

const keys = z.record(z.string(), z.string()).nullish();
const written = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: keys, annotations: keys }),
});

/** An object of a manifest. */
export type Written = z.infer<typeof written>;

/** A release, and the objects of its manifest. */
export interface Locked {
  name: string;
  namespace: string;
  objects: Written[];
}

/** Reads the output of `helm get manifest`. */
export function parseManifest(manifest: string): Written[] {
  return parseAllDocuments(manifest).map(document => written.parse(document.toJS()));
}

/**
 * Locks a release as the original does: marks each object and restores what the manifest sets, with a patch under its
 * own field manager; recreates missing objects, without Helm's metadata; leaves additions. Seen in rancher/wrangler
 * v3.8.0, pkg/apply, with the set and the owner that rancher/helm-locker gives it.
 */
export async function lockAsOriginal(room: Room, { name, namespace, objects }: Locked): Promise<void> {
  const lockOne = async (object: Written): Promise<void> => {
    const { apiVersion, kind } = object;
    const place = CLUSTER_SCOPED.has(kind) ? undefined : namespace;
    const objectsPath = collection(apiVersion, `${kind.toLowerCase()}s`, place);
    const path = `${objectsPath}/${object.metadata.name}`;
    const body = withMarks(object, name, namespace);
    const isThere = (await room.api.get(path)) !== undefined;
    if (isThere) await room.api.edit(`${path}?fieldManager=${ORIGINAL}`, body);
    else await room.api.create(`${objectsPath}?fieldManager=${ORIGINAL}`, body);
  };
  await Promise.all(objects.map(lockOne));
}

/** The keys of an object's labels and annotations that are marks of the original's library, whoever put them there. */
export function marksOf(object: KubeObject | undefined): string[] {
  const { labels, annotations } = object?.metadata ?? {};
  return Object.keys({ ...labels, ...annotations }).filter(key => key.startsWith(PREFIX));
}

/** The marks that a program of Rancher puts on an object, as labels and annotations. */
export function marks(owner: { kind: string; name: string; namespace: string }, applied: string): Body {
  const annotations = {
    [`${PREFIX}id`]: "object-set-applier",
    [`${PREFIX}owner-gvk`]: owner.kind,
    [`${PREFIX}owner-name`]: owner.name,
    [`${PREFIX}owner-namespace`]: owner.namespace,
  };
  const hash = createHash("sha1").update(Object.values(annotations).join("")).digest("hex");
  return {
    labels: { [`${PREFIX}hash`]: hash },
    annotations: { ...annotations, [`${PREFIX}applied`]: applied },
  };
}

function withMarks(object: Written, name: string, namespace: string): Body {
  const applied = gzipSync(JSON.stringify(object)).toString("base64").replaceAll("=", "");
  const own = marks({ kind: "internal.cattle.io/v1alpha1, Kind=objectSetState", name, namespace }, applied);
  const { labels, annotations } = z.object({ labels: keys, annotations: keys }).parse(own);
  const { metadata } = object;
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...labels },
      annotations: { ...metadata.annotations, ...annotations },
    },
  };
}

/** Creates a HelmRelease as the original leaves it: claimed under its controller name, with its finalizer and its status. */
export async function registerAsOriginal(room: Room, name: string, controllerName = ORIGINAL): Promise<void> {
  const metadata = { annotations: { [CLAIM]: controllerName }, finalizers: [FINALIZER] };
  await register(room, helmRelease(name, { metadata }));
  const status = { state: "Deployed", version: 1, description: "Install complete", notes: "" };
  await room.api.edit(`${helmReleasePath(name)}/status`, { status });
}

const text = { type: "string", nullable: true };

const conditionFields = ["type", "status", "reason", "message", "lastUpdateTime", "lastTransitionTime"];

/** The HelmRelease CRD that the original installs. */
export const originalDefinition: Body = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "helmreleases.helm.cattle.io" },
  spec: {
    group: "helm.cattle.io",
    scope: "Namespaced",
    names: { kind: "HelmRelease", plural: "helmreleases", singular: "helmrelease" },
    versions: [
      {
        name: "v1alpha1",
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: "Release Name", type: "string", jsonPath: ".spec.release.name" },
          { name: "Release Namespace", type: "string", jsonPath: ".spec.release.namespace" },
          { name: "Version", type: "string", jsonPath: ".status.version" },
          { name: "State", type: "string", jsonPath: ".status.state" },
        ],
        schema: {
          openAPIV3Schema: fields({
            spec: fields({ release: fields({ name: text, namespace: text }) }),
            status: fields({
              state: text,
              version: { type: "integer" },
              description: text,
              notes: text,
              conditions: {
                type: "array",
                nullable: true,
                items: fields(Object.fromEntries(conditionFields.map(field => [field, text]))),
              },
            }),
          }),
        },
      },
    ],
  },
};

function fields(properties: Body): Body {
  return { type: "object", properties };
}

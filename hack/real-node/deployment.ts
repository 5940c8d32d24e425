import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { deploymentManifest } from "../manifest";
import { LOCKER_IMAGE } from "./images/locker";

const volume = z.looseObject({ name: z.string() });

const container = z.looseObject({
  image: z.string(),
  readinessProbe: z.looseObject({}),
  securityContext: z.looseObject({}),
  volumeMounts: z.array(volume),
});

const object = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });

const deployment = object.extend({
  kind: z.literal("Deployment"),
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({ containers: z.tuple([container]), volumes: z.array(volume) }),
    }),
  }),
});

const namespace = object.extend({ kind: z.literal("Namespace") });

type KubernetesObject = z.infer<typeof object>;

/** The volume that carries the module into Pepr's image; the locker's own image holds it. */
const MODULE = "module";

/**
 * The deployment that Pepr builds, with the locker's own image in it: the same rights and Service, nothing to unpack, a
 * root that cannot be written, in a namespace where the strictest Pod Security Standard is enforced.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export async function imageDeployment(): Promise<KubernetesObject[]> {
  const documents = parseAllDocuments(await readFile(await deploymentManifest(), "utf8"));
  const objects = documents.map(document => object.parse(document.toJS()));
  const kept = objects.filter(({ metadata }) => !metadata.name.endsWith(`-${MODULE}`));
  return kept.map(kept => {
    if (kept.kind === "Namespace") return restricted(namespace.parse(kept));
    return kept.kind === "Deployment" ? withOwnImage(deployment.parse(kept)) : kept;
  });
}

function restricted(namespace: KubernetesObject): KubernetesObject {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  return { ...namespace, metadata: { ...namespace.metadata, labels } };
}

function withOwnImage(built: z.infer<typeof deployment>): KubernetesObject {
  const { template } = built.spec;
  const [watcher] = template.spec.containers;
  const isOther = ({ name }: { name: string }): boolean => name !== MODULE;
  const own = {
    ...watcher,
    image: LOCKER_IMAGE,
    // The image says how it is started.
    args: [],
    env: [],
    readinessProbe: { ...watcher.readinessProbe, initialDelaySeconds: 0, periodSeconds: 1 },
    securityContext: {
      ...watcher.securityContext,
      readOnlyRootFilesystem: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumeMounts: watcher.volumeMounts.filter(isOther),
  };
  const spec = { ...template.spec, containers: [own], volumes: template.spec.volumes.filter(isOther) };
  return { ...built, spec: { ...built.spec, template: { ...template, spec } } };
}

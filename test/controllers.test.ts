import { after, before, describe, it } from "node:test";
import { collection, type Body } from "../hack/lib/objects";
import { isLocked, lock } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { isReverted, postSentinel } from "./support/changes";
import { deployment } from "./support/chart";
import { define, definition, version } from "./support/definitions";
import { openForTwins, OWN_NAME, Pair, type PathIn, type Write } from "./support/pair";
import { NAMESPACE, Room } from "./support/room";

const ARGO = "argoproj.io";
const CLOUD = "cloud.example.org";

const definitions = [
  // Argo CD's definition has no status subresource.
  definition(ARGO, "Application", [version("v1alpha1")]),
  definition(CLOUD, "Gadget", [version("v1")]),
  definition(CLOUD, "Bucket", [version("v1", { subresources: { status: {} } })]),
];

function custom(apiVersion: string, kind: string, spec: Body): Body {
  return { apiVersion, kind, metadata: { name: OWN_NAME }, spec };
}

const application = custom(`${ARGO}/v1alpha1`, "Application", {
  project: "default",
  source: { repoURL: "https://git.example.com/shop", targetRevision: "main" },
});
const gadget = custom(`${CLOUD}/v1`, "Gadget", { color: "blue", slots: [{ name: "a" }] });
const bucket = custom(`${CLOUD}/v1`, "Bucket", { size: 3, rules: [{ prefix: "/" }] });

const operation = { sync: { revision: "4f2a", prune: true }, initiatedBy: { username: "admin" } };

const at =
  (api: string, plural: string): PathIn =>
  (namespace, name) =>
    `${collection(api, plural, namespace)}/${name}`;

const applications = at(`${ARGO}/v1alpha1`, "applications");
const gadgets = at(`${CLOUD}/v1`, "gadgets");
const buckets = at(`${CLOUD}/v1`, "buckets");
const deployments = at("apps/v1", "deployments");
const volumes: PathIn = (_, name) => `${collection("v1", "persistentvolumes")}/${name}`;

function volume(claimRef?: Body): Body {
  const spec = {
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    hostPath: { path: "/tmp/none" },
    claimRef,
  };
  return { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: OWN_NAME }, spec };
}

const claimRef = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: NAMESPACE, name: "data" };
const bound = { ...claimRef, uid: "7d4e0000-aaaa-bbbb-cccc-000000000001" };

/** Who writes what into which object, before or without any write to its status subresource. */
const written: Record<
  string,
  [template: Body, pathIn: PathIn, ...writes: (readonly [manager: string, patch: Body])[]]
> = {
  "the operation of an Application, where nobody has written a status": [
    application,
    applications,
    ["argocd-server", { operation }],
  ],
  "the operation of an Application, by whoever owns its status, too": [
    application,
    applications,
    ["argocd-application-controller", { operation, status: { sync: { status: "OutOfSync" } } }],
    ["argocd-application-controller", { operation: { ...operation, retry: { limit: 2 } } }],
    ["argocd-application-controller", { operation: null, status: { operationState: { phase: "Running" } } }],
  ],
  "what the owner of the status adds to a kind without that subresource": [
    gadget,
    gadgets,
    ["lamp-operator", { status: { on: true }, spec: { serial: "0815", color: "blue" } }],
    ["lamp-operator", { spec: { assigned: { node: "a" } }, operation: "blink" }],
  ],
  "Crossplane's references": [
    bucket,
    buckets,
    ["apiextensions.crossplane.io/claim", { spec: { resourceRef: { kind: "XBucket", name: "photos-x1" } } }],
    ["crossplane", { spec: { crossplane: { compositionRef: { name: "aws" } } } }],
    ["crossplane", { metadata: { annotations: { "crossplane.io/external-name": "photos-1" } } }],
  ],
  "a reference that Crossplane has resolved": [
    { ...bucket, spec: { forProvider: { regionSelector: { of: "eu" } } } },
    buckets,
    ["managed.crossplane.io/api-simple-reference-resolver", { spec: { forProvider: { region: "eu-1" } } }],
  ],
  "the claim that a volume is bound to": [
    volume(),
    volumes,
    ["kube-controller-manager", { spec: { claimRef: bound } }],
  ],
  "the claim of a volume that a backup's restore has bound": [
    volume(),
    volumes,
    ["velero-server", { spec: { claimRef: bound } }],
  ],
  "the uid of a claim that the chart names": [
    volume({ namespace: NAMESPACE, name: "data" }),
    volumes,
    ["k3s", { spec: { claimRef: { ...bound, resourceVersion: "12" } } }],
  ],
  "the volume that a claim is bound to": [
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: OWN_NAME },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
    at("v1", "persistentvolumeclaims"),
    [
      "kubelite",
      {
        spec: { volumeName: "pv-1" },
        metadata: { annotations: { "pv.kubernetes.io/bind-completed": "yes" } },
      },
    ],
  ],
  "the revision of a Deployment, where the chart has copied one": [
    {
      ...deployment(OWN_NAME),
      metadata: { name: OWN_NAME, annotations: { "deployment.kubernetes.io/revision": "1" } },
    },
    deployments,
    ["kube-controller-manager", { metadata: { annotations: { "deployment.kubernetes.io/revision": "2" } } }],
    ["kube-controller-manager", { metadata: { annotations: { "deployment.kubernetes.io/revision": "3" } } }],
  ],
};

describe("what a controller writes, and the chart does not set", () => {
  let room: Room;
  before(async () => {
    room = await openForTwins(async opened => {
      for (const one of definitions) await define(opened, one);
    });
  });
  after(() => room.close());

  for (const helm of helms) {
    for (const [index, [what, [template, pathIn, ...patches]]] of Object.entries(written).entries()) {
      it(`stays: ${what}, installed by ${helm}`, async t => {
        const pair = await Pair.install(room, helm, `${helm}-${index}`, { templates: { template } });
        const writes = patches.map(
          ([manager, patch]): Write =>
            path =>
              room.api.edit(`${path}?fieldManager=${manager}`, patch),
        );
        t.diagnostic(await pair.leaves(pathIn, ...writes));
      });
    }
  }
});

const templates: Record<string, Body> = {
  application,
  gadget,
  bucket,
  web: deployment(
    OWN_NAME,
    {
      tolerations: [{ key: "spot", operator: "Exists" }],
      containers: [
        { name: "web", image: "nginx:1.27", envFrom: [{ configMapRef: { name: "a", optional: true } }] },
      ],
    },
    { replicas: 2 },
  ),
  budget: {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: OWN_NAME },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } } },
  },
  volume: volume({ namespace: NAMESPACE, name: "data" }),
};

const budget = at("policy/v1", "poddisruptionbudgets");
const pod = "/spec/template/spec";

/** What goes back although whoever writes it owns the status: the chart has a value there. */
const changed: Record<string, [pathIn: PathIn, pointer: string, value: unknown]> = {
  "a value of an Application": [applications, "/spec/source/targetRevision", "evil"],
  "a value of a kind without status subresource": [gadgets, "/spec/color", "red"],
  "a field inside a list of a kind without status subresource": [gadgets, "/spec/slots/0/locked", true],
  "a value of a kind with status subresource": [buckets, "/spec/size", 4],
  "a field inside a list of a kind with status subresource": [buckets, "/spec/rules/0/public", true],
  "an item of a list of a kind with status subresource": [buckets, "/spec/rules/-", { prefix: "/all" }],
  "the replicas, not through subresource scale": [deployments, "/spec/replicas", 5],
  "an image": [deployments, `${pod}/containers/0/image`, "nginx:evil"],
  "the effect of a toleration": [deployments, `${pod}/tolerations/0/effect`, "NoExecute"],
  "a prefix of envFrom": [deployments, `${pod}/containers/0/envFrom/0/prefix`, "X_"],
  "a label of a selector": [budget, "/spec/selector/matchLabels/tier", "none"],
  "an expression of a selector": [
    budget,
    "/spec/selector/matchExpressions",
    [{ key: "a", operator: "Exists" }],
  ],
  "the name in a volume's claimRef": [volumes, "/spec/claimRef/name", "other"],
};

for (const helm of helms) {
  describe(`what a hand writes under a name under which it also writes the status, of a release of ${helm}`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;
    before(async () => {
      room = await Room.open();
      for (const one of definitions) await define(room, one);
      upgrade = await installWith(room, helm, { templates });
      await lock(room, "web");
      await postSentinel(room);
    });
    after(() => room.close());

    for (const [what, [pathIn, pointer, value]] of Object.entries(changed)) {
      it(`goes back: ${what}`, async () => {
        const path = pathIn(NAMESPACE, `${NAMESPACE}-web`);
        const manager = "invented";
        await writeStatus(room, path, manager);
        await isReverted(room, path, () =>
          room.api.patch(path, [{ op: "add", path: pointer, value }], manager),
        );
        await isReverted(room, path, () =>
          room.api.patch(path, [{ op: "add", path: pointer, value }], "argocd-server"),
        );
      });
    }

    it("leaves a release that is upgraded with no force", async () => {
      await upgrade();
      await isLocked(room, "web");
    });
  });
}

/** Writes a status through the subresource, or beside all else for kinds without one. */
async function writeStatus(room: Room, path: string, manager: string): Promise<void> {
  const at = /applications|gadgets/.test(path) ? path : `${path}/status`;
  const status = { observedGeneration: 1, message: "fine", phase: "Available" };
  await room.api.edit(`${at}?fieldManager=${manager}`, { status });
}

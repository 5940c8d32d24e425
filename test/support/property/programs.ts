import type { Api } from "../../../hack/lib/api";
import { collection, type Body } from "../../../hack/lib/objects";
import { NAMESPACE } from "../room";
import type { Dice } from "./dice";
import { isMap, valueAt, type Json, type JsonObject, type Place } from "./json";

/** A program that writes into objects of charts, other than as a controller that writes their status, so that its writes stay. */
export interface Program {
  readonly manager: string;
  /** Whether it is known by its field manager, which nobody notes of objects without managedFields. */
  readonly isByName: boolean;
  readonly isAbout: (manifest: JsonObject) => boolean;
  readonly place: Place;
  /** What it writes there, something else each time. @param live what is there */
  readonly value: (dice: Dice, live: Json | undefined) => Json;
  readonly subresource?: string;
  /** Makes what it needs beside the object. */
  readonly prepare?: (api: Api, manifest: JsonObject) => Promise<void>;
}

const ofKind =
  (...kinds: readonly string[]) =>
  ({ kind }: JsonObject): boolean =>
    typeof kind === "string" && kinds.includes(kind);

const REPLICAS = ["spec", "replicas"];

const hasReplicas = (manifest: JsonObject): boolean => valueAt(manifest, REPLICAS) !== undefined;
const lacks =
  (...place: Place) =>
  (manifest: JsonObject): boolean =>
    valueAt(manifest, place) === undefined;

const text = (dice: Dice): string => `text-${dice.below(1000)}`;
const bytes = (dice: Dice): string => Buffer.from(text(dice)).toString("base64");
const time = (dice: Dice): string => new Date(1_700_000_000_000 + dice.below(1e6) * 1000).toISOString();
const someReplicas = (dice: Dice): number => 1 + dice.below(9);

/** A hand may have just put something without a name there, which nobody keeps. */
const isNamed = (item: Json): boolean => isMap(item) && typeof item.name === "string" && item.name !== "";

const withAnother = (dice: Dice, live: Json | undefined): Json[] => [
  ...(Array.isArray(live) ? live.filter(isNamed) : []),
  { name: text(dice) },
];

/** The keys by which workloads are restarted. */
const RESTARTS = [
  ["kubectl-rollout", "kubectl.kubernetes.io/restartedAt"],
  ["rancher", "cattle.io/timestamp"],
  ["Reloader", "reloader.stakater.com/last-reloaded-from"],
] as const;

/** Fills in a bundle where the chart has none. */
const caInjectors = [0, 1].map((index): Program => {
  const place = ["webhooks", index, "clientConfig", "caBundle"];
  return {
    manager: "cert-manager-cainjector",
    isByName: false,
    isAbout: manifest => isMap(valueAt(manifest, place.slice(0, -1))) && lacks(...place)(manifest),
    place,
    value: bytes,
  };
});

const fillers = [
  { kind: "ConfigMap", value: text },
  { kind: "Secret", value: bytes },
].map(
  ({ kind, value }): Program => ({
    manager: "injector",
    isByName: false,
    isAbout: manifest =>
      manifest.kind === kind && ["data", "binaryData", "stringData"].every(name => lacks(name)(manifest)),
    place: ["data"],
    value: dice => ({ [`key-${dice.below(3)}`]: value(dice) }),
  }),
);

const accountLists = ["secrets", "imagePullSecrets"].map(
  (name): Program => ({
    manager: "openshift-controller-manager",
    isByName: false,
    isAbout: ofKind("ServiceAccount"),
    place: [name],
    value: withAnother,
  }),
);

/** Programs of many sorts: what Kubernetes itself runs, and what the catalogue of known controllers has. */
export const programs: readonly Program[] = [
  {
    manager: "k3s",
    // Where nobody notes who has set replicas, a hand that applies all of the object makes them its own.
    isByName: true,
    isAbout: manifest =>
      ofKind("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")(manifest) &&
      hasReplicas(manifest),
    place: REPLICAS,
    value: someReplicas,
    subresource: "scale",
    prepare: autoscaler,
  },
  {
    manager: "cluster-proportional-autoscaler",
    isByName: true,
    isAbout: manifest => ofKind("Deployment", "StatefulSet")(manifest) && hasReplicas(manifest),
    place: REPLICAS,
    value: someReplicas,
  },
  {
    manager: "kube-green",
    isByName: true,
    isAbout: ofKind("CronJob"),
    place: ["spec", "suspend"],
    value: dice => dice.isOneIn(2),
  },
  {
    manager: "kube-controller-manager",
    isByName: false,
    isAbout: manifest => ofKind("PersistentVolume")(manifest) && lacks("spec", "claimRef")(manifest),
    place: ["spec", "claimRef"],
    value: dice => ({
      kind: "PersistentVolumeClaim",
      namespace: NAMESPACE,
      name: text(dice),
      uid: text(dice),
    }),
  },
  {
    manager: "kube-controller-manager",
    isByName: false,
    isAbout: manifest => ofKind("PersistentVolumeClaim")(manifest) && lacks("spec", "volumeName")(manifest),
    place: ["spec", "volumeName"],
    value: text,
  },
  {
    manager: "clusterrole-aggregation-controller",
    isByName: false,
    isAbout: ({ aggregationRule }) => isMap(aggregationRule),
    place: ["rules"],
    value: dice => [{ apiGroups: [""], resources: [text(dice)], verbs: ["get"] }],
  },
  {
    manager: "controller",
    isByName: false,
    isAbout: manifest =>
      valueAt(manifest, ["metadata", "annotations", "sealedsecrets.bitnami.com/managed"]) === "true",
    place: ["data"],
    value: dice => ({ password: bytes(dice), [`key-${dice.below(3)}`]: bytes(dice) }),
  },
  {
    manager: "apiextensions.crossplane.io/claim",
    isByName: true,
    isAbout: manifest => ofKind("Widget", "Gadget")(manifest) && lacks("spec", "resourceRef")(manifest),
    place: ["spec", "resourceRef"],
    value: dice => ({ apiVersion: "example.com/v1", kind: "Composite", name: text(dice) }),
  },
  ...RESTARTS.map(
    ([manager, key]): Program => ({
      manager,
      isByName: false,
      isAbout: manifest => isMap(valueAt(manifest, ["spec", "template"])),
      place: ["spec", "template", "metadata", "annotations", key],
      value: time,
    }),
  ),
  ...caInjectors,
  ...fillers,
  ...accountLists,
];

/** Makes an autoscaler that targets an object. */
async function autoscaler(api: Api, { apiVersion, kind, metadata }: JsonObject): Promise<void> {
  const target = isMap(metadata) && typeof metadata.name === "string" ? metadata.name : "";
  const name = `of-${target}`;
  const body: Body = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name, namespace: NAMESPACE },
    spec: { scaleTargetRef: { apiVersion, kind, name: target }, minReplicas: 1, maxReplicas: 9 },
  };
  const path = collection("autoscaling/v2", "horizontalpodautoscalers", NAMESPACE);
  await api.apply(`${path}/${name}`, body, "autoscaler-of-a-user");
}

import { collection, configMap, type Body } from "../../hack/lib/objects";
import { byPatch, isRecreated, isReverted, type Change } from "./changes";
import { deployment, type Chart } from "./chart";
import { definition, version } from "./definitions";
import type { Room } from "./room";

const SHELF = "shelf.example.com/v1";

const widgetSchema = {
  type: "object",
  properties: { spec: { type: "object", additionalProperties: { type: "string" } } },
};

/** The CRD of the custom resource in a {@link driftChart}. */
export const widgetDefinition = definition("shelf.example.com", "Widget", [
  version("v1", { schema: { openAPIV3Schema: widgetSchema } }),
]);

/** How the versions of a {@link driftChart} differ. */
export interface Version {
  /** The value of a field that every object has. */
  color: string;
  /** The value of another field, which most objects have if it is given. */
  size?: string;
  /** Whether the chart has all kinds of objects, or only Deployments and Services. */
  isWhole: boolean;
}

/** What happens to an object: a merge patch, its deletion, or kubectl's server-side apply of the whole object with another color. */
type Drift = Body | "delete" | "apply";

/** A kind of object, and the drifts; each drift has its own object of this kind. */
interface Subject {
  apiVersion: string;
  plural: string;
  body: (name: string, version: Version) => Body;
  drifts: Record<string, Drift>;
}

const settings: Subject = {
  apiVersion: "v1",
  plural: "configmaps",
  body: (name, wanted) => configMap(name, fields(wanted), { labels: { color: wanted.color } }),
  drifts: {
    edited: { metadata: { labels: { color: "red" } }, data: { color: "red", size: null } },
    added: { data: { extra: "yes" } },
    mixed: { data: { color: "red", extra: "yes" } },
    applied: "apply",
    deleted: "delete",
  },
};

/** Without a size: under server-side apply, Kubernetes itself never removes a key that stringData no longer has. */
const login: Subject = {
  apiVersion: "v1",
  plural: "secrets",
  body: (name, { color }) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name },
    stringData: { color },
  }),
  drifts: {
    edited: { stringData: { color: "red" } },
    added: { stringData: { extra: "yes" } },
    mixed: { stringData: { color: "red", extra: "yes" } },
    deleted: "delete",
  },
};

const widget: Subject = {
  apiVersion: SHELF,
  plural: "widgets",
  body: (name, version) => ({ apiVersion: SHELF, kind: "Widget", metadata: { name }, spec: fields(version) }),
  drifts: {
    edited: { spec: { color: "red", size: "large" } },
    added: { spec: { extra: "yes" } },
    deleted: "delete",
  },
};

const worker: Subject = {
  apiVersion: "apps/v1",
  plural: "deployments",
  body: (name, wanted) => {
    const env = Object.entries(fields(wanted)).map(([key, value]) => ({ name: key, value }));
    const container = { name: "web", image: `web:${wanted.color}`, env, ports: [{ containerPort: 8080 }] };
    return deployment(name, { containers: [container] }, { replicas: 1 });
  },
  drifts: {
    edited: {
      spec: { replicas: 3, template: { spec: { containers: [{ name: "web", image: "web:red" }] } } },
    },
    added: { spec: { template: { spec: { nodeSelector: { disk: "fast" } } } } },
    renamed: { spec: { template: { spec: { containers: [{ name: "other", image: "web:red" }] } } } },
    applied: "apply",
    deleted: "delete",
  },
};

const front: Subject = {
  apiVersion: "v1",
  plural: "services",
  body: (name, version) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: {
      clusterIP: "None",
      selector: fields(version),
      ports: [
        { name: "http", port: 80, targetPort: version.color },
        ...(version.size === undefined ? [] : [{ name: "admin", port: 90, targetPort: 90 }]),
      ],
    },
  }),
  drifts: {
    edited: { spec: { selector: { color: "red", size: null } } },
    added: { spec: { externalIPs: ["192.0.2.1"] } },
    "port-changed": { spec: { ports: [{ name: "http", port: 81 }] } },
    "port-added": {
      spec: {
        ports: [
          { name: "http", port: 80 },
          { name: "extra", port: 99 },
        ],
      },
    },
    deleted: "delete",
  },
};

const subjects = { settings, login, widget, worker, front };

function fields({ color, size }: Version): Record<string, string> {
  return { color, ...(size === undefined ? {} : { size }) };
}

/** An object of a {@link driftChart}, named by its subject and its drift. */
interface Item {
  name: string;
  subject: Subject;
  drift: Drift;
}

function items({ isWhole }: Version): Item[] {
  const present = Object.entries(isWhole ? subjects : { worker, front });
  return present.flatMap(([kind, subject]) =>
    Object.entries(subject.drifts).map(([what, drift]) => ({ name: `${kind}-${what}`, subject, drift })),
  );
}

/** A chart with, for several kinds, one object for each manual change to objects of that kind; and a test. */
export function driftChart(version: Version): Chart {
  const test = configMap("test", {}, { annotations: { "helm.sh/hook": "test" } });
  const bodies = items(version).map(({ name, subject }): [string, Body] => [
    name,
    subject.body(name, version),
  ]);
  return { templates: { ...Object.fromEntries(bodies), test } };
}

/** Paths of the collections with a {@link driftChart}'s objects. */
export function driftCollections(namespace: string): string[] {
  return Object.values(subjects).map(({ apiVersion, plural }) => collection(apiVersion, plural, namespace));
}

/** One change to one object of an installed {@link driftChart}. */
export interface DriftCase {
  /** Its subject and its drift: "settings-edited". */
  name: string;
  path: string;
  change: Change;
}

/** Every change, by its subject. */
export function driftCases(room: Room, namespace: string, version: Version): Map<string, DriftCase[]> {
  const cases = items(version).map(item => {
    const path = pathOf(namespace, item);
    return { name: item.name, path, change: changeOf(room, namespace, version, item) };
  });
  return Map.groupBy(cases, ({ name }) => name.split("-")[0] ?? "");
}

/** Changes each object of an installed {@link driftChart} as its name says, all at once. */
export async function drift(room: Room, namespace: string, version: Version): Promise<void> {
  await Promise.all(items(version).map(item => changeOf(room, namespace, version, item)()));
}

/** Does the same, and waits until everything is reverted. */
export async function driftAndRevert(room: Room, namespace: string, version: Version): Promise<void> {
  const revert = (item: Item): Promise<void> => {
    const path = pathOf(namespace, item);
    if (item.drift === "delete") return isRecreated(room, path);
    return isReverted(room, path, changeOf(room, namespace, version, item));
  };
  await Promise.all(items(version).map(revert));
}

function changeOf(room: Room, namespace: string, version: Version, item: Item): Change {
  const { name, subject, drift } = item;
  const path = pathOf(namespace, item);
  if (drift === "delete") return () => room.api.delete(path);
  if (typeof drift === "object") return byPatch(room, path, drift);
  const input = JSON.stringify(subject.body(name, { ...version, color: "red" }));
  const flags = ["--server-side", "--force-conflicts", `--namespace=${namespace}`];
  return () => room.controlPlane.kubectl(["apply", ...flags, "--filename=-"], { input });
}

function pathOf(namespace: string, { name, subject }: Item): string {
  return `${collection(subject.apiVersion, subject.plural, namespace)}/${name}`;
}

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, dataOf, type Body } from "../hack/lib/objects";
import { byPatch, isReverted, openLocked, stands } from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { isUndone } from "./support/hands";
import { NAMESPACE, type Room } from "./support/room";

const ADMISSION = "admissionregistration.k8s.io/v1";
const CA = Buffer.from("a CA").toString("base64");

function hook(caBundle?: string): Body {
  return {
    name: "check.example.com",
    clientConfig: { url: "https://127.0.0.1:9", ...(caBundle === undefined ? {} : { caBundle }) },
    // This rule matches nothing that is ever written here.
    rules: [
      {
        apiGroups: ["none.example.com"],
        apiVersions: ["v1"],
        operations: ["CREATE"],
        resources: ["nothings"],
      },
    ],
    failurePolicy: "Ignore",
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  };
}

function webhook(name: string, caBundle?: string): Body {
  return {
    apiVersion: ADMISSION,
    kind: "ValidatingWebhookConfiguration",
    metadata: { name },
    webhooks: [hook(caBundle)],
  };
}

const chart: Chart = {
  templates: {
    settings: configMap("settings", { color: "blue" }),
    filled: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "filled" } },
    secret: { apiVersion: "v1", kind: "Secret", metadata: { name: "filled" } },
    account: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "runner" } },
    web: deployment("web"),
    service: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    },
    "without-bundle": webhook("without-bundle"),
    "empty-bundle": webhook("empty-bundle", ""),
    "newline-bundle": webhook("newline-bundle", "Cg=="),
  },
};

const settings = configMapPath(NAMESPACE, "settings");
const deploymentPath = `${collection("apps/v1", "deployments", NAMESPACE)}/web`;
const service = `${collection("v1", "services", NAMESPACE)}/web`;
const account = `${collection("v1", "serviceaccounts", NAMESPACE)}/runner`;
const webhooks = collection(ADMISSION, "validatingwebhookconfigurations");

describe("what others put on the objects of a locked release, and live charts depend on", () => {
  let room: Room;
  before(async () => {
    room = await openLocked(chart);
  });
  after(() => room.close());

  const patches: Record<string, [path: string, patch: Body]> = {
    "a label": [settings, { metadata: { labels: { "team.example.com/owner": "shelves" } } }],
    "an annotation": [settings, { metadata: { annotations: { "team.example.com/note": "mine" } } }],
    "the data of a ConfigMap that the chart leaves empty": [
      configMapPath(NAMESPACE, "filled"),
      { data: { ca: "x" } },
    ],
    "the data of a Secret that the chart leaves empty": [
      `${collection("v1", "secrets", NAMESPACE)}/filled`,
      { stringData: { password: "rosebud" } },
    ],
    "the secrets of a ServiceAccount": [account, { secrets: [{ name: "runner-token" }] }],
    "the imagePullSecrets of a ServiceAccount": [account, { imagePullSecrets: [{ name: "registry" }] }],
    ...Object.fromEntries(
      ["without-bundle", "empty-bundle", "newline-bundle"].map(name => [
        `the caBundle of a webhook: ${name}`,
        [`${webhooks}/${name}`, { webhooks: [hook(CA)] }] as [string, Body],
      ]),
    ),
  };
  for (const [what, [path, patch]] of Object.entries(patches)) {
    it(`keeps ${what}`, () => stands(room, path, byPatch(room, path, patch)));
  }

  it("keeps a CA that was injected, when the webhook is changed otherwise", async () => {
    const path = `${webhooks}/empty-bundle`;
    await isReverted(room, path, byPatch(room, path, { webhooks: [{ ...hook(CA), timeoutSeconds: 3 }] }));
  });

  it("keeps kubectl rollout restart", () =>
    stands(room, deploymentPath, () => room.kubectl("rollout", "restart", "deployment/web")));

  it("keeps the replicas that kubectl scale sets where the chart has none", () =>
    stands(room, deploymentPath, () => room.kubectl("scale", "deployment/web", "--replicas=3")));

  it("keeps what a controller of the object adds, and knows it by the status that it writes, too", async () => {
    const as = "?fieldManager=load-balancer";
    const condition = {
      type: "Announced",
      status: "True",
      reason: "Announced",
      message: "",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    };
    await room.api.edit(`${service}/status${as}`, { status: { conditions: [condition] } });
    await stands(room, service, byPatch(room, `${service}${as}`, { spec: { externalIPs: ["192.0.2.7"] } }));
  });

  it("removes what kubectl adds, whatever it writes into the status", async () => {
    const as = "?fieldManager=kubectl-edit";
    await room.api.edit(`${deploymentPath}/status${as}`, { status: { observedGeneration: 1 } });
    await isUndone(
      room,
      deploymentPath,
      byPatch(room, `${deploymentPath}${as}`, { spec: { minReadySeconds: 7 } }),
    );
  });

  const steering: Record<string, Body> = {
    "a resource-policy": { annotations: { "helm.sh/resource-policy": "keep" } },
    "a hook annotation": { annotations: { "helm.sh/hook": "pre-install" } },
    "a label of Helm's": { labels: { "helm.sh/chart": "other-1.0.0" } },
    "a foreign annotation of Helm's ownership": { annotations: { "meta.helm.sh/extra": "x" } },
  };
  for (const [what, metadata] of Object.entries(steering)) {
    it(`removes ${what}: it steers Helm`, () =>
      isReverted(room, settings, byPatch(room, settings, { metadata })));
  }

  it("keeps an operator's finalizer, owner, annotation and label when the rest is taken over", async () => {
    const owner = await room.api.read(settings);
    const metadata = {
      finalizers: ["example.com/operator"],
      ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "settings", uid: owner.metadata.uid }],
      annotations: { "operator.example.com/seen": "yes" },
      labels: { "operator.example.com/shard": "7" },
    };
    await stands(room, service, byPatch(room, `${service}?fieldManager=operator`, { metadata }));
    const kept = (await room.api.read(service)).metadata;
    // A changed key of the ports: only a takeover of the operator's fields restores it.
    const drift = { spec: { selector: { app: "other" }, ports: [{ port: 81, name: "web" }] } };
    await isUndone(room, service, byPatch(room, `${service}?fieldManager=operator`, drift));
    const { finalizers, ownerReferences, annotations, labels } = (await room.api.read(service)).metadata;
    assert.deepEqual(
      { finalizers, ownerReferences, annotations, labels },
      {
        finalizers: kept.finalizers,
        ownerReferences: kept.ownerReferences,
        annotations: kept.annotations,
        labels: kept.labels,
      },
    );
  });

  it("keeps all of it over an upgrade and a restart of the locker", async () => {
    const before = dataOf(await room.api.read(configMapPath(NAMESPACE, "filled")));
    await room.install("web", chart);
    await room.locker.stop();
    await room.startLocker();
    await stands(room, settings, byPatch(room, settings, { metadata: { labels: { again: "yes" } } }));
    assert.deepEqual(dataOf(await room.api.read(configMapPath(NAMESPACE, "filled"))), before);
    const { secrets, imagePullSecrets } = await room.api.read(account);
    assert.deepEqual(
      { secrets, imagePullSecrets },
      {
        secrets: [{ name: "runner-token" }],
        imagePullSecrets: [{ name: "registry" }],
      },
    );
    const { metadata, spec } = await room.api.read(service);
    assert.deepEqual(metadata.finalizers, ["example.com/operator"]);
    assert.match(JSON.stringify(spec), /"externalIPs":\["192.0.2.7"\]/);
  });
});

import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { isLocked, lock } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { selfSignedCertificate } from "./support/certificate";
import { isReverted } from "./support/changes";
import { define, definition, definitionPath, version } from "./support/definitions";
import { openForTwins, OWN_NAME, Pair, type PathIn, type Write } from "./support/pair";
import { NAMESPACE, Room } from "./support/room";

const fields = z.record(z.string(), z.unknown());

const ADMISSION = "admissionregistration.k8s.io/v1";
const RBAC = "rbac.authorization.k8s.io/v1";
const CRATES = "crates.example.com";
const PEM = Buffer.from(selfSignedCertificate("localhost").certificate).toString("base64");
const CA = Buffer.from("a CA").toString("base64");

const gathered = { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] };

function secret(more: Body): Body {
  return { apiVersion: "v1", kind: "Secret", metadata: { name: OWN_NAME }, ...more };
}

function webhooks(kind: string, name: string, caBundles: string[]): Body {
  return { apiVersion: ADMISSION, kind, metadata: { name }, webhooks: hooks(caBundles) };
}

function hooks(caBundles: string[]): Body[] {
  return caBundles.map((caBundle, index) => ({
    name: `check-${index}.example.com`,
    clientConfig: { url: "https://127.0.0.1:9", caBundle },
    // This rule matches nothing that is ever written here.
    rules: [{ apiGroups: [CRATES], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothings"] }],
    failurePolicy: "Ignore",
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  }));
}

/** The definition of a kind in one group for each namespace, whose versions a webhook converts. */
function converted(caBundle: string): Body {
  const webhook = {
    clientConfig: { url: "https://127.0.0.1:9", caBundle },
    conversionReviewVersions: ["v1"],
  };
  const { spec, ...rest } = definition(`${OWN_NAME}.${CRATES}`, "Crate");
  return { ...rest, spec: { ...fields.parse(spec), conversion: { strategy: "Webhook", webhook } } };
}

const core =
  (plural: string): PathIn =>
  (namespace, name) =>
    `${collection("v1", plural, namespace)}/${name}`;
const wide =
  (api: string, plural: string): PathIn =>
  (_, name) =>
    `${collection(api, plural)}/${name}`;

/** What others fill in, where the chart leaves it empty. */
const filled: Record<string, (room: Room) => [template: Body, pathIn: PathIn, write: Write]> = {
  "data: {} of a ConfigMap": room => [
    {
      ...configMap(OWN_NAME, {}),
      metadata: { name: OWN_NAME, annotations: { "inject.example.com/ca": "true" } },
    },
    core("configmaps"),
    path => room.api.edit(`${path}?fieldManager=ca-injector`, { data: { "ca.crt": "x" } }),
  ],
  "binaryData: {} of a ConfigMap": room => [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: OWN_NAME }, binaryData: {} },
    core("configmaps"),
    path => room.api.edit(`${path}?fieldManager=keytool`, { data: { a: "b" }, binaryData: { c: CA } }),
  ],
  "data: null of a ConfigMap": room => [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: OWN_NAME }, data: null },
    core("configmaps"),
    path => room.api.apply(path, configMap(nameIn(path), { a: "b" }), "injector"),
  ],
  "stringData: {} of a Secret": room => [
    secret({ stringData: {} }),
    core("secrets"),
    path => room.api.edit(`${path}?fieldManager=generator`, { stringData: { password: "x" } }),
  ],
  "data: {} of a Secret with a type": room => [
    secret({ type: "example.com/keys", data: {} }),
    core("secrets"),
    path => room.api.patch(path, [{ op: "add", path: "/data", value: { key: CA } }], "before-first-apply-2"),
  ],
  "the second caBundle of a MutatingWebhookConfiguration": room => [
    webhooks("MutatingWebhookConfiguration", OWN_NAME, [CA, ""]),
    wide(ADMISSION, "mutatingwebhookconfigurations"),
    path =>
      room.api.patch(
        path,
        [{ op: "add", path: "/webhooks/1/clientConfig/caBundle", value: CA }],
        "cainjector",
      ),
  ],
  "the caBundle of a conversion": room => [
    converted(""),
    (_, name) => definitionPath(`crates.${name}.${CRATES}`),
    path =>
      room.api.edit(`${path}?fieldManager=ca-operator`, {
        spec: {
          conversion: {
            webhook: {
              clientConfig: {
                caBundle: PEM,
              },
            },
          },
        },
      }),
  ],
  "rules: [] of an aggregated ClusterRole": room => [
    {
      apiVersion: RBAC,
      kind: "ClusterRole",
      metadata: { name: OWN_NAME },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "example.com/to-none": "true" } }] },
      rules: [],
    },
    wide(RBAC, "clusterroles"),
    path => {
      const body = { apiVersion: RBAC, kind: "ClusterRole", metadata: { name: nameIn(path) } };
      return room.api.apply(path, { ...body, rules: [gathered] }, "clusterrole-aggregation-controller");
    },
  ],
};

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

describe("what a chart leaves to others by an empty value", () => {
  let room: Room;
  before(async () => {
    room = await openForTwins();
  });
  after(() => room.close());

  for (const helm of helms) {
    for (const [index, [what, fill]] of Object.entries(filled).entries()) {
      it(`stays as they fill it in: ${what}, installed by ${helm}`, async t => {
        const [template, pathIn, write] = fill(room);
        const pair = await Pair.install(room, helm, `${helm}-${index}`, { templates: { template } });
        t.diagnostic(await pair.leaves(pathIn, write));
      });
    }
  }
});

const roles = collection(RBAC, "roles", NAMESPACE);
const role = (name: string, rules: unknown): Body => ({
  apiVersion: RBAC,
  kind: "Role",
  metadata: { name },
  rules,
});

const values: Record<string, Body> = {
  role: role("none", []),
  "null-role": role("null", null),
  "cluster-role": { ...role("none", []), kind: "ClusterRole" },
  policy: {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "closed" },
    spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [] },
  },
  certs: webhooks("ValidatingWebhookConfiguration", "certs", [CA]),
  settings: { ...configMap("settings", { color: "blue" }), binaryData: {} },
  crate: {
    apiVersion: `${CRATES}/v1`,
    kind: "Crate",
    metadata: { name: "empty" },
    spec: { items: [], marks: {}, note: "" },
  },
};

const policy = `${collection("networking.k8s.io/v1", "networkpolicies", NAMESPACE)}/closed`;
const crate = `${collection(`${CRATES}/v1`, "crates", NAMESPACE)}/empty`;

/** What an empty value says elsewhere is a value. */
const added: Record<string, [path: string, patch: Body]> = {
  "rules: [] of a Role": [`${roles}/none`, { rules: [gathered] }],
  "rules: null of a Role": [`${roles}/null`, { rules: [gathered] }],
  "rules: [] of a ClusterRole that gathers none": [
    `${collection(RBAC, "clusterroles")}/none`,
    { rules: [gathered] },
  ],
  "ingress: [] of a NetworkPolicy": [policy, { spec: { ingress: [{}] } }],
  "a caBundle that the chart has": [
    `${collection(ADMISSION, "validatingwebhookconfigurations")}/certs`,
    { webhooks: hooks(["Cg=="]) },
  ],
  "binaryData: {} beside data": [configMapPath(NAMESPACE, "settings"), { binaryData: { key: CA } }],
  "an empty list of a custom resource": [crate, { spec: { items: [{ a: "b" }] } }],
  "an empty map of a custom resource": [crate, { spec: { marks: { a: "b" } } }],
  "an empty text of a custom resource": [crate, { spec: { note: "x" } }],
};

for (const helm of helms) {
  describe(`empty values that say nothing to others, of a release of ${helm}`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;
    before(async () => {
      room = await Room.open();
      await define(room, definition(CRATES, "Crate", [version("v1")]));
      upgrade = await installWith(room, helm, { templates: values });
      await lock(room, "web");
    });
    after(() => room.close());

    for (const manager of ["kubectl-edit", "clusterrole-aggregation-controller"]) {
      for (const [what, [path, patch]] of Object.entries(added)) {
        it(`lose what ${manager} adds: ${what}`, () =>
          isReverted(room, path, () => room.api.edit(`${path}?fieldManager=${manager}`, patch)));
      }
    }

    it("leave a release that is upgraded with no force", async () => {
      await upgrade();
      await isLocked(room, "web");
    });
  });
}

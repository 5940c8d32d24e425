import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { collection } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { atomicChart, NETWORK, RBAC, tool, TOOLS } from "./support/atomic-chart";
import { helms, installWith } from "./support/both-helms";
import { becomes, isReverted, postSentinel, writesDuring } from "./support/changes";
import { define } from "./support/definitions";
import { NAMESPACE, Room } from "./support/room";

const path = (apiVersion: string, plural: string, name: string): string =>
  `${collection(apiVersion, plural, NAMESPACE)}/${name}`;

const policy = path(NETWORK, "networkpolicies", "db");
const budget = path("policy/v1", "poddisruptionbudgets", "db");
const role = path(RBAC, "roles", "reader");
const binding = path(RBAC, "rolebindings", "reader");
const ingress = path(NETWORK, "ingresses", "web");
const deploymentPath = path("apps/v1", "deployments", "web");
const toolPath = path(`${TOOLS}/v1`, "tools", "hammer");
const container = "/spec/template/spec/containers/0";
const terms =
  "/spec/template/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms";

/** What is put where, by a JSON patch: something beside or inside what the chart says there. */
const added: Record<string, [path: string, pointer: string, value: unknown]> = {
  "a namespaceSelector in an ingress rule": [policy, "/spec/ingress/0/from/0/namespaceSelector", {}],
  "a second peer of an ingress rule": [policy, "/spec/ingress/0/from/-", { ipBlock: { cidr: "0.0.0.0/0" } }],
  "an end to the ports of an ingress rule": [policy, "/spec/ingress/0/ports/0/endPort", 65_535],
  "a label of a peer's selector": [policy, "/spec/ingress/0/from/0/podSelector/matchLabels/tier", "front"],
  "a label of the policy's own selector": [policy, "/spec/podSelector/matchLabels/tier", "back"],
  "a label of a PodDisruptionBudget's selector": [budget, "/spec/selector/matchLabels/tier", "none"],
  "an expression of a PodDisruptionBudget's selector": [
    budget,
    "/spec/selector/matchExpressions",
    [{ key: "a", operator: "Exists" }],
  ],
  "a resourceName of a Role": [role, "/rules/0/resourceNames/-", "credentials"],
  "a verb of a Role": [role, "/rules/0/verbs/-", "delete"],
  "a subject of a RoleBinding": [
    binding,
    "/subjects/-",
    { kind: "User", name: "mallory", apiGroup: "rbac.authorization.k8s.io" },
  ],
  "a path of an Ingress": [
    ingress,
    "/spec/rules/0/http/paths/-",
    { path: "/admin", pathType: "Exact", backend: { service: { name: "admin", port: { number: 80 } } } },
  ],
  "a host of an Ingress's certificate": [ingress, "/spec/tls/0/hosts/-", "evil.example.com"],
  "a prefix of envFrom": [deploymentPath, `${container}/envFrom/0/prefix`, "X_"],
  "a source of envFrom": [deploymentPath, `${container}/envFrom/-`, { secretRef: { name: "credentials" } }],
  "a word of a command": [deploymentPath, `${container}/command/-`, "daemon off;"],
  "a header of a probe": [
    deploymentPath,
    `${container}/readinessProbe/httpGet/httpHeaders/-`,
    { name: "X", value: "y" },
  ],
  "a value of a toleration": [deploymentPath, "/spec/template/spec/tolerations/0/effect", "NoExecute"],
  "a term of a node affinity": [
    deploymentPath,
    `${terms}/-`,
    { matchExpressions: [{ key: "any", operator: "Exists" }] },
  ],
  "a field inside a term of a node affinity": [
    deploymentPath,
    `${terms}/0/matchFields`,
    [{ key: "metadata.name", operator: "In", values: ["node-7"] }],
  ],
  "a field of a custom resource's list": [toolPath, "/spec/rules/0/port", 8080],
  "a path in a custom resource's list": [toolPath, "/spec/rules/0/paths/-", "/admin"],
  "an unknown field inside a custom resource's list": [toolPath, "/spec/rules/0/tls/insecure", true],
  "a key of a custom resource's atomic map": [toolPath, "/spec/match/tier", "front"],
};

for (const version of helms) {
  describe(`additions inside lists and maps that have one owner as a whole, of a release of ${version}`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;

    before(async () => {
      room = await Room.open();
      await define(room, tool);
      upgrade = await installWith(room, version, atomicChart);
      await postSentinel(room);
      assert.deepEqual(await writesDuring(room, () => lock(room, "web")), []);
    });
    after(() => room.close());

    for (const [what, [object, pointer, value]] of Object.entries(added)) {
      it(`reverts ${what}`, () =>
        isReverted(room, object, () => room.api.patch(object, [{ op: "add", path: pointer, value }])));
    }

    it("reverts what was added while no locker ran", async () => {
      const { spec } = await room.api.read(policy);
      await room.locker.stop();
      await room.api.patch(policy, [
        { op: "add", path: "/spec/ingress/0/from/0/namespaceSelector", value: {} },
      ]);
      await room.startLocker();
      await becomes(room, policy, now => isDeepStrictEqual(now?.spec, spec));
    });

    it("leaves a release that is upgraded with the same values, and with no force", async () => {
      await upgrade();
      assert.match(await room.kubectl("get", "helmrelease.helm.cattle.io", "-A"), /Deployed/);
    });
  });
}

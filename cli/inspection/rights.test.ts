import assert from "node:assert/strict";
import { it } from "node:test";
import { kindOf } from "../../capabilities/kube/kinds";
import { policyOf } from "../../capabilities/policy/policy";
import { track } from "../../capabilities/state/new-tracked";
import { PLAIN } from "../../capabilities/state/standing";
import { Store } from "../../capabilities/state/store";
import { accountsFor, neededFor } from "./rights";

const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });
const operator = { namespace: "helm-locker", name: "operator" };
const writer = { namespace: "demo", name: "writer" };

/** A lock of three objects of one kind in two namespaces. */
function lockBy(spec: { readonly serviceAccountName?: string }) {
  const store = new Store();
  const standing = { ...PLAIN, spec, policy: policyOf(spec) };
  const lock = store.register("shop", { name: "shop", namespace: "demo" }, standing);
  const places = [
    ["a", "demo"],
    ["b", "demo"],
    ["c", "other"],
  ];
  const objects = places.map(([name = "", namespace = ""]) =>
    track(lock, configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace } }),
  );
  store.track(lock, { manifest: undefined, objects, untracked: [] });
  return { lock };
}

it("asks once for each kind what the operator may", () => {
  const needed = neededFor(lockBy({}), operator);
  assert.deepEqual(
    needed.map(({ to, namespace, rule }) => [to, namespace, rule.verbs]),
    [[operator, undefined, ["get", "list", "watch", "create", "patch", "delete"]]],
  );
  assert.deepEqual(accountsFor(lockBy({}), operator), [operator]);
});

it("asks in each namespace what the ServiceAccount may that writes", () => {
  const inspection = lockBy({ serviceAccountName: "writer" });
  assert.deepEqual(
    neededFor(inspection, operator).map(({ to, namespace, rule }) => [to, namespace, rule.verbs]),
    [
      [operator, "demo", ["get", "impersonate"]],
      [operator, undefined, ["get", "list", "watch"]],
      [writer, "demo", ["create", "patch", "delete"]],
      [writer, "other", ["create", "patch", "delete"]],
    ],
  );
  assert.deepEqual(accountsFor(inspection, operator), [operator, writer]);
});

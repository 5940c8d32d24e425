import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PolicySpec } from "../../crds/spec";
import { kindOf } from "../kube/kinds";
import { policyOf } from "../policy/policy";
import type { Lock } from "./lock";
import { track } from "./new-tracked";
import { releaseLocksOf } from "./release-locks";
import { PLAIN } from "./standing";
import { Store } from "./store";

const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });
const deployments = kindOf({
  apiVersion: "apps/v1",
  kind: "Deployment",
  plural: "deployments",
  namespaced: true,
});
const namespaces = kindOf({ apiVersion: "v1", kind: "Namespace", plural: "namespaces", namespaced: false });

const locker = { user: "the locker", namespace: "home", controllerName: "helm-locker" };
const DENY = { admission: { action: "Deny" } } as const;

type Object = [kind: typeof configMaps, name: string, namespace?: string];

function lockOf(store: Store, name: string, spec: PolicySpec, objects: readonly Object[]): Lock {
  const lock = store.register(name, { namespace: "shop", name }, { ...PLAIN, spec, policy: policyOf(spec) });
  const tracked = objects.map(([kind, name, namespace = "shop"]) => {
    const metadata = kind.namespaced ? { name, namespace } : { name };
    return track(lock, kind, { apiVersion: kind.apiVersion, kind: kind.kind, metadata });
  });
  store.track(lock, { manifest: "m", objects: tracked, untracked: [] });
  return lock;
}

/** What is told, by namespace and the first words of the name. */
function told(store: Store): Record<string, Record<string, unknown>> {
  const { wanted } = releaseLocksOf(store.locks(), locker);
  return Object.fromEntries(
    [...wanted.values()].map(({ metadata: { namespace, name }, spec }) => [
      `${namespace}/${name.replace(/-[0-9a-f]{8}$/, "")}`,
      Object.fromEntries(Object.entries(spec.releases).map(([release, { objects }]) => [release, objects])),
    ]),
  );
}

describe("releaseLocksOf", () => {
  it("tells of each object in its namespace, and of cluster-scoped ones in the locker's", () => {
    const store = new Store();
    lockOf(store, "a", DENY, [
      [configMaps, "one"],
      [deployments, "web", "elsewhere"],
      [namespaces, "shop"],
    ]);
    lockOf(store, "b", DENY, [[configMaps, "two"]]);
    lockOf(store, "c", { admission: { action: "Warn" } }, [[configMaps, "three"]]);
    lockOf(store, "d", {}, [[configMaps, "four"]]);
    assert.deepEqual(told(store), {
      "shop/deny-namespaced": { "shop/a": { "configmaps/one": [] }, "shop/b": { "configmaps/two": [] } },
      "elsewhere/deny-namespaced": { "shop/a": { "deployments.apps/web": [] } },
      "home/deny-cluster": { "shop/a": { "namespaces/shop": [] } },
      "shop/warn-namespaced": { "shop/c": { "configmaps/three": [] } },
    });
  });

  it("tells of records only where there are deployers", () => {
    const store = new Store();
    const deployers = [{ kind: "Group", name: "ci" } as const];
    lockOf(store, "a", { admission: { action: "Deny", deployers } }, [[configMaps, "one", "elsewhere"]]);
    assert.deepEqual(told(store), {
      "elsewhere/deny-namespaced": { "shop/a": { "configmaps/one": [] } },
      "shop/deny-records": { "shop/a": {} },
    });
  });

  it("tells nothing of what is suspended, or has no objects", () => {
    const store = new Store();
    store.suspend(lockOf(store, "a", DENY, [[configMaps, "one"]]), true);
    lockOf(store, "b", DENY, []);
    assert.deepEqual(told(store), {});
  });

  it("leaves to others what the policy leaves to them, and whole objects where nobody can tell what", () => {
    const store = new Store();
    const rule = (kind: string, ...paths: string[]) => ({ target: { kind }, paths });
    const ignore = [
      rule("Deployment", "/spec/replicas", "/spec/template/spec/containers/*/image", "/metadata"),
      rule("Namespace", ""),
      { target: { kind: "ConfigMap", name: "one" }, managedFieldsManagers: ["kubectl-edit"] },
      { target: { kind: "ConfigMap", name: "two" }, paths: ["/*"] },
    ];
    lockOf(store, "a", { ...DENY, driftDetection: { ignore } }, [
      [deployments, "web"],
      [namespaces, "shop"],
      [configMaps, "one"],
      [configMaps, "two"],
      [configMaps, "three"],
    ]);
    assert.deepEqual(told(store), {
      "shop/deny-namespaced": {
        "shop/a": {
          "deployments.apps/web": ["spec.replicas", "spec.template", "metadata"],
          "configmaps/three": [],
        },
      },
    });
  });

  it("leaves out the largest releases of a namespace where they do not fit into one object", () => {
    const store = new Store();
    const many = (count: number): Object[] =>
      Array.from({ length: count }, (_, index) => [configMaps, `${"x".repeat(90)}-${index}`]);
    lockOf(store, "small", DENY, many(1_000));
    lockOf(store, "large", DENY, many(9_000));
    const { wanted, leftOut } = releaseLocksOf(store.locks(), locker);
    assert.deepEqual(
      [...leftOut].map(({ release }) => release.name),
      ["large"],
    );
    assert.deepEqual(
      [...wanted.values()].flatMap(({ spec }) => Object.keys(spec.releases)),
      ["shop/small"],
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kindOf } from "../kube/kinds";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import { contentOf, memoryKey, memoryOf } from "./memory";
import { Store } from "./store";
import { track } from "./new-tracked";
import { see } from "./tracked";

const web = { namespace: "shop", name: "web" };
const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });

function configMap(name: string): KubeObject {
  const annotations = { "meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop" };
  const metadata = { name, namespace: "shop", resourceVersion: "1", annotations };
  return { apiVersion: "v1", kind: "ConfigMap", metadata };
}

/** A lock of objects that were all seen. */
function seenLock(...names: string[]) {
  const store = new Store();
  const lock = store.register("one", web);
  const load = (manifest: string | undefined, ...loaded: string[]) => {
    const objects = loaded.map(name => track(lock, configMaps, configMap(name)));
    store.track(lock, { manifest, objects, untracked: [] });
  };
  load("first", ...names);
  for (const tracked of lock.objects.values()) see(tracked, configMap(tracked.desired.metadata.name));
  const known = () =>
    ["a", "b"].filter(name => memoryOf(lock, "one").objects.has(memoryKey(configMap(name))));
  return { store, lock, load, known };
}

describe("what is remembered of a lock", () => {
  it("is what was seen of its manifest", () => {
    const { load, known } = seenLock("a", "b");
    assert.deepEqual(known(), ["a", "b"]);
    load("second", "b");
    assert.deepEqual(known(), ["b"]);
  });

  it("is nothing of what was never seen", () => {
    const { load, known } = seenLock("a");
    load("second", "a", "b");
    assert.deepEqual(known(), ["a"]);
  });

  it("stays while the release has failed, or a kind is not served", () => {
    const { load, lock, known } = seenLock("a", "b");
    load(undefined, "a");
    assert.deepEqual(known(), ["a", "b"]);
    load(undefined);
    load("third", "a", "b");
    assert.ok([...lock.objects.values()].every(({ wasSeen }) => wasSeen));
  });

  it("goes with the release", () => {
    const { store, load, lock, known } = seenLock("a");
    load(undefined);
    store.forget(lock);
    assert.deepEqual(known(), []);
  });

  it("is the content of what reaches beyond the namespace, whatever the version of the chart", () => {
    const role = (labels: JsonObject, rules: Json[] = []) => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "a", labels },
      rules,
    });
    const content = contentOf(role({ app: "web", "helm.sh/chart": "web-1.0.0" }), web);
    assert.equal(contentOf(role({ app: "web", "helm.sh/chart": "web-1.0.1" }), web), content);
    assert.notEqual(contentOf(role({ app: "api" }), web), content);
    assert.notEqual(contentOf(role({ app: "web" }, [{ verbs: ["*"] }]), web), content);
    assert.equal(contentOf(configMap("a"), web), contentOf({ ...configMap("a"), data: { a: "b" } }, web));
  });

  it("names an object by its kind, whatever the API version", () => {
    const named = (apiVersion: string, kind: string) =>
      memoryKey({ apiVersion, kind, metadata: { name: "a" } });
    assert.equal(named("apps/v1beta1", "Deployment"), named("apps/v1", "Deployment"));
    assert.notEqual(named("apps/v1", "Deployment"), named("extensions/v1", "Deployment"));
    assert.notEqual(named("apps/v1", "Deployment"), named("apps/v1", "StatefulSet"));
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Resource } from "../cluster/resources";
import type { KubeObject } from "../release/object";
import { managerOf, objectKey, see, Store, type Lock, type Tracked } from "./store";

const web = { namespace: "shop", name: "web" };
const api = { namespace: "shop", name: "api" };
const configMaps: Resource = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true };

function configMap(name: string, metadata: object = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop", ...metadata } };
}

function makeTracked(lock: Lock, name: string): Tracked {
  return {
    lock,
    resource: configMaps,
    desired: configMap(name),
    observed: { as: "unknown" },
    resourceVersion: undefined,
    known: undefined,
    wasSeen: false,
    isApplicable: true,
    isFinished: undefined,
    rival: undefined,
    vote: undefined,
    problem: undefined,
  };
}

/** A live object that a manager has put Helm's release name on. */
function live(resourceVersion: string, manager = "helm"): KubeObject {
  const fieldsV1 = { "f:metadata": { "f:annotations": { "f:meta.helm.sh/release-name": {} } } };
  return configMap("a", { uid: "u", resourceVersion, managedFields: [{ manager, fieldsV1 }] });
}

describe("Store", () => {
  it("lets HelmReleases of one release share its lock", () => {
    const store = new Store();
    const lock = store.register("one", web);
    assert.equal(store.register("two", web), lock);
    assert.equal(store.lockOf({ ...web }), lock);
    assert.equal(store.lockFor("two"), lock);
    assert.deepEqual([...store.locks()], [lock]);
  });

  it("keeps releases of one name in two namespaces apart", () => {
    const store = new Store();
    assert.notEqual(store.register("one", web), store.register("two", { ...web, namespace: "test" }));
  });

  it("keeps a lock until its last HelmRelease is gone, then forgets its objects", () => {
    const store = new Store();
    const lock = store.register("one", web);
    store.register("two", web);
    const tracked = makeTracked(lock, "a");
    store.track(lock, [tracked]);
    store.unregister("one", lock);
    assert.equal(store.lockOf(web), lock);
    assert.equal(store.holds(tracked), true);
    store.unregister("two", lock);
    assert.equal(store.lockOf(web), undefined);
    assert.equal(store.lockFor("two"), undefined);
    assert.equal(store.holds(tracked), false);
    assert.deepEqual([...store.trackers(configMaps, configMap("a"))], []);
  });

  it("makes a new lock for a release that is named again, which the old one leaves alone", () => {
    const store = new Store();
    const old = store.register("one", web);
    store.unregister("one", old);
    const lock = store.register("two", web);
    assert.notEqual(lock, old);
    store.unregister("one", old);
    assert.equal(store.lockOf(web), lock);
  });

  it("lets a lock that was dropped while it was loaded track nothing any more", () => {
    const store = new Store();
    const lock = store.register("one", web);
    store.unregister("one", lock);
    const tracked = makeTracked(lock, "a");
    store.track(lock, [tracked]);
    assert.equal(store.holds(tracked), false);
    assert.deepEqual([...store.trackers(configMaps, configMap("a"))], []);
  });

  it("finds every lock that tracks an object", () => {
    const store = new Store();
    const [one, other] = [store.register("one", web), store.register("two", api)];
    const [ofOne, ofOther] = [makeTracked(one, "a"), makeTracked(other, "a")];
    store.track(one, [ofOne]);
    store.track(other, [ofOther]);
    assert.deepEqual([...store.trackers(configMaps, live("1"))], [ofOne, ofOther]);
    store.unregister("one", one);
    assert.deepEqual([...store.trackers(configMaps, live("1"))], [ofOther]);
  });

  it("tracks by kind, namespace and name", () => {
    const store = new Store();
    const lock = store.register("one", web);
    store.track(lock, [makeTracked(lock, "a")]);
    const strangers: [Resource, KubeObject][] = [
      [configMaps, configMap("b")],
      [configMaps, configMap("a", { namespace: "test" })],
      [{ ...configMaps, kind: "Secret" }, configMap("a")],
      [{ ...configMaps, apiVersion: "v2" }, configMap("a")],
    ];
    for (const [resource, object] of strangers) assert.deepEqual([...store.trackers(resource, object)], []);
  });

  it("replaces the objects of a lock, in the order given", () => {
    const store = new Store();
    const lock = store.register("one", web);
    const [a, b, again] = [makeTracked(lock, "a"), makeTracked(lock, "b"), makeTracked(lock, "a")];
    store.track(lock, [a, b]);
    store.track(lock, [b, again]);
    assert.deepEqual([...lock.objects.values()], [b, again]);
    assert.deepEqual(
      [a, b, again].map(each => store.holds(each)),
      [false, true, true],
    );
    assert.deepEqual([...store.trackers(configMaps, configMap("a"))], [again]);
  });
});

describe("objectKey", () => {
  it("has no namespace where the object has none", () => {
    const roles: Resource = {
      apiVersion: "rbac/v1",
      kind: "ClusterRole",
      plural: "clusterroles",
      namespaced: false,
    };
    const role = { apiVersion: "rbac/v1", kind: "ClusterRole", metadata: { name: "a" } };
    assert.equal(objectKey(roles, role), "rbac/v1 ClusterRole /a");
    assert.equal(objectKey(configMaps, configMap("a")), "v1 ConfigMap shop/a");
  });
});

describe("see", () => {
  const seen = (...versions: string[]): Tracked => {
    const tracked = makeTracked(new Store().register("one", web), "a");
    for (const version of versions) see(tracked, live(version));
    return tracked;
  };

  it("notes what was never seen", () => {
    const tracked = seen();
    assert.equal(see(tracked, live("9")), true);
    assert.equal(tracked.resourceVersion, "9");
    assert.ok(tracked.observed.as === "live");
  });

  const cases: [what: string, known: string, version: string, isNews: boolean][] = [
    ["newer", "9", "10", true],
    ["older", "10", "9", false],
    ["the same, not yet looked at", "10", "10", true],
    ["of no version", "10", "", false],
  ];

  for (const [what, known, version, isNews] of cases) {
    it(`says that what is ${what} is ${isNews ? "" : "no "}news`, () => {
      const tracked = seen(known);
      const before = tracked.observed;
      assert.equal(see(tracked, live(version)), isNews);
      assert.equal(tracked.observed !== before, isNews);
      assert.equal(tracked.resourceVersion, isNews ? version : known);
    });
  }

  it("drops the echo of what is known to be right, and takes a later change", () => {
    const tracked = seen("10");
    tracked.observed = { as: "right" };
    assert.equal(see(tracked, live("10")), false);
    assert.equal(tracked.observed.as, "right");
    assert.equal(see(tracked, live("11")), true);
  });

  it("takes an object that is back, of a version after its deletion", () => {
    const tracked = seen("10");
    tracked.observed = { as: "absent", at: 0, wasRead: false };
    assert.equal(see(tracked, live("12")), true);
  });

  it("remembers whether an object was ever seen as this release's own", () => {
    const own = { "meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop" };
    const seenWith = (...annotations: object[]) => {
      const tracked = seen();
      for (const each of annotations)
        see(tracked, configMap("a", { resourceVersion: "9", annotations: each }));
      return tracked.wasSeen;
    };
    assert.equal(seenWith({}), false);
    assert.equal(seenWith({ ...own, "meta.helm.sh/release-name": "api" }), false);
    assert.equal(seenWith(own, {}), true);
  });

  it("keeps the first vote for the field manager, whoever rewrites Helm's metadata later", () => {
    const tracked = seen();
    see(tracked, live("1", "kubectl-annotate"));
    assert.equal(tracked.vote, undefined);
    see(tracked, live("2", "sdk"));
    see(tracked, live("3", "thief"));
    assert.equal(tracked.vote, "sdk");
  });
});

describe("contestedBy", () => {
  it("finds what carries a release's name, in every lock", () => {
    const store = new Store();
    const rivals = [web, { namespace: "shop", name: "api" }, undefined];
    for (const [index, rival] of rivals.entries()) {
      const lock = store.register(`r${index}`, { namespace: "shop", name: `l${index}` });
      store.track(lock, [{ ...makeTracked(lock, `o${index}`), rival }]);
    }
    const found = store.contestedBy({ ...web });
    assert.deepEqual(
      found.map(({ desired }) => desired.metadata.name),
      ["o0"],
    );
  });
});

describe("managerOf", () => {
  const lockWith = (...votes: (string | undefined)[]): Lock => {
    const store = new Store();
    const lock = store.register("one", web);
    store.track(
      lock,
      votes.map((vote, index) => ({ ...makeTracked(lock, `o${index}`), vote })),
    );
    return lock;
  };

  it("is what most objects say; those that say nothing do not count", () => {
    assert.equal(managerOf(lockWith("helm", "sdk", undefined, undefined, "sdk")), "sdk");
    assert.equal(managerOf(lockWith(undefined)), "helm");
  });

  it("is not decided before an object has a say", () => {
    const lock = lockWith(undefined);
    managerOf(lock);
    for (const tracked of lock.objects.values()) tracked.vote = "sdk";
    assert.equal(managerOf(lock), "sdk");
  });

  it("is decided once", () => {
    const lock = lockWith("sdk");
    managerOf(lock);
    for (const tracked of lock.objects.values()) tracked.vote = "thief";
    assert.equal(managerOf(lock), "sdk");
  });
});

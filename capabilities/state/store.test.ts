import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kindOf, type Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import type { Lock, Tracked } from "./lock";
import { Store } from "./store";
import { track } from "./new-tracked";
import { holderBeside, see } from "./tracked";

const web = { namespace: "shop", name: "web" };
const api = { namespace: "shop", name: "api" };
const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });

function configMap(name: string, metadata: object = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop", ...metadata } };
}

function makeTracked(lock: Lock, name: string): Tracked {
  return track(lock, configMaps, configMap(name));
}

function tracking(...objects: Tracked[]) {
  return { manifest: "digest", objects, untracked: [] };
}

const OWN = { "meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop" };

/** A live object on which a manager has put Helm's release name. */
function live(resourceVersion: string, manager = "helm"): KubeObject {
  const fieldsV1 = { "f:metadata": { "f:annotations": { "f:meta.helm.sh/release-name": {} } } };
  return configMap("a", {
    uid: "u",
    resourceVersion,
    annotations: OWN,
    managedFields: [{ manager, fieldsV1 }],
  });
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
    store.track(lock, tracking(tracked));
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
    store.track(lock, tracking(tracked));
    assert.equal(store.holds(tracked), false);
    assert.deepEqual([...store.trackers(configMaps, configMap("a"))], []);
  });

  it("finds every lock that tracks an object", () => {
    const store = new Store();
    const [one, other] = [store.register("one", web), store.register("two", api)];
    const [ofOne, ofOther] = [makeTracked(one, "a"), makeTracked(other, "a")];
    store.track(one, tracking(ofOne));
    store.track(other, tracking(ofOther));
    assert.deepEqual([...store.trackers(configMaps, live("1"))], [ofOne, ofOther]);
    store.unregister("one", one);
    assert.deepEqual([...store.trackers(configMaps, live("1"))], [ofOther]);
  });

  it("tracks by kind, namespace and name", () => {
    const store = new Store();
    const lock = store.register("one", web);
    store.track(lock, tracking(makeTracked(lock, "a")));
    const strangers: [Kind, KubeObject][] = [
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
    store.track(lock, tracking(a, b));
    store.track(lock, tracking(b, again));
    assert.deepEqual([...lock.objects.values()], [b, again]);
    assert.deepEqual(
      [a, b, again].map(each => store.holds(each)),
      [false, true, true],
    );
    assert.deepEqual([...store.trackers(configMaps, configMap("a"))], [again]);
  });
});

describe("what another release has, or may have", () => {
  it("is found in every lock", () => {
    const store = new Store();
    const rivals = [web, { namespace: "shop", name: "api" }, undefined];
    for (const [index, rival] of rivals.entries()) {
      const lock = store.register(`r${index}`, { namespace: "shop", name: `l${index}` });
      const tracked = makeTracked(lock, `o${index}`);
      if (rival) store.contest(tracked, rival);
      store.track(lock, tracking(tracked));
    }
    const found = store.contestedBy({ ...web });
    assert.deepEqual(
      found.map(({ desired }) => desired.metadata.name),
      ["o0"],
    );
  });

  it("is no longer found once it is nobody's, or no longer tracked", () => {
    const store = new Store();
    const lock = store.register("r", web);
    const [a, b] = [makeTracked(lock, "a"), makeTracked(lock, "b")];
    const api = { namespace: "shop", name: "api" };
    store.track(lock, tracking(a, b));
    for (const tracked of [a, b]) store.contest(tracked, api);
    assert.deepEqual(store.contestedBy(api), [a, b]);
    store.contest(a, undefined);
    assert.deepEqual(store.contestedBy(api), [b]);
    store.track(lock, tracking(a));
    assert.deepEqual(store.contestedBy(api), []);
    store.contest(b, api);
    assert.deepEqual(store.contestedBy(api), []);
  });
});

describe("the lock that a HelmRelease asks for", () => {
  it("is that of the release that it named last, until it is removed", () => {
    const store = new Store();
    const api = { namespace: "shop", name: "api" };
    const first = store.register("r", web);
    assert.equal(store.lockFor("r"), first);
    store.unregister("r", first);
    assert.equal(store.lockFor("r"), undefined);
    const second = store.register("r", api);
    store.register("other", api);
    assert.equal(store.lockFor("r"), second);
    store.unregister("r", second);
    assert.equal(store.lockFor("r"), undefined);
    assert.equal(store.lockFor("other"), second);
  });
});

describe("who has an object of two locks", () => {
  /** Two locks that track one object; what it was seen as, one state after the other. */
  const seenAs = (other: { namespace: string; name: string }, ...states: [name: string, by: string][]) => {
    const store = new Store();
    const locks = [store.register("one", web), store.register("two", other)];
    const [first, second] = locks.map(lock => makeTracked(lock, "a"));
    assert.ok(first && second);
    for (const [index, tracked] of [first, second].entries()) {
      const lock = locks[index];
      if (lock) store.track(lock, tracking(tracked));
    }
    const objects = states.map(([name, by], index) => {
      const { metadata, ...rest } = live(String(index + 1), by);
      const { namespace } = name === web.name ? web : other;
      const annotations = { "meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace };
      return { ...rest, metadata: { ...metadata, annotations } };
    });
    for (const object of objects) for (const tracked of [first, second]) see(tracked, object);
    const last = objects.at(-1);
    return {
      store,
      first,
      second,
      holders: [first, second].map(tracked => holderBeside(tracked, last)?.name),
    };
  };
  const elsewhere = { namespace: "elsewhere", name: "api" };

  it("is the first one that it names", () => {
    assert.deepEqual(seenAs(api, ["web", "helm"]).holders, [undefined, "web"]);
    assert.deepEqual(seenAs(api, ["api", "helm"]).holders, ["api", undefined]);
  });

  it("is the other one once Helm has written its name", () => {
    assert.deepEqual(seenAs(api, ["web", "helm"], ["api", "helm"]).holders, ["api", undefined]);
  });

  it("stays who it is, whatever else is written", () => {
    for (const next of [
      ["api", "kubectl-annotate"],
      ["none", "helm"],
    ] as const)
      assert.deepEqual(seenAs(api, ["web", "helm"], [...next]).holders, [undefined, "web"]);
    assert.deepEqual(seenAs(elsewhere, ["web", "helm"], ["api", "helm"]).holders, [undefined, "web"]);
    const backByHand: [string, string][] = [
      ["web", "helm"],
      ["api", "helm"],
      ["web", "kubectl-annotate"],
    ];
    assert.deepEqual(seenAs(api, ...backByHand).holders, ["api", undefined]);
  });

  it("changes nothing that has to be remembered as long as it stays who it is", () => {
    const { first, second } = seenAs(api, ["web", "helm"], ["web", "helm"]);
    const counts = () => [first, second].map(({ lock }) => lock.changes.count);
    const before = counts();
    for (const tracked of [first, second]) see(tracked, live("9", "kubectl-edit"));
    assert.deepEqual(counts(), before);
  });

  it("is nobody once the first lock no longer tracks it", () => {
    const { store, first, second } = seenAs(elsewhere, ["web", "helm"]);
    store.unregister("one", first.lock);
    assert.equal(holderBeside(second, undefined), undefined);
    assert.equal(first.sharing.length, 0);
  });

  it("is known through every version of a kind", () => {
    const store = new Store();
    const locks = [store.register("one", web), store.register("two", elsewhere)] as const;
    const first = makeTracked(locks[0], "a");
    const second = track(locks[1], { ...configMaps, apiVersion: "v2" }, configMap("a"));
    store.track(locks[0], tracking(first));
    store.track(locks[1], tracking(second));
    see(first, live("1"));
    assert.equal(holderBeside(second, undefined), web);
  });
});

describe("managerOf", () => {
  /** A lock of objects that were seen, each written by a manager; objects without a manager were not seen. */
  const lockWith = (...managers: (string | undefined)[]) => {
    const store = new Store();
    const lock = store.register("one", web);
    store.track(lock, tracking(...managers.map((_, index) => makeTracked(lock, `o${index}`))));
    const vote = (...voters: (string | undefined)[]): void => {
      for (const [index, manager] of voters.entries()) {
        const tracked = [...lock.objects.values()][index];
        if (tracked && manager !== undefined) see(tracked, live("1", manager));
      }
    };
    vote(...managers);
    return { vote, managerOf: () => store.managerOf(lock) };
  };

  it("is what most objects say; those that say nothing do not count", () => {
    assert.equal(lockWith("helm", "sdk", undefined, undefined, "sdk").managerOf(), "sdk");
    assert.equal(lockWith(undefined).managerOf(), "helm");
  });

  it("is not decided before an object has a say", () => {
    const { managerOf, vote } = lockWith(undefined);
    managerOf();
    vote("sdk");
    assert.equal(managerOf(), "sdk");
  });

  it("is decided once", () => {
    const { managerOf, vote } = lockWith("sdk", undefined, undefined);
    managerOf();
    vote(undefined, "thief", "thief");
    assert.equal(managerOf(), "sdk");
  });
});

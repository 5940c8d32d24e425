import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kindOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import type { Remembered, Tracked } from "./lock";
import { contentOf, memoryKey } from "./memory";
import { Store } from "./store";
import { track } from "./new-tracked";
import { leave, miss, remind, see, settle } from "./tracked";

const web = { namespace: "shop", name: "web" };
const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });

function configMap(metadata: object = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop", ...metadata } };
}

const OWN = { "meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop" };

/** A live object on which a manager has put Helm's release name. */
function live(resourceVersion: string, manager = "helm"): KubeObject {
  const fieldsV1 = { "f:metadata": { "f:annotations": { "f:meta.helm.sh/release-name": {} } } };
  return configMap({ uid: "u", resourceVersion, annotations: OWN, managedFields: [{ manager, fieldsV1 }] });
}

describe("see", () => {
  const seen = (...versions: string[]): Tracked => {
    const tracked = track(new Store().register("one", web), configMaps, configMap());
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
    settle(tracked);
    assert.equal(see(tracked, live("10")), false);
    assert.equal(tracked.observed.as, "right");
    assert.equal(see(tracked, live("11")), true);
  });

  it("takes an object that is back, of a version after its deletion", () => {
    const tracked = seen("10");
    miss(tracked, "deleted");
    assert.equal(see(tracked, live("12")), true);
  });

  it("remembers whether an object was ever seen as this release's own", () => {
    const seenWith = (...annotations: object[]) => {
      const tracked = seen();
      for (const each of annotations) see(tracked, configMap({ resourceVersion: "9", annotations: each }));
      return tracked.wasSeen;
    };
    assert.equal(seenWith({}), false);
    assert.equal(seenWith({ ...OWN, "meta.helm.sh/release-name": "api" }), false);
    assert.equal(seenWith(OWN, {}), true);
  });

  it("keeps the first vote for the field manager, whoever rewrites Helm's metadata later", () => {
    const tracked = seen();
    see(tracked, live("1", "kubectl-annotate"));
    assert.equal(tracked.vote, undefined);
    see(tracked, live("2", "sdk"));
    see(tracked, live("3", "thief"));
    assert.equal(tracked.vote, "sdk");
  });

  it("takes no vote from an object that names another release", () => {
    const tracked = seen();
    const { metadata } = live("1", "thief");
    const annotations = { ...OWN, "meta.helm.sh/release-name": "api" };
    see(tracked, configMap({ ...metadata, annotations }));
    assert.equal(tracked.vote, undefined);
  });
});

describe("miss", () => {
  const job: KubeObject = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "a", namespace: "shop" } };
  const jobs = kindOf({ apiVersion: "batch/v1", kind: "Job", plural: "jobs", namespaced: true });
  const running = (): Tracked => {
    const tracked = track(new Store().register("one", web), jobs, job);
    see(tracked, { ...job, metadata: { ...job.metadata, resourceVersion: "1" } });
    return tracked;
  };

  it("knows that what was seen to go had not finished", () => {
    const tracked = running();
    miss(tracked, "deleted");
    miss(tracked, "not found");
    assert.equal(tracked.isFinished, false);
  });

  it("does not know it of what went unseen: it may have finished meanwhile", () => {
    for (const how of ["not listed", "not found"] as const) {
      const tracked = running();
      miss(tracked, how);
      assert.equal(tracked.isFinished, undefined);
    }
  });
});

describe("what was remembered of an object", () => {
  const role: KubeObject = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "a", namespace: "shop" },
    rules: [],
  };
  const roles = kindOf({ apiVersion: role.apiVersion, kind: "Role", plural: "roles", namespaced: true });
  const seen = (desired: KubeObject) => ({
    seenAs: contentOf(desired, web),
    isFinished: false,
    rivalsUnder: undefined,
    told: undefined,
  });
  const knowing = (kind: typeof roles, desired: KubeObject, remembered: Remembered): Tracked => {
    const store = new Store();
    const lock = store.register("one", web);
    const objects = new Map([[memoryKey(desired), remembered]]);
    store.recall(lock, { seal: undefined, manager: undefined, policy: undefined, objects });
    return track(lock, kind, desired);
  };

  it("is what Helm has made of it before the record that says so, if it is still the release's", () => {
    const upgraded = { ...role, rules: [{ verbs: ["get"] }] };
    for (const [annotations, known] of [
      [OWN, upgraded],
      [{ ...OWN, "meta.helm.sh/release-name": "other" }, role],
    ] as const) {
      const store = new Store();
      const lock = store.register("one", web);
      const load = (desired: KubeObject) => {
        const tracked = track(lock, roles, desired);
        store.track(lock, { manifest: "m", objects: [tracked], untracked: [] });
        return tracked;
      };
      const shown = (resourceVersion: string, annotations: typeof OWN) => ({
        ...upgraded,
        metadata: { ...role.metadata, resourceVersion, annotations },
      });
      const before = load(role);
      see(before, shown("1", OWN));
      see(before, shown("2", annotations));
      assert.equal(load(upgraded).seenAs, contentOf(known, web));
    }
  });

  it("counts for any content inside the namespace, beyond it only for the same", () => {
    const changed = { ...role, rules: [{ verbs: ["*"] }] };
    assert.equal(knowing(configMaps, { ...configMap(), data: { a: "2" } }, seen(configMap())).wasSeen, true);
    assert.equal(knowing(roles, role, seen(role)).wasSeen, true);
    assert.equal(knowing(roles, changed, seen(role)).wasSeen, false);
  });

  it("survives another content in between, such as that of a forged record that is withdrawn", () => {
    const store = new Store();
    const lock = store.register("one", web);
    store.recall(lock, {
      seal: undefined,
      manager: undefined,
      policy: undefined,
      objects: new Map([[memoryKey(role), seen(role)]]),
    });
    for (const [rules, isKnown] of [
      [["*"], false],
      [[], true],
    ] as const) {
      const tracked = track(lock, roles, { ...role, rules: [...rules] });
      store.track(lock, { manifest: String(isKnown), objects: [tracked], untracked: [] });
      assert.equal(tracked.wasSeen, isKnown);
    }
  });

  it("says that it had finished, but never that it had not", () => {
    const finished = { ...seen(configMap()), isFinished: true };
    assert.equal(knowing(configMaps, configMap(), finished).isFinished, true);
    assert.equal(knowing(configMaps, configMap(), seen(configMap())).isFinished, undefined);
  });

  it("reaches an object that is tracked already, unless it was seen since", () => {
    const tracked = track(new Store().register("one", web), roles, role);
    remind(tracked, seen(role));
    assert.equal(tracked.wasSeen, true);
    const other = track(new Store().register("one", web), configMaps, configMap());
    see(other, live("1"));
    remind(other, { seenAs: undefined, isFinished: true, rivalsUnder: "r", told: undefined });
    assert.equal(other.rivalsUnder, undefined);
  });

  it("is that it was another release's, until it is this one's again", () => {
    const tracked = track(new Store().register("one", web), configMaps, configMap());
    leave(tracked, "r");
    assert.equal(tracked.rivalsUnder, "r");
    see(tracked, live("1"));
    assert.equal(tracked.rivalsUnder, undefined);
  });
});

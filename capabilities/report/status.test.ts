import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { helmReleaseSchema } from "../../crds/helm-release";
import { NetworkError } from "../cluster/errors";
import { collectionPath, kindOf } from "../kube/kinds";
import type { ReleaseStatus } from "../release/record";
import { groundsOf } from "../state/kept";
import type { Lock } from "../state/lock";
import { readPolicy } from "../state/claim";
import { phaseOf } from "../state/phase";
import type { Problem, Untracked, Watching } from "../state/problems";
import { PLAIN } from "../state/standing";
import { Store } from "../state/store";
import { track } from "../state/new-tracked";
import { doubt, ignore, lookedAt, settle, trouble } from "../state/tracked";
import { common, trackedKind } from "../state/watched";
import { statusOf } from "./status";
import { viewOf as viewOfHelmRelease } from "./helm-release-view";
import { viewOfLock, type View } from "./view";

const release = { namespace: "shop", name: "web" };
const state = { driver: "Secret", revision: 3, uid: "u3", resourceVersion: "7" } as const;
const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });
const secrets = kindOf({ apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true });

function lockIn(status: ReleaseStatus, change: Partial<Lock> = {}): Lock {
  const description = "Upgrade complete";
  const record = {
    ...release,
    revision: 3,
    status,
    description,
    notes: "Enjoy",
    manifest: "",
    isServerSide: false,
  };
  return {
    ...new Store().register("a", release),
    phase: phaseOf({ is: "record", state, record, writers: [] }),
    record: { ...state, description, notes: "Enjoy", writers: [] },
    ...change,
  };
}

function lockWithoutRecord(newest: Parameters<typeof phaseOf>[0]): Lock {
  return lockIn("deployed", { phase: phaseOf(newest), record: undefined });
}

/** Parts of a manifest that can't be tracked, each for its own reason. */
function unread(...reasons: string[]): { untracked: Untracked[] } {
  return { untracked: reasons.map(reason => ({ is: "nowhere", object, reason })) };
}
const object = { apiVersion: "v1", kind: "ConfigMap", name: "a" };

function withProblem(lock: Lock, name: string, problem: Problem | undefined): Lock {
  const desired = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop" } };
  const tracked = track(lock, configMaps, desired);
  settle(tracked);
  trouble(tracked, problem);
  return { ...lock, objects: new Map([...lock.objects, [name, tracked]]) };
}

function viewOf(lock: Lock, watching: ReadonlyMap<string, Watching> = new Map()): View {
  const store = new Store();
  for (const [collection, state] of watching) store.watch(collection, state);
  for (const collection of lock.collections)
    if (!watching.has(collection)) store.watch(collection, { is: "listed" });
  const view = viewOfLock(lock, store);
  assert.ok(view);
  return view;
}

describe("viewOfLock", () => {
  it("has nothing to say before the release was read", () => {
    const store = new Store();
    assert.equal(viewOfLock(store.register("a", release), store), undefined);
  });

  it("has nothing to say before its kinds were listed, and every object was seen", () => {
    const store = new Store();
    const lock = withProblem(lockIn("deployed", { collections: new Set(["a"]) }), "one", undefined);
    assert.equal(viewOfLock(lock, store), undefined);
    store.watch("a", { is: "opening" });
    assert.equal(viewOfLock(lock, store), undefined);
    store.watch("a", { is: "listed" });
    assert.ok(viewOfLock(lock, store));
    const [object] = lock.objects.values();
    assert.ok(object);
    doubt(object);
    assert.equal(viewOfLock(lock, store), undefined);
    store.watch(collectionPath(configMaps), { is: "failed", watched: trackedKind(configMaps), error: "" });
    assert.ok(viewOfLock(lock, store), "what can't be seen is told of by its kind");
    store.watch(collectionPath(configMaps), { is: "listed" });
    lookedAt(object);
    assert.ok(viewOfLock(lock, store), "what was looked at once may be looked at again");
  });

  it("tells what Helm says of the newest revision", () => {
    const { state: word, version, description, notes, locked, ready } = viewOf(lockIn("deployed"));
    assert.deepEqual([word, version, description, notes], ["Deployed", 3, "Upgrade complete", "Enjoy"]);
    assert.deepEqual([locked.is, locked.reason, ready.is], [true, "Locked", true]);
  });

  for (const status of ["pending-upgrade", "failed", "uninstalled", "superseded"] as const) {
    it(`is neither locked nor ready while ${status}`, () => {
      const { locked, ready } = viewOf(lockIn(status));
      assert.equal(locked.is, false);
      assert.deepEqual(ready, locked);
    });
  }

  it("uses the original's words where there is no record", () => {
    const { state: word, version, description, notes } = viewOf(lockWithoutRecord({ is: "missing" }));
    assert.deepEqual(
      [word, version, description, notes],
      ["SecretNotFound", 0, "Could not find Helm Release Secret", ""],
    );
  });

  it("describes a record that can't be read by what is wrong with it", () => {
    const view = viewOf(lockWithoutRecord({ is: "unreadable", revision: 3, reason: "it is torn" }));
    assert.deepEqual(
      [view.state, view.description, view.locked.message],
      ["Error", "it is torn", "it is torn"],
    );
  });

  it("is not ready while the newest record can't be read, and says why", () => {
    const failure = { error: new Error("forbidden") };
    const message = "its newest record can't be read: forbidden";
    const { locked, ready } = viewOf(lockIn("deployed", { failure }));
    assert.equal(locked.is, true);
    assert.deepEqual(ready, { is: false, reason: "Problems", message });
    const view = viewOf({ ...new Store().register("a", release), failure });
    assert.deepEqual([view.state, view.ready.reason, view.ready.message], ["Error", "RecordError", message]);
    assert.equal(view.mode, "enabled");
  });

  it("is locked but not ready while an object can't be put right, and says which", () => {
    const lock = withProblem(withProblem(lockIn("deployed"), "good", undefined), "bad", {
      is: "failed",
      error: new Error("field is immutable"),
    });
    const { locked, ready } = viewOf(lock);
    assert.equal(locked.is, true);
    assert.match(locked.message, /but for what condition Ready names/);
    assert.deepEqual(ready, {
      is: false,
      reason: "Problems",
      message: "ConfigMap shop/bad: field is immutable",
    });
  });

  it("is fought over only while what is changed is reverted", () => {
    const lock = withProblem(lockIn("deployed"), "a", { is: "fought over", by: ["hand"] });
    assert.match(viewOf(lock).foughtOver?.message ?? "", /hand changes it again/);
    assert.equal(viewOf({ ...lock, isSuspended: true }).foughtOver, undefined);
  });

  it("is not ready where some of the manifest can't be tracked, and counts what is too much to tell", () => {
    const { ready } = viewOf(lockIn("deployed", unread("one", "two", "three", "four")));
    const message = "ConfigMap a: one; ConfigMap a: two; ConfigMap a: three; and 1 more";
    assert.deepEqual(ready, { is: false, reason: "Problems", message });
  });

  it("names every kind that can't be watched or written, once", () => {
    const collections = new Set(["a", "b", "c", "d"]);
    const kind = (name: string) => ({ ...configMaps, kind: name });
    const watching = new Map(
      ["a", "b"].map(name => {
        const watched = { ...trackedKind(kind(name)), key: name };
        return [name, { is: "failed", watched, error: new Error("no") } as const];
      }),
    );
    const unwritable = new Map(
      ["b", "c", "d"].map(name => [name, { kind: kind(name), account: undefined, namespaces: [undefined] }]),
    );
    const { ready } = viewOf(lockIn("deployed", { collections, unwritable, ...unread("one") }), watching);
    assert.match(
      ready.message,
      /^a: no; b: no; c: the locker may not write any\. .*; d: the locker may not write any\. .*; and 1 more$/,
    );
  });

  it("names what every lock depends on and can't be watched, without the request", () => {
    const error = new NetworkError("no answer from the API server: cut (GET /api/v1/secrets)");
    const watched = common(secrets, "release record");
    const { ready } = viewOf(lockIn("deployed"), new Map([[watched.key, { is: "failed", watched, error }]]));
    assert.equal(ready.message, "release records in Secrets: no answer from the API server: cut");
  });

  it("cuts what would not fit into an object", () => {
    const record = { ...state, description: "", notes: "n".repeat(1_000_000), writers: [] };
    const lock = lockIn("deployed", { record, ...unread("p".repeat(1_000_000)) });
    const empty = helmReleaseSchema.parse({ metadata: { name: "a", namespace: "cattle-helm-system" } });
    const { notes, conditions } = statusOf(empty, viewOf(lock), "2026-01-01T00:00:00Z");
    assert.match(notes ?? "", /^n{1000,65535}…$/);
    assert.match(conditions?.[0]?.message ?? "", /^ConfigMap a: p{1000,32767}…$/);
  });

  it("is never longer than 100 kB as a whole, whatever is in it", () => {
    const long = '"ü😀'.repeat(50_000);
    const saying = { is: true, message: long };
    const happened = {
      time: "2026-01-01T00:00:00Z",
      count: 1,
      object: "ConfigMap shop/a",
      operation: "Edited",
      fields: Array.from({ length: 10 }, () => "f".repeat(128)),
      by: [],
      action: "Reverted",
    };
    const entry = { object: "ConfigMap shop/a", fields: [], by: [], since: "", why: "" };
    const view: View = {
      ...viewOf(lockIn("deployed")),
      description: long,
      notes: long,
      locked: { ...saying, reason: "Warn" },
      ready: { ...saying, reason: "Warn" },
      suspended: { ...saying, reason: "Suspended" },
      stalled: { ...saying, reason: "OperationStalled" },
      foughtOver: { ...saying, reason: "ChangedAgain" },
      history: Array.from({ length: 20 }, () => happened),
      drift: {
        objects: { tracked: 500, drifted: 500, ignored: 0, blocked: 0 },
        entries: Array.from({ length: 20 }, () => ({ ...entry, why: "w".repeat(1_000) })),
        verdict: { ...saying, reason: "DriftDetected" },
      },
    };
    const empty = helmReleaseSchema.parse({ metadata: { name: "a", namespace: "cattle-helm-system" } });
    const bytes = Buffer.byteLength(JSON.stringify(statusOf(empty, view, "2026-01-01T00:00:00Z")));
    assert.ok(bytes > 90_000 && bytes <= 100_000, `${bytes} bytes`);
  });

  it("counts what known controllers have, once every object was looked at", () => {
    const lock = [undefined, 2, 0].reduce<Lock>((lock, count, index) => {
      const more = withProblem(lock, `${index}`, undefined);
      const tracked = more.objects.get(`${index}`);
      if (!tracked || count === undefined) return more;
      ignore(tracked, count);
      lookedAt(tracked);
      return more;
    }, lockIn("deployed"));
    assert.equal(viewOf(lock).ignored, undefined);
    const [open] = lock.objects.values();
    assert.ok(open);
    lookedAt(open);
    assert.equal(
      viewOf(lock).ignored,
      2,
      "what can't be looked at does not keep the rest from being counted",
    );
    ignore(open, 1);
    assert.equal(viewOf(lock).ignored, 3);
  });

  it("names the rules that are about nothing, and is ready all the same", () => {
    const paths = ["/data/a", "/data/b"];
    const { policy } =
      readPolicy({ driftDetection: { ignore: [{ paths }, { paths, target: { kind: "Job" } }] } }) ?? {};
    const { ready, locked } = viewOf(withProblem(lockIn("deployed", policy && { policy }), "web", undefined));
    assert.equal(ready.is, true);
    assert.match(
      ready.message,
      /ignore\[0\]\.paths\[0\] is about no field .*ignore\[1\] is about no object of the release\.$/,
    );
    assert.doesNotMatch(locked.message, /ignore/);
  });

  it("leaves problems aside while Helm is at work", () => {
    assert.equal(viewOf(lockIn("pending-upgrade", unread("one"))).ready.reason, "Transitioning");
  });
});

describe("the view of a HelmRelease", () => {
  const named = (spec?: object, annotations = {}) =>
    helmReleaseSchema.parse({ metadata: { name: "a", namespace: "cattle-helm-system", annotations }, spec });

  it("tells what is wrong with the spec", () => {
    const view = viewOfHelmRelease(named(), "helm-locker", new Store());
    assert.ok(view);
    const message = "spec.release.name is empty: name the Helm release to lock";
    const { state: word, description, locked, ready } = view;
    assert.deepEqual([word, description], ["Error", message]);
    assert.deepEqual(ready, { is: false, reason: "InvalidSpec", message });
    assert.deepEqual(locked, ready);
  });

  it("tells what is in effect while the spec can't be followed", () => {
    const store = new Store();
    const lock = store.register("a", release);
    store.load(lock, lockIn("deployed"));
    lock.kept.note("a", groundsOf(lock, "a"));
    const bad = named({ release, driftDetection: { mode: "Warn" } });
    const message = () => viewOfHelmRelease(bad, "helm-locker", store)?.ready.message ?? "";
    assert.match(message(), /Until that is mended, the release stays locked as it was before\.$/);
    store.suspend(lock, true);
    assert.match(message(), /Until that is mended, mode suspended is in effect\.$/);
  });

  it("tells nothing that would not be known again after a restart, unless it can't be remembered", () => {
    const store = new Store();
    const lock = store.register("a", release);
    const says = () => viewOfHelmRelease(named({ release }), "helm-locker", store)?.locked.is;
    const isRemembered = () => {
      lock.kept.note("a", groundsOf(lock, "a"));
    };
    const changes: Record<string, () => unknown> = {
      "the record": () => {
        store.load(lock, lockIn("deployed"));
      },
      "what is locked": () => {
        store.load(lock, { ...lockIn("deployed"), seal: { uid: "next", digest: "same" } });
      },
      "what it tracks": () => {
        store.track(lock, { manifest: "m", objects: [], untracked: [] });
      },
      "what its HelmRelease asks for": () => store.register("a", release, { ...PLAIN, since: "later" }),
    };
    for (const [what, change] of Object.entries(changes)) {
      change();
      assert.equal(says(), undefined, what);
      isRemembered();
      assert.equal(says(), true, what);
    }
    store.register("a", release);
    lock.kept.fail("a");
    assert.equal(says(), true);
  });

  it("is not there where another controller has claimed it", () => {
    const claimed = { "helmreleases.cattle.io/managed-by": "other" };
    assert.equal(viewOfHelmRelease(named({ release }, claimed), "helm-locker", new Store()), undefined);
  });
});

describe("statusOf", () => {
  const then = "2026-01-01T00:00:00Z";
  const now = "2026-01-02T00:00:00Z";
  const helmRelease = (status?: object) =>
    helmReleaseSchema.parse({
      metadata: { name: "a", namespace: "cattle-helm-system", generation: 4 },
      status,
    });

  it("writes its conditions, with the generation that they are about", () => {
    const status = statusOf(helmRelease(), viewOf(lockIn("deployed")), now);
    const { conditions, ...others } = status;
    const [state, version] = ["Deployed", 3];
    assert.deepEqual(others, {
      state,
      mode: "enabled",
      version,
      description: "Upgrade complete",
      notes: "Enjoy",
      ignored: 0,
      objects: { tracked: 0, drifted: 0, ignored: 0, blocked: 0 },
      drift: [],
      foreignOwners: 0,
      history: [],
      observedGeneration: 4,
    });
    assert.deepEqual(
      conditions?.map(({ type, status, lastTransitionTime, observedGeneration }) => [
        type,
        status,
        lastTransitionTime,
        observedGeneration,
      ]),
      [
        ["Ready", "True", now, 4],
        ["Locked", "True", now, 4],
        ["Drifted", "False", now, 4],
      ],
    );
  });

  it("is stable: written again it does not change", () => {
    const view = viewOf(lockIn("deployed"));
    const first = statusOf(helmRelease(), view, then);
    assert.deepEqual(statusOf(helmRelease(first), view, now), first);
  });

  it("keeps the last count until there is another one", () => {
    const view = viewOf(lockIn("deployed"));
    const count = (ignored: number | undefined, before: object) =>
      statusOf(helmRelease(before), { ...view, ignored }, now).ignored;
    assert.deepEqual(
      [count(undefined, { ignored: 3 }), count(undefined, {}), count(1, { ignored: 3 })],
      [3, 0, 1],
    );
  });

  it("moves the time of a condition only with its status", () => {
    const before = statusOf(helmRelease(), viewOf(lockIn("deployed")), then);
    const troubled = lockIn("deployed", unread("one"));
    const conditions = statusOf(helmRelease(before), viewOf(troubled), now).conditions ?? [];
    assert.deepEqual(
      conditions.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
      [
        ["Ready", now],
        ["Locked", then],
        ["Drifted", then],
      ],
    );
  });

  it("is the same as before, in the same order, while it is not known yet what differs", () => {
    const view = viewOf(lockIn("deployed"));
    const before = statusOf(helmRelease(), view, then);
    assert.deepEqual(statusOf(helmRelease(before), { ...view, drift: undefined }, now), before);
  });

  it("keeps conditions of other types, and takes the original's null for none", () => {
    const foreign = { type: "Mine", status: "True", lastUpdateTime: then };
    const view = viewOf(lockIn("deployed"));
    const types = (status: object) =>
      statusOf(helmRelease(status), view, now).conditions?.map(({ type }) => type);
    assert.deepEqual(types({ conditions: [foreign] }), ["Mine", "Ready", "Locked", "Drifted"]);
    assert.deepEqual(types({ conditions: null }), ["Ready", "Locked", "Drifted"]);
    assert.deepEqual(statusOf(helmRelease({ conditions: [foreign] }), view, now).conditions?.[0], foreign);
  });
});

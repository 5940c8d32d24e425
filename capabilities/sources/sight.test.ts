import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { ApiError, NetworkError } from "../cluster/errors";
import { kindOf } from "../kube/kinds";
import { NAMESPACES } from "../state/namespaces";
import { Store } from "../state/store";
import { track } from "../state/new-tracked";
import { trouble } from "../state/tracked";
import { common, trackedKind } from "../state/watched";
import { Sight } from "./sight";

const roles = kindOf({ apiVersion: "rbac/v1", kind: "Role", plural: "roles", namespaced: true });
const secrets = kindOf({ apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true });
const ofRoles = trackedKind(roles);
const ofRecords = common(secrets, "release record");

const cut = new NetworkError("cut (GET /roles)");
const refused = new ApiError(500, "", "refused");

describe("what is told of watches that fail", () => {
  let store: Store;
  let sight: Sight;
  let told: string[];
  let passes: (milliseconds: number) => void;
  beforeEach(t => {
    if (!("mock" in t)) throw new Error("no clock");
    t.mock.timers.enable({ apis: ["setTimeout"] });
    passes = milliseconds => {
      t.mock.timers.tick(milliseconds);
    };
    told = [];
    store = new Store();
    for (const [name, kinds] of Object.entries({ web: [roles], page: [] })) {
      const lock = store.register(name, { namespace: "shop", name });
      const objects = kinds.map(kind =>
        track(lock, kind, { apiVersion: "rbac/v1", kind: "Role", metadata: { name, namespace: "shop" } }),
      );
      store.track(lock, { manifest: undefined, objects, untracked: [] });
      for (const tracked of objects) trouble(tracked, { is: "failed", error: refused });
    }
    sight = new Sight({
      store,
      queue: { retryNow: ({ controller, name }) => void told.push(`retry ${controller} ${name}`) },
      reporter: {
        blind: ({ key }, error) => void told.push(`blind ${key} ${String(error)}`),
        restarted: () => undefined,
        sees: ({ key }) => void told.push(`sees ${key}`),
        statusOf: ({ release }) => void told.push(`status ${release.name}`),
      },
    });
  });

  it("is nothing where they go on at once", () => {
    sight.failed(ofRoles, cut);
    passes(1_900);
    sight.works(ofRoles);
    passes(10_000);
    assert.deepEqual(told, []);
    assert.equal(store.watching(ofRoles.key), undefined);
  });

  it("is one thing as long as it lasts, and another one when it is over, which tries again what has failed", () => {
    for (let attempt = 0; attempt < 20; attempt++) {
      sight.failed(ofRoles, new NetworkError(`cut (GET /roles/${attempt % 2})`.replace(/\d/, "")));
      passes(500);
    }
    assert.deepEqual(told.splice(0), [`blind ${ofRoles.key} NetworkError: cut (GET /roles/)`, "status web"]);
    assert.equal(store.watching(ofRoles.key)?.is, "failed");
    sight.works(ofRoles);
    assert.equal(store.watching(ofRoles.key)?.is, "listed");
    assert.deepEqual(told, [
      `sees ${ofRoles.key}`,
      "status web",
      "retry release shop/web",
      "retry rights shop/web",
      "retry memory web",
      "retry status web",
      "retry object rbac/v1 Role shop/web",
    ]);
  });

  it("is told again where the reason is another", () => {
    sight.failed(ofRoles, cut);
    passes(2_000);
    sight.failed(ofRoles, refused);
    passes(2_000);
    assert.deepEqual(
      told.filter(line => line.startsWith("blind")),
      [`blind ${ofRoles.key} ${String(cut)}`, `blind ${ofRoles.key} ${String(refused)}`],
    );
  });

  it("is told at once where locks wait for a first list", () => {
    store.watch(ofRoles.key, { is: "opening" });
    sight.failed(ofRoles, cut);
    assert.equal(store.watching(ofRoles.key)?.is, "failed");
  });

  it("concerns every lock where records can't be watched", () => {
    sight.failed(ofRecords, cut);
    passes(2_000);
    assert.deepEqual(told, [`blind ${ofRecords.key} ${String(cut)}`, "status web", "status page"]);
  });

  it("tells which kinds are watched, namespaces only while policies need them, and what each watch sees", () => {
    const watch = { ring: () => undefined };
    const shown = () => [...sight.watched()].map(({ kind, sees }) => `${kind.kind} ${sees}`);
    const ofNamespaces = common(NAMESPACES, "of policies");
    store.watch(ofRoles.key, { is: "opening" });
    for (const watched of [ofRecords, ofRoles, ofNamespaces]) sight.add(watched, watch);
    assert.deepEqual(shown(), ["Secret true", "Role false", "Namespace true"]);
    store.watch(ofRoles.key, { is: "listed" });
    sight.failed(ofNamespaces, refused);
    passes(2_000);
    assert.deepEqual(shown(), ["Secret true", "Role true", "Namespace false"]);
    sight.remove(ofNamespaces);
    assert.deepEqual(shown(), ["Secret true", "Role true"]);
  });

  it("makes the others try when one works again, and at most once a second", () => {
    let rings = 0;
    sight.add(ofRecords, { ring: () => void rings++ });
    for (let cuts = 0; cuts < 20; cuts++) {
      sight.failed(ofRoles, cut);
      sight.works(ofRoles);
      passes(100);
    }
    assert.ok(rings >= 1 && rings <= 3, `${rings} rings in 2 s`);
  });
});

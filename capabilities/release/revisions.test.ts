import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubeObject } from "../kube/object";
import { releaseKey, type ReleaseRef } from "./release";
import { MAX_RECORDS, revisionOf, Revisions } from "./revisions";

const web = { namespace: "shop", name: "web" };

/** Whether a release is locked. */
const isWeb = ({ namespace, name }: ReleaseRef): boolean => namespace === web.namespace && name === web.name;

function record(revision: number, { name, namespace } = web, labels: object = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: `sh.helm.release.v1.${name}.v${revision}`,
      namespace,
      labels: { owner: "helm", name, status: "deployed", version: String(revision), ...labels },
    },
  };
}

/** A copy of a record under its own name. */
function copy(original: KubeObject, name: string): KubeObject {
  return { ...original, metadata: { ...original.metadata, name } };
}

function seen(...records: KubeObject[]): Revisions {
  const revisions = new Revisions(isWeb);
  for (const each of records) revisions.add("Secret", each);
  return revisions;
}

const secret = (revision: number) => ({ driver: "Secret", revision });

describe("Revisions", () => {
  it("tells whose record it was shown", () => {
    const revisions = new Revisions(isWeb);
    assert.deepEqual(revisions.add("Secret", record(1)), web);
    assert.deepEqual(revisions.remove("Secret", record(1)), web);
  });

  it("tells the highest revision as a number, whatever came last", () => {
    assert.deepEqual(seen(record(9), record(10), record(2)).highest(web), secret(10));
    assert.equal(seen().highest(web), undefined);
  });

  it("keeps releases apart by name and namespace", () => {
    const elsewhere = { ...web, namespace: "test" };
    const revisions = seen(record(1), record(7, elsewhere), record(8, { ...web, name: "web.v2" }));
    assert.deepEqual(revisions.highest(web), secret(1));
    assert.deepEqual(revisions.highest(elsewhere), secret(7));
  });

  it("steps back when the newest is gone, and forgets a release with its last", () => {
    const revisions = seen(record(1), record(2));
    revisions.remove("Secret", record(2));
    assert.deepEqual(revisions.highest(web), secret(1));
    revisions.remove("Secret", record(1));
    assert.equal(revisions.highest(web), undefined);
  });

  it("starts at revision 1 again after a reinstallation", () => {
    const revisions = seen(record(5));
    revisions.remove("Secret", record(5));
    revisions.add("Secret", record(1));
    assert.deepEqual(revisions.highest(web), secret(1));
  });

  it("forgets what a complete list did not show", () => {
    const api = { namespace: "test", name: "api" };
    const gone = { namespace: "test", name: "gone" };
    const revisions = seen(record(1), record(2), record(4, api), record(4, gone));
    const present = [
      "shop/sh.helm.release.v1.web.v1",
      "test/sh.helm.release.v1.api.v4",
      "test/sh.helm.release.v1.web.v2",
    ];
    revisions.retain("Secret", new Set(present));
    assert.deepEqual(revisions.highest(web), secret(1));
    assert.deepEqual(revisions.highest(api), secret(4));
    assert.equal(revisions.highest(gone), undefined);
  });

  it("tells the highest revision of both storage drivers, and of two copies that of Secrets", () => {
    const revisions = seen(record(2));
    assert.deepEqual(revisions.elsewhere(web, "Secret"), []);
    revisions.add("ConfigMap", record(2));
    assert.deepEqual(revisions.highest(web), secret(2));
    revisions.add("ConfigMap", record(3));
    assert.deepEqual(revisions.highest(web), { driver: "ConfigMap", revision: 3 });
    assert.deepEqual(
      revisions.elsewhere(web, "Secret"),
      [3, 4].map(revision => ({ driver: "ConfigMap", revision })),
    );
    assert.deepEqual(revisions.elsewhere(web, "ConfigMap"), [secret(2), secret(3)]);
    revisions.remove("Secret", record(3));
    assert.deepEqual(revisions.highest(web), { driver: "ConfigMap", revision: 3 });
  });

  it("takes copies for stale once the newest record is gone, until the release begins anew", () => {
    const revisions = seen(record(2));
    revisions.add("ConfigMap", record(3));
    assert.equal(revisions.areStale(web), false);
    revisions.remove("ConfigMap", record(3));
    assert.equal(revisions.areStale(web), true);
    assert.deepEqual(revisions.elsewhere(web, "Secret"), [{ driver: "ConfigMap", revision: 1 }]);
    revisions.retain("Secret", new Set());
    assert.deepEqual([revisions.areStale(web), revisions.elsewhere(web, "Secret")], [false, []]);
    revisions.add("Secret", record(1));
    assert.equal(revisions.areStale(web), false);
  });

  it("bears the end of what it never saw", () => {
    const revisions = new Revisions(isWeb);
    revisions.remove("Secret", record(3));
    assert.equal(revisions.highest(web), undefined);
  });

  it("remembers of a namespace with very many records only those of locked releases", () => {
    const many = Array.from({ length: MAX_RECORDS }, (_, index) => record(1, { ...web, name: `x${index}` }));
    const late = { ...web, name: "late" };
    const revisions = seen(...many, record(1, late), record(3), record(1, { ...late, namespace: "other" }));
    assert.deepEqual([revisions.remembers("Secret", late), revisions.highest(late)], [false, undefined]);
    assert.deepEqual([revisions.remembers("Secret", web), revisions.highest(web)], [true, secret(3)]);
    assert.equal(revisions.remembers("Secret", { ...late, namespace: "other" }), true);
    for (const gone of many.slice(0, 2)) revisions.remove("Secret", gone);
    revisions.add("Secret", record(1, late));
    assert.equal(revisions.remembers("Secret", late), true);
    revisions.retain("Secret", new Set());
    assert.equal(seen(...many).remembers("Secret", late), false);
  });

  it("remembers the newest revisions of a release with very many", () => {
    const revisions = seen(...Array.from({ length: 2_000 }, (_, index) => record(2_000 - index)));
    assert.deepEqual(revisions.highest(web), secret(2_000));
    for (let revision = 2_000; revision > 1_990; revision -= 1) revisions.remove("Secret", record(revision));
    assert.deepEqual(revisions.highest(web), secret(1_990));
  });

  it("names a release by namespace and name", () => {
    assert.equal(releaseKey(web), "shop/web");
  });
});

describe("revisionOf", () => {
  it("reads a record's labels", () => {
    assert.deepEqual(revisionOf(record(3)), { release: "web", revision: 3, status: "deployed" });
  });

  const strangers: [what: string, object: KubeObject][] = [
    ["without Helm's mark", record(3, web, { owner: "me" })],
    ["with a version that is no number", record(3, web, { version: "latest" })],
    ["with version 0", record(3, web, { version: "0" })],
    ["without a release", record(3, web, { name: "" })],
    ["whose labels tell a higher revision than its name", record(3, web, { version: "9" })],
    ["whose labels tell another release than its name", record(3, web, { name: "api" })],
    ["that is a copy of a record", copy(record(3), "backup")],
    ["without labels", { ...record(3), metadata: { name: "sh.helm.release.v1.web.v3", namespace: "shop" } }],
  ];

  for (const [what, object] of strangers) {
    it(`passes over a Secret ${what}`, () => {
      assert.equal(revisionOf(object), undefined);
      const revisions = seen(object);
      assert.equal(revisions.highest(web), undefined);
    });
  }
});

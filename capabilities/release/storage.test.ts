import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import type { KubeObject } from "../kube/object";
import { recordName, type ReleaseStatus } from "./record";
import type { ReleaseRef } from "./release";
import { Revisions, type RevisionHint } from "./revisions";
import { RecordStorage, type RecordReader, type RecordState } from "./storage";

const web = { namespace: "shop", name: "web" };

/** The parts of a record that differ between the cases. */
interface Stored {
  revision: number;
  status?: ReleaseStatus;
  /** Status in the payload, if it differs from the label. */
  inside?: ReleaseStatus;
  uid?: string;
  resourceVersion?: string;
  payload?: string;
  /** Its own name, if it differs from Helm's. */
  name?: string;
}

/** A record as Helm stores it in a Secret; its revision is also its resourceVersion. */
function secret({ revision, status = "deployed", inside = status, ...stored }: Stored): KubeObject {
  const {
    uid = `u${revision}`,
    resourceVersion = String(revision),
    name = recordName(web.name, revision),
  } = stored;
  const body = { ...web, version: revision, info: { status: inside }, manifest: `# ${revision}` };
  const zipped = gzipSync(JSON.stringify(body)).toString("base64");
  const labels = { owner: "helm", name: web.name, status, version: String(revision) };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name,
      namespace: web.namespace,
      uid,
      resourceVersion,
      labels,
    },
    data: { release: stored.payload ?? Buffer.from(zipped).toString("base64") },
  };
}

/** Records in memory, and the requests for them. */
class Records implements RecordReader {
  readonly asked: string[] = [];
  readonly #byName = new Map<string, KubeObject>();

  constructor(...records: Stored[]) {
    for (const record of records.map(secret)) this.#byName.set(record.metadata.name, record);
  }

  get(namespace: string, name: string): Promise<KubeObject | undefined> {
    this.asked.push(`get ${name}`);
    return Promise.resolve(namespace === web.namespace ? this.#byName.get(name) : undefined);
  }

  async getMetadata(namespace: string, name: string): Promise<KubeObject | undefined> {
    const found = await this.get(namespace, name);
    return found && metadataOf(found);
  }

  each(_release: ReleaseRef, onRecord: (record: KubeObject) => void): Promise<void> {
    this.asked.push("list");
    for (const record of this.#byName.values()) onRecord(metadataOf(record));
    return Promise.resolve();
  }
}

function metadataOf({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata };
}

/** Storage with records in Secrets, and optionally in ConfigMaps. */
function makeStorage(
  secrets: Records,
  configMaps = new Records(),
  revisions = new Revisions(() => true),
): RecordStorage {
  return new RecordStorage({ Secret: secrets, ConfigMap: configMaps }, revisions);
}

/** What the watches have shown: one revision in a Secret. */
function shown(revision: number): Revisions {
  const revisions = new Revisions(() => true);
  revisions.add("Secret", secret({ revision }));
  return revisions;
}

const hintAt = (revision: number): RevisionHint => ({ driver: "Secret", revision });

describe("RecordStorage.newest", () => {
  const history: Stored[] = [
    { revision: 1, status: "superseded" },
    { revision: 2, status: "superseded" },
    { revision: 3 },
  ];

  const found: [
    what: string,
    records: Stored[],
    hint: number | undefined,
    revision: number,
    status: string,
  ][] = [
    ["reads the revision that the hint names", history, 3, 3, "deployed"],
    ["finds it without a hint", history, undefined, 3, "deployed"],
    ["walks up from a hint that is behind", history, 1, 3, "deployed"],
    ["walks up from a hint that is gone just below", history.slice(2), 2, 3, "deployed"],
    ["lists where the hint is gone, as for a release installed anew", [{ revision: 1 }], 5, 1, "deployed"],
    [
      "orders revisions as numbers",
      [{ revision: 9, status: "superseded" }, { revision: 10 }],
      undefined,
      10,
      "deployed",
    ],
    [
      "judges by the newest, not by an older one that is still deployed",
      [{ revision: 1 }, { revision: 2, status: "failed" }],
      1,
      2,
      "failed",
    ],
    [
      "takes a newest that is superseded for what it is",
      [{ revision: 1 }, { revision: 2, status: "superseded" }],
      1,
      2,
      "superseded",
    ],
    [
      "reads an upgrade that has just begun",
      [{ revision: 1 }, { revision: 2, status: "pending-upgrade" }],
      1,
      2,
      "pending-upgrade",
    ],
  ];

  for (const [what, records, hint, revision, status] of found) {
    it(what, async () => {
      const newest = await makeStorage(new Records(...records)).newest(
        web,
        hint === undefined ? undefined : hintAt(hint),
      );
      assert.ok(newest.is === "record");
      assert.deepEqual(newest.state, {
        driver: "Secret",
        revision,
        uid: `u${revision}`,
        resourceVersion: String(revision),
      });
      assert.deepEqual([newest.record.status, newest.record.manifest], [status, `# ${revision}`]);
    });
  }

  for (const hint of [undefined, 4]) {
    it(`says that no record is left, with the hint ${hint ?? "missing"}`, async () => {
      assert.deepEqual(
        await makeStorage(new Records()).newest(web, hint === undefined ? undefined : hintAt(hint)),
        { is: "missing" },
      );
    });
  }

  it("costs two requests where the hint is right", async () => {
    const records = new Records(...history);
    await makeStorage(records).newest(web, hintAt(3));
    assert.deepEqual(records.asked.sort(), [`get ${recordName("web", 3)}`, `get ${recordName("web", 4)}`]);
  });

  it("reads ConfigMaps where the hint says so, or where no Secret is a record", async () => {
    const inConfigMaps = () => makeStorage(new Records(), new Records({ revision: 2 }));
    for (const hint of [undefined, { driver: "ConfigMap", revision: 2 } as const]) {
      const newest = await inConfigMaps().newest(web, hint);
      assert.ok(newest.is === "record");
      assert.deepEqual(newest.state, { driver: "ConfigMap", revision: 2, uid: "u2", resourceVersion: "2" });
    }
  });

  for (const [revision, driver] of [
    [1, "Secret"],
    [7, "ConfigMap"],
  ] as const) {
    it(`takes the newest of both storage drivers: revision 1 in a Secret, ${revision} in a ConfigMap`, async () => {
      const storage = makeStorage(new Records({ revision: 1 }), new Records({ revision }));
      const newest = await storage.newest(web, undefined);
      assert.ok(newest.is === "record");
      assert.equal(newest.state.driver, driver);
    });
  }

  it("sees that Helm goes on in the other driver, which counts its own revisions", async () => {
    const secrets = new Records({ revision: 1 }, { revision: 2, status: "pending-upgrade" });
    const readers = { Secret: secrets, ConfigMap: new Records({ revision: 2 }) };
    const storage = new RecordStorage(readers, {
      elsewhere: (_, driver) => (driver === "ConfigMap" ? [hintAt(2)] : []),
      learn: () => undefined,
      highest: () => undefined,
    });
    const held = { driver: "ConfigMap", revision: 2, uid: "u2", resourceVersion: "2" } as const;
    assert.equal(await storage.isCurrent(web, held), false);
    const newest = await storage.newest(web, held);
    assert.ok(newest.is === "record");
    assert.deepEqual([newest.state.driver, newest.record.status], ["Secret", "pending-upgrade"]);
  });

  it("goes on from what the watches have shown meanwhile, where Helm is faster than answers are", async () => {
    const records = new Records(...Array.from({ length: 40 }, (_, index) => ({ revision: index + 1 })));
    const newest = await makeStorage(records, undefined, shown(38)).newest(web, hintAt(1));
    assert.ok(newest.is === "record");
    assert.equal(newest.state.revision, 40);
    assert.equal(records.asked.length, 8);
  });

  it("goes on from what it has found where what the watches have shown is gone again", async () => {
    const records = new Records(
      { revision: 1, status: "superseded" },
      { revision: 2, status: "superseded" },
      { revision: 3 },
    );
    const newest = await makeStorage(records, undefined, shown(9)).newest(web, hintAt(1));
    assert.ok(newest.is === "record");
    assert.equal(newest.state.revision, 3);
    assert.ok(!records.asked.includes("list"));
  });

  it("is not misled by a Secret that only has a record's labels", async () => {
    const records = new Records({ revision: 2 }, { revision: 9, name: "backup" });
    const newest = await makeStorage(records).newest(web, undefined);
    assert.ok(newest.is === "record");
    assert.equal(newest.state.revision, 2);
  });

  it("looks in the namespace of the release", async () => {
    const storage = makeStorage(new Records({ revision: 1 }));
    assert.notEqual((await storage.newest({ ...web, namespace: "test" }, hintAt(1))).is, "record");
  });

  const unreadable: [what: string, record: Stored, reason: RegExp][] = [
    [
      "can't be unpacked",
      { revision: 2, payload: "####" },
      /^Secret shop\/sh\.helm\.release\.v1\.web\.v2: .*base64/,
    ],
    [
      "contradicts its labels",
      { revision: 2, inside: "failed" },
      /^Secret shop\/.*: it contradicts itself: its status/,
    ],
    ["is empty", { revision: 2, payload: "" }, /base64/],
  ];

  for (const [what, record, reason] of unreadable) {
    it(`tells where and why the newest ${what}, rather than fall back to an older one`, async () => {
      const newest = await makeStorage(new Records({ revision: 1 }, record)).newest(web, hintAt(1));
      assert.ok(newest.is === "unreadable");
      assert.equal(newest.revision, 2);
      assert.match(newest.reason, reason);
    });
  }

  it("tells where data.release is missing", async () => {
    const records = new Records({ revision: 1 });
    records.get = () => Promise.resolve({ ...secret({ revision: 1 }), data: { other: "x" } });
    records.getMetadata = () => Promise.resolve(undefined);
    const newest = await makeStorage(records).newest(web, hintAt(1));
    assert.ok(newest.is === "unreadable");
    assert.match(newest.reason, /^Secret shop\/.*: it has no data\.release/);
  });

  for (const method of ["get", "getMetadata", "each"] as const) {
    it(`fails as ${method} fails, rather than call the release missing`, async () => {
      const outage = new Error("no answer");
      const records = Object.assign(new Records(), { [method]: () => Promise.reject(outage) });
      await assert.rejects(makeStorage(records).newest(web, hintAt(1)), outage);
    });
  }
});

describe("RecordStorage.stateOfNewest", () => {
  it("tells which record is the newest without reading what it holds", async () => {
    const records = new Records({ revision: 1, status: "superseded" }, { revision: 2, payload: "junk" });
    const state = { driver: "Secret", revision: 2, uid: "u2", resourceVersion: "2" };
    for (const hint of [undefined, hintAt(1), hintAt(2)])
      assert.deepEqual(await makeStorage(records).stateOfNewest(web, hint), state);
    assert.equal(await makeStorage(new Records()).stateOfNewest(web, hintAt(1)), undefined);
  });
});

describe("RecordStorage.isCurrent", () => {
  const held: RecordState = { driver: "Secret", revision: 3, uid: "u3", resourceVersion: "3" };

  const cases: [what: string, records: Stored[], isCurrent: boolean][] = [
    ["stays as it was", [{ revision: 2, status: "superseded" }, { revision: 3 }], true],
    ["is followed by a pending one", [{ revision: 3 }, { revision: 4, status: "pending-upgrade" }], false],
    ["is followed by a deployed one", [{ revision: 3, status: "superseded" }, { revision: 4 }], false],
    ["is gone", [], false],
    ["is gone, and a later one is there", [{ revision: 4 }], false],
    ["is being uninstalled", [{ revision: 3, status: "uninstalling" }], false],
    ["has failed", [{ revision: 3, status: "failed" }], false],
    ["was written again, by a hook or by hand", [{ revision: 3, resourceVersion: "30" }], false],
    ["is another one of the same revision", [{ revision: 3, uid: "u3-again" }], false],
  ];

  for (const [what, records, isCurrent] of cases) {
    it(`says ${isCurrent ? "yes" : "no"} where the record in hand ${what}`, async () => {
      assert.equal(await makeStorage(new Records(...records)).isCurrent(web, held), isCurrent);
    });
  }

  for (const [revision, isCurrent] of [
    [2, true],
    [3, true],
    [4, false],
  ] as const) {
    it(`says ${isCurrent ? "yes" : "no"} where the other driver has revision ${revision}, unseen: newest() finds the same`, async () => {
      const readers = { Secret: new Records({ revision: 3 }), ConfigMap: new Records({ revision }) };
      const storage = new RecordStorage(readers, {
        elsewhere: () => [{ driver: "ConfigMap", revision }],
        learn: () => undefined,
        highest: () => undefined,
      });
      assert.equal(await storage.isCurrent(web, held), isCurrent);
      const newest = await storage.newest(web, held);
      assert.ok(newest.is === "record");
      assert.equal(newest.state.uid === held.uid && newest.state.driver === held.driver, isCurrent);
    });
  }

  it("says no where a newer one in the other driver was seen, and not read yet", async () => {
    const pending: Stored = { revision: 4, status: "pending-upgrade" };
    const revisions = shown(3);
    const storage = makeStorage(new Records({ revision: 3 }), new Records(pending), revisions);
    revisions.add("ConfigMap", secret(pending));
    assert.equal(await storage.isCurrent(web, held), false);
  });

  it("looks where the record in hand was read", async () => {
    const storage = makeStorage(new Records({ revision: 3, status: "failed" }), new Records({ revision: 3 }));
    assert.equal(await storage.isCurrent(web, { ...held, driver: "ConfigMap" }), true);
    assert.equal(await storage.isCurrent(web, held), false);
  });

  it("costs two requests by name", async () => {
    const records = new Records({ revision: 3 });
    await makeStorage(records).isCurrent(web, held);
    assert.deepEqual(records.asked.sort(), [`get ${recordName("web", 3)}`, `get ${recordName("web", 4)}`]);
  });

  it("fails as a read fails", async () => {
    const records = new Records({ revision: 3 });
    records.getMetadata = () => Promise.reject(new Error("no answer"));
    await assert.rejects(makeStorage(records).isCurrent(web, held), /no answer/);
  });
});

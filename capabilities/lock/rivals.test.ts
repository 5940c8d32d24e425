import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import type { KubeObject } from "../kube/object";
import { recordName } from "../release/record";
import { releaseKey, type ReleaseRef } from "../release/release";
import { Revisions } from "../release/revisions";
import { RecordStorage, type RecordReader } from "../release/storage";
import { Rivals } from "./rivals";

const api: ReleaseRef = { namespace: "shop", name: "api" };

function configMap(name: string): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop" } };
}

/** A release's first record, which tracks some ConfigMaps, or is unreadable. */
function record(
  release: ReleaseRef,
  names: readonly string[] | "unreadable",
  { resourceVersion = "1", status = "deployed" } = {},
): KubeObject {
  const manifest =
    names === "unreadable" ? "" : names.map(name => JSON.stringify(configMap(name))).join("\n---\n");
  const body = { ...release, version: 1, info: { status }, manifest };
  const payload = names === "unreadable" ? "junk" : gzipSync(JSON.stringify(body)).toString("base64");
  const labels = { owner: "helm", name: release.name, status, version: "1" };
  const name = recordName(release.name, 1);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: release.namespace, uid: release.name, resourceVersion, labels },
    data: { release: Buffer.from(payload).toString("base64") },
  };
}

/** Rivals over records in memory; counts what is read as a whole. */
function makeRivals() {
  const stored = new Map<string, KubeObject>();
  const reads: string[] = [];
  const find = (namespace: string, name: string) => stored.get(`${namespace}/${name}`);
  const secrets: RecordReader = {
    get: (namespace, name) => {
      reads.push(name);
      return Promise.resolve(find(namespace, name));
    },
    getMetadata: (namespace, name) => Promise.resolve(find(namespace, name)),
    each: ({ namespace, name }, onRecord) => {
      const record = find(namespace, recordName(name, 1));
      if (record) onRecord(record);
      return Promise.resolve();
    },
  };
  const none: RecordReader = {
    get: () => Promise.resolve(undefined),
    getMetadata: () => Promise.resolve(undefined),
    each: () => Promise.resolve(),
  };
  const waiting: { key: string; tell: () => void }[] = [];
  const revisions = new Revisions(() => false);
  const rivals = new Rivals({
    storage: new RecordStorage({ Secret: secrets, ConfigMap: none }, revisions),
    revisions,
    answered: release => {
      const told = waiting.filter(({ key }) => key === releaseKey(release));
      for (const { tell } of told) tell();
    },
  });
  const answered = (release: ReleaseRef) =>
    new Promise<void>(tell => {
      waiting.push({ key: releaseKey(release), tell });
    });
  /** The answer, once it is there. */
  const tracks = async (release: ReleaseRef, name: string): Promise<boolean> => {
    for (;;) {
      const told = answered(release);
      const answer = await rivals.tracks(release, configMap(name));
      if (answer !== undefined) return answer;
      await told;
    }
  };
  const store = (object: KubeObject): void => {
    const { namespace, name } = object.metadata;
    if (typeof namespace === "string") stored.set(`${namespace}/${name}`, object);
  };
  return { rivals, tracks, store, reads };
}

describe("Rivals", () => {
  it("know what a release tracks", async () => {
    const { tracks, store } = makeRivals();
    store(record(api, ["a", "b"]));
    assert.equal(await tracks(api, "b"), true);
    assert.equal(await tracks(api, "c"), false);
  });

  const nothing: Record<string, KubeObject | undefined> = {
    "has no record": undefined,
    "has an unreadable record": record(api, "unreadable"),
    "is uninstalled": record(api, ["a"], { status: "uninstalled" }),
  };
  for (const [what, object] of Object.entries(nothing)) {
    it(`know that one tracks nothing that ${what}`, async () => {
      const { tracks, store } = makeRivals();
      if (object) store(object);
      assert.equal(await tracks(api, "a"), false);
    });
  }

  it("read each state of a record once, however often they are asked", async () => {
    const { tracks, store, reads } = makeRivals();
    store(record(api, ["a"]));
    await Promise.all(Array.from({ length: 30 }, (_, index) => tracks(api, `o${index}`)));
    assert.equal(await tracks(api, "a"), true);
    assert.equal(reads.length, 1);
    store(record(api, ["b"], { resourceVersion: "2" }));
    assert.equal(await tracks(api, "a"), false);
    assert.equal(reads.length, 2);
  });

  it("let nobody wait for a reading", async () => {
    const { rivals, store } = makeRivals();
    store(record(api, ["a"]));
    assert.equal(await rivals.tracks(api, configMap("a")), undefined);
  });
});

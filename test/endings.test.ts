import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, content, type Body } from "../hack/lib/objects";
import { until } from "../hack/lib/watch";
import { hasProblems, isLocked, lock } from "../hack/locker/helm-release";
import { becomes, byPatch, isContent, isReverted, openLocked, stands, staysAway } from "./support/changes";
import { type Chart } from "./support/chart";
import { define, definition, definitionPath, isServed, version } from "./support/definitions";
import { AFTER_REFUSAL, WHEN_SERVED } from "./support/in-time";
import { NAMESPACE, type Room } from "./support/room";

const BATCH = collection("batch/v1", "jobs", NAMESPACE);
const SHOES = "shoes.example.com";

function job(name: string): Body {
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "work", image: "busybox" }] } };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { template } };
}

const chart: Chart = {
  templates: {
    held: configMap("held", { color: "blue" }),
    hidden: configMap("hidden", { color: "blue" }),
    neighbour: configMap("neighbour", { color: "blue" }),
    complete: job("complete"),
    failed: job("failed"),
    waiting: job("waiting"),
    pod: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "done" },
      spec: { restartPolicy: "Never", containers: [{ name: "work", image: "busybox" }] },
    },
  },
};

const FINALIZER = "example.com/wait";

/** The finalizer with which the API server first deletes the custom resources of a CRD. */
const CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

describe("objects, kinds and namespaces that come to an end", () => {
  let room: Room;
  before(async () => {
    room = await openLocked(chart);
  });
  after(() => room.close());

  const labels: Record<string, Body> = {
    held: {},
    // The watch then no longer shows the object: neither that it is being deleted, nor that it is gone.
    hidden: { labels: { "app.kubernetes.io/managed-by": null } },
  };
  for (const [name, metadata] of Object.entries(labels)) {
    it(`an object that finalizers hold is made again when it is gone: ${name}`, async () => {
      const path = configMapPath(NAMESPACE, name);
      const before = await room.api.read(path);
      await room.api.edit(path, { metadata: { finalizers: [FINALIZER] } });
      await room.api.delete(path);
      await stands(room, path, byPatch(room, path, { metadata, data: { color: "red" } }));
      await hasProblems(room, "web", said => said.includes(`${name}: it is being deleted, and finalizers`));
      await room.api.edit(path, { metadata: { finalizers: null } });
      await becomes(room, path, now => now !== undefined && now.metadata.uid !== before.metadata.uid);
      await isContent(room, path, content(before));
      await isLocked(room, "web");
    });
  }

  const ends: Record<string, Body[]> = {
    complete: [
      { type: "SuccessCriteriaMet", status: "True" },
      { type: "Complete", status: "True" },
    ],
    failed: [
      { type: "FailureTarget", status: "True" },
      { type: "Failed", status: "True" },
    ],
  };
  for (const [name, conditions] of Object.entries(ends)) {
    it(`a Job that is ${name} is not run again when somebody clears it away`, async () => {
      const now = new Date().toISOString();
      const status = {
        startTime: now,
        ...(name === "complete" ? { completionTime: now, succeeded: 1 } : {}),
        conditions: conditions.map(condition => ({ ...condition, lastTransitionTime: now })),
      };
      await room.api.edit(`${BATCH}/${name}/status`, { status });
      await room.api.delete(`${BATCH}/${name}?propagationPolicy=Background`);
      await staysAway(room, `${BATCH}/${name}`);
    });
  }

  it("a Job that has not ended is made again", async () => {
    const path = `${BATCH}/waiting`;
    const { uid } = (await room.api.read(path)).metadata;
    await room.api.delete(`${path}?propagationPolicy=Background`);
    await becomes(room, path, now => now !== undefined && now.metadata.uid !== uid);
  });

  it("a Pod that has ended is not run again, and the lock stays ready", async () => {
    const path = `${collection("v1", "pods", NAMESPACE)}/done`;
    await room.api.edit(`${path}/status`, { status: { phase: "Succeeded" } });
    await room.api.delete(path);
    await staysAway(room, path);
    await isLocked(room, "web");
  });

  it("a release with Jobs that are gone is locked without a word when the locker starts again", async () => {
    await room.locker.stop();
    await room.startLocker();
    await isLocked(room, "web");
    for (const name of Object.keys(ends)) await staysAway(room, `${BATCH}/${name}`);
  });

  it("a terminating namespace is reported, harms no neighbour, and what was in it comes back with it", async () => {
    const namespaces = collection("v1", "namespaces");
    const far = configMapPath("far", "far");
    const near = configMapPath(NAMESPACE, "near");
    await room.kubectl("create", "namespace", "far");
    const templates = {
      far: configMap("far", { color: "blue" }, { namespace: "far" }),
      near: configMap("near", { color: "blue" }),
    };
    await room.install("wide", { templates });
    await lock(room, "wide");
    const before = content(await room.api.read(far));
    await room.api.delete(`${namespaces}/far`);
    await room.api.delete(far);
    assert.match(await hasProblems(room, "wide"), /ConfigMap far\/far: .*being terminated/);
    await isReverted(room, near, byPatch(room, near, { data: { color: "red" } }));
    // As the namespace controller would, once the namespace is empty.
    const terminating = await room.api.read(`${namespaces}/far`);
    await room.api.replace(`${namespaces}/far/finalize`, { ...terminating, spec: { finalizers: [] } });
    await until(room.api, `${namespaces}/far`, now => now === undefined);
    await room.kubectl("create", "namespace", "far");
    await isContent(room, far, before, AFTER_REFUSAL);
    await isLocked(room, "wide", AFTER_REFUSAL);
  });

  it("a definition in the manifest is locked, and comes back with the resources of the release", async () => {
    const boots = `${collection(`${SHOES}/v1`, "boots", NAMESPACE)}/left`;
    const left = { apiVersion: `${SHOES}/v1`, kind: "Boot", metadata: { name: "left" }, spec: { size: 42 } };
    const path = definitionPath(`boots.${SHOES}`);
    const kinds = { definition: definition(SHOES, "Boot") };
    await room.install("boots", { templates: kinds });
    await isServed(room, `boots.${SHOES}`);
    await room.install("boots", { templates: { ...kinds, left } });
    await lock(room, "boots");
    const before = content(await room.api.read(boots));
    await isReverted(room, path, byPatch(room, path, { spec: { names: { shortNames: ["bt"] } } }));
    await room.api.delete(path);
    await until(room.api, path, now => now !== undefined && now.metadata.deletionTimestamp === undefined);
    await isServed(room, `boots.${SHOES}`);
    await isContent(room, boots, before, WHEN_SERVED);
    await isReverted(room, boots, byPatch(room, boots, { spec: { size: 43 } }));
    await isLocked(room, "boots", WHEN_SERVED);
  });

  it("a custom resource is not made while its definition is being deleted, which would else wait for it", async () => {
    const hat = { apiVersion: `${SHOES}/v1`, kind: "Hat", metadata: { name: "straw" }, spec: { size: 57 } };
    const path = `${collection(`${SHOES}/v1`, "hats", NAMESPACE)}/straw`;
    const hats = definitionPath(`hats.${SHOES}`);
    await define(room, definition(SHOES, "Hat"));
    await room.install("hats", { templates: { hat } });
    await lock(room, "hats");
    await room.api.edit(hats, { metadata: { finalizers: [FINALIZER, CLEANUP] } });
    await room.api.delete(hats);
    await until(room.api, path, now => now === undefined);
    await staysAway(room, path);
    await room.api.edit(hats, { metadata: { finalizers: null } });
    await until(room.api, hats, now => now === undefined);
    await define(room, definition(SHOES, "Hat"));
    await becomes(room, path, now => now !== undefined, WHEN_SERVED);
    await isLocked(room, "hats", WHEN_SERVED);
  });

  it("an API version that is no longer served is reported, and locked as soon as it is served again", async () => {
    const versions = (served: boolean): Body[] => [
      version("v1"),
      version("v1alpha1", { storage: false, served }),
    ];
    const sock = {
      apiVersion: `${SHOES}/v1alpha1`,
      kind: "Sock",
      metadata: { name: "grey" },
      spec: { size: 42 },
    };
    const path = `${collection(`${SHOES}/v1`, "socks", NAMESPACE)}/grey`;
    const pair = configMapPath(NAMESPACE, "pair");
    await define(room, definition(SHOES, "Sock", versions(true)));
    await room.install("socks", { templates: { sock, pair: configMap("pair", { of: "socks" }) } });
    await lock(room, "socks");
    await isReverted(room, path, byPatch(room, path, { spec: { size: 43 } }));
    await room.api.edit(definitionPath(`socks.${SHOES}`), { spec: { versions: versions(false) } });
    assert.match(await hasProblems(room, "socks", undefined, WHEN_SERVED), /Sock/);
    await isReverted(room, pair, byPatch(room, pair, { data: { of: "gloves" } }));
    await room.api.edit(definitionPath(`socks.${SHOES}`), { spec: { versions: versions(true) } });
    await isLocked(room, "socks", WHEN_SERVED);
    await isReverted(room, path, byPatch(room, path, { spec: { size: 45 } }));
  });
});

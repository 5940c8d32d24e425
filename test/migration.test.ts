import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, content } from "../hack/lib/objects";
import { patiently } from "../hack/lib/patience";
import { until, Watch } from "../hack/lib/watch";
import {
  hasProblems,
  helmRelease,
  helmReleasePath,
  helmReleasesSettled,
  isLocked,
  lock,
  register,
  REGISTRATION_NAMESPACE,
  statusOf,
} from "../hack/locker/helm-release";
import type { LogLine } from "../hack/locker/process";
import { becomes, byPatch, isReverted, postSentinel, sentinelReverted } from "./support/changes";
import { type Chart } from "./support/chart";
import { define, isServed } from "./support/definitions";
import { drift, driftCollections, widgetDefinition, type Version } from "./support/drifts";
import { whileFighting } from "./support/fight";
import {
  FINALIZER,
  lockAsOriginal,
  marks,
  marksOf,
  ORIGINAL,
  originalDefinition,
  parseManifest,
  registerAsOriginal,
  type Locked,
} from "./support/original";
import { NAMESPACE, Room } from "./support/room";
import { FIGHT } from "./support/in-time";
import { Twins, type Helm } from "./support/twins";

const RBAC = "rbac.authorization.k8s.io/v1";
const DEFINITIONS = collection("apiextensions.k8s.io/v1", "customresourcedefinitions");
const DEFINITION = "helmreleases.helm.cattle.io";

/** A ConfigMap with the release's name, and a ClusterRole. */
function chart(release: string): Chart {
  return {
    templates: {
      settings: configMap(release, { color: "blue" }),
      role: {
        apiVersion: RBAC,
        kind: "ClusterRole",
        metadata: { name: release },
        rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }],
      },
    },
  };
}

/** Installs a release of {@link chart}, and lets the original lock it. */
async function installLocked(room: Room, name: string): Promise<Locked> {
  await room.install(name, chart(name));
  const locked = {
    name,
    namespace: NAMESPACE,
    objects: parseManifest(await room.helm("get", "manifest", name)),
  };
  await lockAsOriginal(room, locked);
  return locked;
}

/** Waits until an object has no mark of the original. */
async function isClean(room: Room, path: string): Promise<void> {
  await becomes(room, path, object => object !== undefined && marksOf(object).length === 0);
}

describe("a cluster that the original Helm Locker has left", () => {
  let room: Room;
  before(async () => {
    room = await Room.withoutLocker();
    await room.kubectl("delete", "customresourcedefinition", DEFINITION);
    await room.api.create(DEFINITIONS, originalDefinition);
    await isServed(room, DEFINITION);
    for (const release of ["web", "leaving"]) {
      await installLocked(room, release);
      await registerAsOriginal(room, release);
    }
    await room.api.delete(helmReleasePath("leaving"));
    assert.notEqual(await room.api.get(helmReleasePath("leaving")), undefined);
    await room.startLocker();
  });
  after(() => room.close());

  it("its HelmReleases lock under its own definition of them, and say so", async () => {
    const settings = configMapPath(NAMESPACE, "web");
    await until(room.api, helmReleasePath("web"), object => {
      const { conditions } = statusOf(object);
      return conditions.some(({ type, status }) => type === "Ready" && status === "True");
    });
    await isClean(room, settings);
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  });

  it("a HelmRelease that was being deleted already is let go, and its release is not locked", async () => {
    await until(room.api, helmReleasePath("leaving"), object => object === undefined);
    assert.equal(marksOf(await room.api.read(configMapPath(NAMESPACE, "leaving"))).length, 6);
  });

  it("our definition can take the place of its own, while all runs", async () => {
    const file = "crds/helmreleases.helm.cattle.io.yaml";
    await room.kubectl("apply", "--server-side", "--force-conflicts", "--filename", file);
    const accepted = "--for=jsonpath={.status.acceptedNames.shortNames[0]}=hrl";
    await room.kubectl("wait", `customresourcedefinition/${DEFINITION}`, accepted);
    await room.install("later", chart("later"));
    await register(room, helmRelease("later"));
    // kubectl reopens its watches, because the API server ends those of a CRD that changes.
    await room.kubectl("wait", "hrl/later", "--for=condition=Ready", `--namespace=${REGISTRATION_NAMESPACE}`);
    const table = await room.kubectl("get", "hrl", `--namespace=${REGISTRATION_NAMESPACE}`);
    assert.match(table, /later +later +shop +1 +Deployed/);
  });

  it("a HelmRelease that is deleted later is let go, too", async () => {
    await room.api.delete(helmReleasePath("web"));
    await until(room.api, helmReleasePath("web"), object => object === undefined);
  });
});

describe("what the original has marked", () => {
  let room: Room;
  before(async () => {
    room = await Room.open(postSentinel);
  });
  after(() => room.close());

  it("is cleaned once locked, in one write each, with who had marked it in the log", async () => {
    await installLocked(room, "cleaned");
    const role = `${collection(RBAC, "clusterroles")}/cleaned`;
    const before = await room.api.read(role);
    await lock(room, "cleaned");
    await isClean(room, configMapPath(NAMESPACE, "cleaned"));
    await isClean(room, role);
    assert.deepEqual(content(await room.api.read(role)).rules, content(before).rules);
    for (const object of [`ConfigMap ${NAMESPACE}/cleaned`, "ClusterRole cleaned"]) {
      const isCleaning = (line: LogLine) => line.message === "reverted" && line.object === object;
      const { operation, by } = await patiently(
        room.locker.waitForLog(isCleaning),
        `the cleaning of ${object}`,
      );
      assert.deepEqual([operation, by], ["remove", [ORIGINAL]]);
    }
  });

  it("is left alone where its HelmRelease belongs to another controller name", async () => {
    await installLocked(room, "foreign");
    await registerAsOriginal(room, "foreign", "theirs");
    await helmReleasesSettled(room);
    await sentinelReverted(room);
    assert.equal(marksOf(await room.api.read(configMapPath(NAMESPACE, "foreign"))).length, 6);
    assert.deepEqual((await room.api.read(helmReleasePath("foreign"))).metadata.finalizers, [FINALIZER]);
  });

  it("is not what others mark in the same way", async () => {
    await room.install("fleet", chart("fleet"));
    const path = configMapPath(NAMESPACE, "fleet");
    const owner = { kind: "fleet.cattle.io/v1alpha1, Kind=Bundle", name: "fleet", namespace: NAMESPACE };
    await room.api.edit(`${path}?fieldManager=fleetagent`, { metadata: marks(owner, "x") });
    await lock(room, "fleet");
    await isReverted(room, path, byPatch(room, path, { data: { color: "red" } }));
    assert.equal(marksOf(await room.api.read(path)).length, 6);
  });

  it("is fought over while the original still runs, which is named, and is clean in the end", async () => {
    const locked = await installLocked(room, "fought");
    await lock(room, "fought");
    const path = configMapPath(NAMESPACE, "fought");
    await isClean(room, path);
    await isClean(room, `${collection(RBAC, "clusterroles")}/fought`);
    const settings = { ...locked, objects: locked.objects.filter(({ kind }) => kind === "ConfigMap") };
    const rounds = await whileFighting(
      room,
      path,
      () => lockAsOriginal(room, settings),
      async () => {
        assert.match(
          await hasProblems(room, "fought", undefined, FIGHT),
          /ConfigMap shop\/fought: helm-locker changes it again whenever that is reverted/,
        );
        await sentinelReverted(room);
      },
    );
    assert.ok(rounds >= 5, `held off after ${rounds} reverts`);
    await isLocked(room, "fought", FIGHT);
    await isClean(room, path);
  });
});

const helm3: Helm = { version: "helm" };
const helm4: Helm = { version: "helm4" };
const blue: Version = { color: "blue", size: "small", isWhole: true };
const green: Version = { color: "green", isWhole: true };

/** Who installed a release and who continues with it, with which flags. */
const ways: Record<string, { install: Helm; flags?: string[]; helm: Helm; then?: string[] }> = {
  "helm-3": { install: helm3, helm: helm3 },
  "helm-4-server-side": { install: helm4, flags: ["--server-side=true"], helm: helm4 },
  "helm-4-client-side": { install: helm4, flags: ["--server-side=false"], helm: helm4 },
  "helm-3-then-4": { install: helm3, helm: helm4, then: ["--server-side=true"] },
};

describe(
  "a release that the original has locked, with all that happens to objects",
  { concurrency: true },
  () => {
    let room: Room;
    before(async () => {
      room = await Room.open();
      await define(room, widgetDefinition);
    });
    after(() => room.close());

    for (const [namespace, { install, flags = [], helm, then = [] }] of Object.entries(ways)) {
      it(`${namespace}: is as if the original had never been, before and after an upgrade and a rollback`, async () => {
        const twins = new Twins(room, namespace);
        await twins.upgrade(install, blue, ["--install", "--create-namespace", ...flags]);
        const manifest = await room.controlPlane[install.version]([
          "get",
          "manifest",
          "web",
          `--namespace=${namespace}`,
        ]);
        const locked = { name: "web", namespace, objects: parseManifest(manifest) };
        await lockAsOriginal(room, locked);
        await drift(room, namespace, blue);
        await lockAsOriginal(room, locked);
        await lock(room, namespace, { release: "web", namespace });
        for (const path of driftCollections(namespace)) await areClean(room, path);
        await twins.areEqual();
        await twins.upgrade(helm, green, then);
        await twins.areEqual();
        await twins.rollback(helm, 1);
        await twins.areEqual();
      });
    }
  },
);

/** Waits until no object of a collection has a mark of the original. */
async function areClean(room: Room, path: string): Promise<void> {
  const watch = await Watch.open(room.api, path);
  try {
    await watch.until(
      objects => [...objects.values()].every(object => marksOf(object).length === 0),
      `no marks of the original in ${path}`,
    );
  } finally {
    watch.close();
  }
}

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { AuditEvent } from "../hack/clusters/control-plane/audit";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { hasProblems, isLocked, lock } from "../hack/locker/helm-release";
import { byPatch, isReverted } from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { unseen } from "./support/hands";
import { allow, deny, type Denial } from "./support/policy";
import { AFTER_REFUSAL } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

const NARROW = "narrow";
const narrowMap = configMapPath(NARROW, "counted");
const quota = `${collection("v1", "resourcequotas", NARROW)}/full`;
const pod = `${collection("v1", "pods", NARROW)}/bare`;
const claim = `${collection("v1", "persistentvolumeclaims", NAMESPACE)}/disk`;
const settings = configMapPath(NAMESPACE, "settings");
const secret = `${collection("v1", "secrets", NAMESPACE)}/login`;
const deploymentPath = `${collection("apps/v1", "deployments", NAMESPACE)}/web`;

function far(object: Body, name: string): Body {
  return { ...object, metadata: { name, namespace: NARROW } };
}

function web(app: string): Body {
  return { ...deployment(app), metadata: { name: "web" } };
}

const login: Body = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "login" },
  stringData: { password: "rosebud" },
};

/** Something that the API server does not let the locker restore. */
interface Refusal {
  object: Body;
  change: (room: Room) => Promise<unknown>;
  /** What the status has to say about it. */
  words: RegExp;
  /** Removes the obstacle; absent if nothing does. */
  relent?: (room: Room) => Promise<unknown>;
}

/** Nothing may be blue again. */
const NO_BLUE: Denial = {
  name: "no-blue",
  apiGroup: "",
  resource: "configmaps",
  validation: '!has(object.data.color) || object.data.color != "blue" || object.metadata.name != "settings"',
  message: "blue is out of fashion",
  probe: { object: "configmap/settings", patch: { metadata: { labels: { probe: "yes" } } } },
};

const refusals: Record<string, Refusal> = {
  "a denial of admission": {
    object: configMap("settings", { color: "blue" }),
    change: async room => {
      await deny(room, NO_BLUE);
      await room.api.edit(settings, { data: { color: "red" } });
    },
    words: /ConfigMap shop\/settings: .*blue is out of fashion/,
    relent: room => allow(room, NO_BLUE),
  },
  "a full quota": {
    object: far(configMap("counted", { color: "blue" }), "counted"),
    change: async room => {
      const hard = { configmaps: "1" };
      await room.api.create(collection("v1", "resourcequotas", NARROW), {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "full" },
        spec: { hard },
      });
      // As the quota controller would count.
      await room.api.edit(`${quota}/status`, { status: { hard, used: hard } });
      await room.api.delete(narrowMap);
    },
    words: /ConfigMap narrow\/counted: .*exceeded quota: full/,
    relent: room => room.api.delete(quota),
  },
  "Pod Security": {
    object: far(
      {
        apiVersion: "v1",
        kind: "Pod",
        spec: { containers: [{ name: "bare", image: "busybox", securityContext: { privileged: true } }] },
      },
      "bare",
    ),
    change: async room => {
      await room.kubectl("label", "namespace", NARROW, "pod-security.kubernetes.io/enforce=baseline");
      await room.api.delete(pod);
    },
    words: /Pod narrow\/bare: .*violates PodSecurity "baseline:latest": privileged/,
    relent: room => room.kubectl("label", "namespace", NARROW, "pod-security.kubernetes.io/enforce-"),
  },
  "a claim that was expanded": {
    object: {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "disk" },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "elastic",
        resources: { requests: { storage: "1Gi" } },
      },
    },
    change: async room => {
      const capacity = { storage: "1Gi" };
      await room.api.edit(`${claim}/status`, {
        status: { phase: "Bound", capacity, accessModes: ["ReadWriteOnce"] },
      });
      await room.api.edit(claim, { spec: { resources: { requests: { storage: "2Gi" } } } });
      await room.api.edit(`${claim}/status`, { status: { capacity: { storage: "2Gi" } } });
    },
    words: /PersistentVolumeClaim shop\/disk: .*field can not be less than status.capacity/,
  },
  "an immutable ConfigMap": {
    object: configMap("fixed", { color: "blue" }),
    change: room =>
      room.api.edit(configMapPath(NAMESPACE, "fixed"), { immutable: true, data: { color: "red" } }),
    words: /ConfigMap shop\/fixed: .*field is immutable when `immutable` is set/,
    relent: room => room.api.delete(configMapPath(NAMESPACE, "fixed")),
  },
  "an immutable Secret": {
    object: login,
    change: room => room.api.edit(secret, { immutable: true, stringData: { password: "guessed" } }),
    words: /Secret shop\/login: refused by the API server: 422 Invalid/,
    relent: room => room.api.delete(secret),
  },
  "an immutable field": {
    object: web("web"),
    change: room => {
      const input = JSON.stringify(web("other"));
      const flags = ["--force", "--namespace", NAMESPACE, "-f", "-"];
      // Otherwise, the locker recreates the object before kubectl does.
      return unseen(room, () => room.controlPlane.kubectl(["replace", ...flags], { input }));
    },
    words: /Deployment shop\/web: .*(field is immutable|does not match template)/,
    relent: room => room.api.delete(deploymentPath),
  },
};

function chart({ object }: Refusal, index: number): Chart {
  return { templates: { object, neighbour: configMap(`neighbour-${index}`, { color: "blue" }) } };
}

/** When the locker tried in vain to write an object, first by an apply, in milliseconds. */
async function triesOf(room: Room, name: string): Promise<number[]> {
  const events = await room.controlPlane.auditLog();
  return events.filter(event => event.user.username === room.lockerUser && isTry(event, name)).map(timeOf);
}

function isTry({ requestURI, objectRef, responseStatus }: AuditEvent, name: string): boolean {
  return requestURI.includes("force=true") && objectRef?.name === name && responseStatus?.code === 422;
}

function timeOf({ requestReceivedTimestamp }: AuditEvent): number {
  return Date.parse(requestReceivedTimestamp);
}

describe("what the API server refuses to put right", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await room.kubectl("create", "namespace", NARROW);
    await room.api.create(collection("storage.k8s.io/v1", "storageclasses"), {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "elastic" },
      provisioner: "example.com/none",
      allowVolumeExpansion: true,
    });
  });
  after(() => room.close());

  for (const [index, [what, refusal]] of Object.entries(refusals).entries()) {
    const release = `release-${index}`;
    const neighbour = configMapPath(NAMESPACE, `neighbour-${index}`);

    it(`${what}: the status has the server's words, and the rest of the release stays locked`, async () => {
      await room.install(release, chart(refusal, index));
      await lock(room, release);
      await refusal.change(room);
      assert.match(await hasProblems(room, release), refusal.words);
      await isReverted(room, neighbour, byPatch(room, neighbour, { data: { color: "red" } }));
    });

    const { relent } = refusal;
    if (relent)
      it(`${what}: the object is right again when it may be`, async () => {
        await relent(room);
        await isLocked(room, release, AFTER_REFUSAL);
      });
  }

  it("is tried again less and less often", async () => {
    let times = await triesOf(room, "disk");
    while (times.length < 5) {
      const last = times.at(-1) ?? 0;
      await room.untilAudited(event => isTry(event, "disk") && timeOf(event) > last);
      times = await triesOf(room, "disk");
    }
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    const early = pauses.slice(0, 2).reduce((sum, pause) => sum + pause, 0);
    assert.ok((pauses.at(-1) ?? 0) > early, `milliseconds between the tries: ${pauses.join(", ")}`);
  });

  it("shows no value of a Secret", async () => {
    const seen =
      JSON.stringify(room.locker.logs) + (await room.kubectl("get", "events,helmreleases", "-A", "-o=json"));
    for (const value of ["rosebud", "guessed"])
      for (const form of [value, Buffer.from(value).toString("base64")])
        assert.ok(!seen.includes(form), form);
  });
});

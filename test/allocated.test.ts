import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { collection, content, type Body, type KubeObject } from "../hack/lib/objects";
import { hasProblems, isLocked } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { becomes, isReverted, sentinelReverted, stands } from "./support/changes";
import type { Chart } from "./support/chart";
import { unseen } from "./support/hands";
import { NAMESPACE, Room } from "./support/room";
import { lockUnwritten, revertsIn } from "./support/unwritten";

function service(name: string, spec: Body): Body {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { selector: { app: name }, ...spec },
  };
}

const http = { name: "http", port: 80 };
const admin = { name: "admin", port: 90 };

const chart: Chart = {
  templates: {
    inner: service("inner", { ports: [{ port: 80 }] }),
    front: service("front", { type: "NodePort", ports: [http, admin] }),
    fixed: service("fixed", { type: "NodePort", ports: [{ ...http, nodePort: 30_080 }, admin] }),
    contested: service("contested", { type: "NodePort", ports: [http] }),
    outer: service("outer", { type: "LoadBalancer", externalTrafficPolicy: "Local", ports: [http] }),
    disk: {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "disk" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
  },
};

const path = (name: string): string => `${collection("v1", "services", NAMESPACE)}/${name}`;
const disk = `${collection("v1", "persistentvolumeclaims", NAMESPACE)}/disk`;

const replace = (pointer: string, value: unknown): Body => ({ op: "replace", path: pointer, value });
const add = (pointer: string, value: unknown): Body => ({ op: "add", path: pointer, value });
const remove = (pointer: string): Body => ({ op: "remove", path: pointer });

const extra = { name: "extra", port: 70 };

/**
 * Changes of what the server allocates, each as one JSON patch; all of the Service is as before afterwards. Ports below 30086 it gives to
 * nobody by itself. Source: KEP-3668, reserved ranges of nodePorts.
 */
const changes: Record<string, [name: string, ...patch: Body[]]> = {
  "a nodePort": ["front", replace("/spec/ports/0/nodePort", 30_011)],
  "another nodePort": ["front", replace("/spec/ports/1/nodePort", 30_012)],
  "all nodePorts": [
    "front",
    replace("/spec/ports/0/nodePort", 30_013),
    replace("/spec/ports/1/nodePort", 30_014),
  ],
  "a nodePort and a selector": [
    "front",
    replace("/spec/ports/0/nodePort", 30_015),
    replace("/spec/selector/app", "other"),
  ],
  "a nodePort beside a port that was added": [
    "front",
    replace("/spec/ports/0/nodePort", 30_016),
    add("/spec/ports/-", extra),
  ],
  "a nodePort and what the server has a default for": [
    "front",
    replace("/spec/ports/0/nodePort", 30_018),
    replace("/spec/sessionAffinity", "ClientIP"),
    replace("/spec/internalTrafficPolicy", "Local"),
  ],
  "a nodePort that the chart sets": ["fixed", replace("/spec/ports/0/nodePort", 30_081)],
  "a nodePort beside one that the chart sets": ["fixed", replace("/spec/ports/1/nodePort", 30_019)],
  "a nodePort of a LoadBalancer": ["outer", replace("/spec/ports/0/nodePort", 30_020)],
  "the policy for IP families": ["inner", replace("/spec/ipFamilyPolicy", "PreferDualStack")],
  "the affinity of sessions": [
    "inner",
    replace("/spec/sessionAffinity", "ClientIP"),
    add("/spec/sessionAffinityConfig", { clientIP: { timeoutSeconds: 60 } }),
  ],
  "the policy for external traffic": ["front", replace("/spec/externalTrafficPolicy", "Local")],
  "a type with nodePorts": ["inner", replace("/spec/type", "NodePort")],
  "a type with a port for health checks": [
    "inner",
    replace("/spec/type", "LoadBalancer"),
    add("/spec/externalTrafficPolicy", "Local"),
    add("/spec/loadBalancerClass", "example.com/other"),
  ],
};

/** Changes that make the server free what it has allocated; afterwards it may allocate something else. */
const releases: Record<string, [name: string, ...patch: Body[]]> = {
  "another policy for external traffic": ["outer", replace("/spec/externalTrafficPolicy", "Cluster")],
  "another type, without nodePorts": ["front", replace("/spec/type", "ClusterIP")],
  "a type without an address": [
    "inner",
    replace("/spec/type", "ExternalName"),
    add("/spec/externalName", "evil.example.com"),
    remove("/spec/clusterIP"),
    remove("/spec/clusterIPs"),
  ],
};

const ports = z.object({ ports: z.array(z.looseObject({ nodePort: z.number() })) });

const ALLOCATED = new Set(["nodePort", "healthCheckNodePort", "clusterIP", "clusterIPs"]);

/** An object without what the server has allocated for it, as a text. */
function chosen(object: KubeObject | undefined): string {
  return JSON.stringify(object && content(object), (key: string, value: unknown) =>
    ALLOCATED.has(key) ? undefined : value,
  );
}

for (const helm of helms) {
  describe(`what the server allocates for a release of ${helm}`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;

    before(async () => {
      room = await Room.open();
      upgrade = await installWith(room, helm, chart);
      await lockUnwritten(room);
    });
    after(() => room.close());

    for (const [what, [name, ...patch]] of Object.entries(changes)) {
      it(`is set back: ${what}`, () => isReverted(room, path(name), () => room.api.patch(path(name), patch)));
    }

    for (const [what, [name, ...patch]] of Object.entries(releases)) {
      it(`does not keep from going back: ${what}`, async () => {
        const before = chosen(await room.api.read(path(name)));
        const { metadata } = await room.api.patch(path(name), patch);
        await becomes(
          room,
          path(name),
          now => now?.metadata.resourceVersion !== metadata.resourceVersion && chosen(now) === before,
        );
      });
    }

    it("is set back where a port has taken its place in the list", () =>
      isReverted(room, path("front"), () =>
        room.api.patch(path("front"), [
          replace("/spec/ports/0/nodePort", 30_017),
          add("/spec/ports/0", extra),
        ]),
      ));

    it("is as it was where it is removed, for the server keeps it", async () => {
      const before = content(await room.api.read(path("front")));
      await room.api.patch(path("front"), [remove("/spec/ports/0/nodePort")]);
      await sentinelReverted(room);
      assert.deepEqual(content(await room.api.read(path("front"))), before);
    });

    it("is nothing to tell where somebody applies it as it is", async () => {
      const { spec } = await room.api.read(path("front"));
      const applied = service("front", { type: "NodePort", ...ports.parse(spec) });
      await stands(room, path("front"), async () => {
        await room.api.apply(path("front"), applied, "deployer");
        await room.api.edit(path("front"), { metadata: { labels: { team: "a" } } });
      });
      await isLocked(room, "web");
    });

    it("stays where binding writes it", () =>
      stands(room, disk, () => room.api.patch(disk, [add("/spec/volumeName", "volume-7")], "binder")));

    it("leaves a release that is upgraded with no force, and a lock without problems", async () => {
      await upgrade();
      await isLocked(room, "web");
      await isReverted(room, path("front"), () =>
        room.api.patch(path("front"), [replace("/spec/ports/0/nodePort", 30_021)]),
      );
    });

    it("is told where somebody else has it by now, and the rest goes back", async () => {
      const { spec } = await room.api.read(path("contested"));
      const [port] = ports.parse(spec).ports;
      const patch = [replace("/spec/ports/0/nodePort", 30_023), replace("/spec/selector/app", "other")];
      await unseen(room, async () => {
        await room.api.patch(path("contested"), patch);
        const taken = service("taker", { type: "NodePort", ports: [{ ...http, nodePort: port?.nodePort }] });
        await room.api.create(collection("v1", "services", NAMESPACE), taken);
      });
      await becomes(room, path("contested"), now => JSON.stringify(now?.spec).includes('"app":"contested"'));
      assert.match(
        await hasProblems(room, "web", message => message.includes("contested")),
        /Service shop\/contested.*\/spec\/ports\/0\/nodePort/,
      );
    });

    it("is told where it was changed while no locker ran, and nothing is told as reverted", async () => {
      await room.locker.stop();
      await room.api.patch(path("front"), [replace("/spec/ports/0/nodePort", 30_022)]);
      const changed = content(await room.api.read(path("front")));
      await room.startLocker();
      const said = await hasProblems(room, "web", message => message.includes("front"));
      assert.match(said, /Service shop\/front.*keeps.*\/spec\/ports\/0\/nodePort/);
      await sentinelReverted(room);
      assert.deepEqual(content(await room.api.read(path("front"))), changed);
      assert.deepEqual(
        revertsIn(room).filter(line => line.includes("front")),
        [],
      );
    });

    it("does not keep the rest of the object from going back", async () => {
      await isReverted(room, path("front"), () =>
        room.api.patch(path("front"), [replace("/spec/selector/app", "other")]),
      );
      assert.match(await hasProblems(room, "web"), /\/spec\/ports\/0\/nodePort/);
    });

    it("is upgraded with no force all the same", async () => {
      await upgrade();
      await sentinelReverted(room);
    });
  });
}

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { isLocked } from "../hack/locker/helm-release";
import { writesOf } from "./support/audit";
import { helms } from "./support/both-helms";
import { byPatch, isRecreated, isReverted } from "./support/changes";
import { deployment, writeChart, type Chart } from "./support/chart";
import { ownersOf } from "./support/owners";
import { NAMESPACE, Room } from "./support/room";
import { lockUnwritten } from "./support/unwritten";

const OLD = "terraform-provider-helm_v2.17.0_x5";
const NEW = "terraform-provider-helm_v3.1.0_x5";

/** The server's defaults then stay with the older program, which wrote client-side. */
const SERVER_SIDE = ["--server-side=true", "--force-conflicts"];

const service = (targetPort: number): Body => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "front" },
  spec: { clusterIP: "None", selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort }] },
});

const web = (image: string): Body =>
  deployment("web", { containers: [{ name: "web", image, ports: [{ containerPort: 80 }] }] });

const first: Chart = {
  templates: {
    settings: configMap("settings", { color: "blue" }),
    page: configMap("page", { title: "Welcome", style: "plain" }),
    service: service(80),
    web: web("nginx:1.27"),
  },
};

/** One object changes, one gets more, one is new, one stays. */
const second: Chart = {
  templates: {
    settings: configMap("settings", { color: "blue" }),
    page: configMap("page", { title: "Hello", style: "plain", extra: "yes" }),
    service: service(81),
    web: web("nginx:1.28"),
    late: deployment("late"),
  },
};

const settings = configMapPath(NAMESPACE, "settings");
const page = configMapPath(NAMESPACE, "page");
const front = `${collection("v1", "services", NAMESPACE)}/front`;
const deploymentPath = (name: string): string => `${collection("apps/v1", "deployments", NAMESPACE)}/${name}`;

const all = [settings, page, front, deploymentPath("web")];

for (const helm of helms) {
  describe(`a release that a program with its version in its name wrote client-side, and a newer one of it upgraded as ${helm} does`, () => {
    let room: Room;

    before(async () => {
      room = await Room.open();
      await write("helm", "install", first);
      for (const path of all) await rename(path, OLD);
      await write(helm, "upgrade", second, ...(helm === "helm4" ? SERVER_SIDE : []));
      for (const path of [...all, deploymentPath("late")]) await rename(path, NEW);
    });
    after(async () => {
      try {
        assert.equal(await room.locker.stop(), 0);
        const writes = writesOf(await room.controlPlane.auditLog(), room.lockerUser);
        const managers = writes
          .filter(({ requestURI }) => !requestURI.includes("/sentinel?"))
          .map(({ requestURI }) => /fieldManager=([^&]*)/.exec(requestURI)?.[1]);
        assert.equal(new Set(managers).size, 1, "the release is written under one name");
        assert.match(managers[0] ?? "", /^terraform-provider-helm/);
      } finally {
        await room.leave();
      }
    });

    it("is not written where it is right", () => lockUnwritten(room));

    const drifts: Record<string, [string, Body]> = {
      "an edit of what the older one wrote": [settings, { data: { color: "red" } }],
      "an edit of what the newer one wrote": [page, { data: { title: "Bye" } }],
      "an edit of what both wrote": [page, { data: { title: "Bye", style: "gaudy" } }],
      "an addition": [page, { data: { more: "x" } }],
      "an addition to what only the newer one wrote": [deploymentPath("late"), { spec: { paused: true } }],
      "another default": [deploymentPath("late"), { spec: { revisionHistoryLimit: 3 } }],
      "a changed port": [front, { spec: { ports: [{ name: "http", port: 82 }] } }],
      "an image": [
        deploymentPath("web"),
        { spec: { template: { spec: { containers: [{ name: "web", image: "nginx:9" }] } } } },
      ],
    };
    for (const [what, [path, body]] of Object.entries(drifts)) {
      it(`has ${what} reverted`, () => isReverted(room, path, byPatch(room, path, body)));
    }

    it("has deleted objects recreated", async () => {
      await isRecreated(room, page);
      await isRecreated(room, deploymentPath("late"));
    });

    it("has a lock without problems", async () => {
      await isLocked(room, "web");
    });

    async function write(
      as: (typeof helms)[number],
      verb: string,
      chart: Chart,
      ...flags: string[]
    ): Promise<void> {
      const folder = await writeChart(room.controlPlane.directory, "web", chart);
      await room.controlPlane[as]([verb, "web", folder, "--namespace", NAMESPACE, ...flags]);
    }

    /** Gives what Helm's command line has written of an object to a program. */
    async function rename(path: string, manager: string): Promise<void> {
      const owners = ownersOf(await room.api.read(path)).map(owner => ({
        ...owner,
        fieldsType: "FieldsV1",
        manager: owner.manager === "helm" ? manager : owner.manager,
      }));
      await room.api.edit(path, { metadata: { managedFields: owners } });
    }
  });
}

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { writesOf } from "./support/audit";
import { byPatch, isRecreated, isReverted, type Change } from "./support/changes";
import { writeChart } from "./support/chart";
import { ownersOf, type Owner } from "./support/owners";
import { NAMESPACE, Room } from "./support/room";

const PROGRAM = "helm-controller";

const ports = [{ name: "http", port: 80, targetPort: 8080 }];
const service: Body = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "front" },
  spec: { clusterIP: "None", selector: { app: "web" }, ports },
};
const templates = {
  service,
  settings: configMap("settings", { color: "blue" }),
  page: configMap("page", { title: "Welcome" }),
};

const settings = configMapPath(NAMESPACE, "settings");
const page = configMapPath(NAMESPACE, "page");
const front = `${collection("v1", "services", NAMESPACE)}/front`;

describe("a release that a program writes under its own name, as Helm's SDK does", () => {
  let room: Room;
  /** Who owns which fields, by path, before anything drifts. */
  const owners = new Map<string, Owner[]>();
  before(async () => {
    room = await Room.open();
    const chart = await writeChart(room.controlPlane.directory, "web", { templates });
    await room.controlPlane.helm4(["install", "web", chart, `--namespace=${NAMESPACE}`]);
    for (const path of [settings, page, front]) await rename(path);
    await lock(room, "web");
  });
  after(async () => {
    try {
      assert.equal(await room.locker.stop(), 0);
      const writes = writesOf(await room.controlPlane.auditLog(), room.lockerUser);
      const managers = writes.map(({ requestURI }) => /fieldManager=([^&]*)/.exec(requestURI)?.[1]);
      assert.deepEqual([...new Set(managers)], [PROGRAM]);
    } finally {
      await room.api.close();
      await room.controlPlane.stop();
    }
  });

  const drifts: Record<string, [string, Body]> = {
    "an edit": [settings, { data: { color: "red" } }],
    "an addition": [settings, { data: { extra: "yes" } }],
    "both at once": [settings, { data: { color: "red", extra: "yes" } }],
    "a changed port": [front, { spec: { ports: [{ name: "http", port: 81 }] } }],
    "another name as its writer's": [
      page,
      { metadata: { annotations: { "meta.helm.sh/release-name": "x" } } },
    ],
  };
  for (const [what, [path, body]] of Object.entries(drifts)) {
    it(`has ${what} reverted under that name`, () => isPutBack(path, isReverted, byPatch(room, path, body)));
  }

  it("has a deleted object recreated under that name", () => isPutBack(page, isRecreated));

  it("can be written by that program without force afterwards", async () => {
    const bodies = [{ ...configMap("settings", { color: "green" }) }, configMap("page", { title: "Hello" })];
    for (const body of bodies) {
      await room.controlPlane.kubectl(
        [
          "apply",
          "--server-side",
          "--dry-run=server",
          `--field-manager=${PROGRAM}`,
          `--namespace=${NAMESPACE}`,
          "-f=-",
        ],
        { input: JSON.stringify(body) },
      );
    }
  });

  async function isPutBack(
    path: string,
    by: (room: Room, path: string, change: Change) => Promise<void>,
    change: Change = () => Promise.resolve(),
  ): Promise<void> {
    await by(room, path, change);
    assert.deepEqual(ownersOf(await room.api.read(path)), owners.get(path));
  }

  /** Makes the program the owner of everything that Helm's command line wrote to an object. */
  async function rename(path: string): Promise<void> {
    const renamed = ownersOf(await room.api.read(path)).map(owner => ({ ...owner, manager: PROGRAM }));
    owners.set(path, renamed);
    const managedFields = renamed.map(owner => ({ ...owner, fieldsType: "FieldsV1" }));
    await room.api.edit(path, { metadata: { managedFields } });
  }
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, dataOf, type KubeObject } from "../hack/lib/objects";
import { isLocked, isUnlocked, lock, untilStatus } from "../hack/locker/helm-release";
import { writesOf } from "./support/audit";
import { becomes, sentinelReverted } from "./support/changes";
import { deployment } from "./support/chart";
import { Colored } from "./support/colored";
import { isRecordRead, isWriteTo } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";
import { completeHook, hookJob, hookRuns } from "./support/hook";
import { NAMESPACE, type Room } from "./support/room";

const deployments = collection("apps/v1", "deployments", NAMESPACE);

/** The requests for one object by name. */
const isReadOf =
  (object: string) =>
  ({ method, path }: { method: string; path: string }): boolean =>
    method === "GET" && path === object;

describe("an object that the locker makes anew while Helm moves on", () => {
  let faulty: FaultyRoom;
  let room: Room;
  before(async () => {
    faulty = await FaultyRoom.openLate();
    room = faulty.room;
  });
  after(() => faulty.close());

  it("goes where Helm has dropped it, although its status is written again and again", async () => {
    const web = new Colored(room, "dropped");
    const path = `${deployments}/dropped`;
    await web.paint("blue", { app: deployment("dropped") });
    await lock(room, web.release);
    const create = faulty.proxy.stall(isWriteTo(path), "request");
    await room.api.delete(path);
    await create.held();
    await web.paint("green");

    const check = faulty.proxy.stall(isRecordRead(web.release), "request");
    await create.release();
    await check.held();
    await writeStatus(path, 1);
    const read = faulty.proxy.stall(isReadOf(path), "answer");
    await check.release();
    await read.held();
    await writeStatus(path, 2);
    await read.release();

    await becomes(room, path, now => now === undefined);
    await untilStatus(room, web.release, ({ state, version }) => state === "Deployed" && version === 2);
    await isLocked(room, web.release);
    await sentinelReverted(room);
    assert.equal(await room.api.get(path), undefined);
  });

  it("stays where Helm tracks it and is still at work, so that Helm finds it", async () => {
    const web = new Colored(room, "kept");
    await web.paint("blue");
    await lock(room, web.release);
    const create = faulty.proxy.stall(isWriteTo(web.page), "request");
    await room.api.delete(web.page);
    await create.held();
    const upgrade = web.paint("green", { hook: hookJob("kept", "pre-upgrade") });
    await Promise.race([hookRuns(room, "kept"), upgrade]);
    await create.release();
    const made = await becomes(room, web.page, now => now !== undefined);
    await sentinelReverted(room);
    await completeHook(room, "kept");
    await upgrade;

    const now = await room.api.read(web.page);
    assert.equal(now.metadata.uid, made?.metadata.uid);
    assert.equal(dataOf(now).color, "green");
    await untilStatus(room, web.release, ({ state, version }) => state === "Deployed" && version === 2);
    await isLocked(room, web.release);
    assert.deepEqual(await deletionsOf(web.page), []);
  });

  it("goes where Helm uninstalls the release, although Helm has got past it already", async () => {
    const web = new Colored(room, "uninstalled");
    await web.paint("blue", { hook: hookJob("uninstalled", "post-delete") });
    await lock(room, web.release);
    const create = faulty.proxy.stall(isWriteTo(web.page), "request");
    await room.api.delete(web.page);
    await create.held();
    const end = web.uninstall();
    await Promise.race([hookRuns(room, "uninstalled"), end]);
    const check = faulty.proxy.stall(isRecordRead(web.release), "request");
    await create.release();
    await check.held();
    assert.equal(await web.color(), "blue");
    await check.release();
    await becomes(room, web.page, now => now === undefined);
    await completeHook(room, "uninstalled");
    await end;
    await isUnlocked(room, web.release, "SecretNotFound");
    await sentinelReverted(room);
    assert.equal(await room.api.get(web.page), undefined);
  });

  /** What a controller does after each look. */
  async function writeStatus(path: string, observedGeneration: number): Promise<KubeObject> {
    return room.api.edit(`${path}/status`, { status: { observedGeneration } });
  }

  async function deletionsOf(path: string): Promise<string[]> {
    const writes = writesOf(await room.controlPlane.auditLog(), room.lockerUser);
    return writes
      .filter(({ verb, requestURI }) => verb === "delete" && requestURI.startsWith(path))
      .map(({ requestURI }) => requestURI);
  }
});

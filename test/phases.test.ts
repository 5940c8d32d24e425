import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, content, dataOf, type Body } from "../hack/lib/objects";
import { ANSWER_DELAY } from "../hack/lib/answer-delay";
import { hasEvent, isUnlocked, saysLocked, untilStatus } from "../hack/locker/helm-release";
import { STATUS } from "../hack/locker/in-time";
import { becomes, byPatch, isContent, isReverted, openLocked, stands, staysAway } from "./support/changes";
import { deployment, refusedService, type Chart } from "./support/chart";
import { completeHook, hookJob, hookRuns } from "./support/hook";
import { NAMESPACE, type Room } from "./support/room";

const settings = configMapPath(NAMESPACE, "settings");
const configMaps = collection("v1", "configmaps", NAMESPACE);
const deployments = collection("apps/v1", "deployments", NAMESPACE);

/** More objects than the locker restores at once, so that the first and the last created show the order. */
const many = Array.from({ length: 16 }, (_, index) => `many-${index}`);
const page = configMapPath(NAMESPACE, "page");

/** Two rounds of creates for each of two kinds, each of which waits for four answers: a look, the check, the create, another check. */
const RESTORED = STATUS + 4 * 4 * ANSWER_DELAY;

function chart(color: string, more: Record<string, Body> = {}): Chart {
  return {
    templates: {
      settings: configMap("settings", { color: "{{ .Values.color }}" }),
      page: configMap("page", { title: "{{ .Release.Revision }}" }),
      ...more,
    },
    values: { color },
  };
}

describe("the phases of a locked release", () => {
  let room: Room;
  before(async () => {
    room = await openLocked(chart("blue"));
    await hasEvent(room, "web", "Locked");
  });
  after(() => room.close());

  it("locks what an upgrade made", async () => {
    await room.install("web", chart("green"));
    await isLockedAt(2);
    await isReverted(room, settings, edit());
    assert.equal(dataOf(await room.api.read(settings)).color, "green");
  });

  it("locks what a rollback brought back", async () => {
    await room.helm("rollback", "web", "1");
    await isLockedAt(3);
    await isReverted(room, settings, edit());
    assert.equal(dataOf(await room.api.read(settings)).color, "blue");
  });

  it("stands down while hooks run, and restores all afterwards", async () => {
    const hooks = { before: hookJob("before", "pre-upgrade"), after: hookJob("after", "post-upgrade") };
    const upgrade = room.install("web", chart("yellow", hooks));
    await hookRuns(room, "before");
    await isUnlocked(room, "web", "Transitioning");
    await hasEvent(room, "web", "Transitioning");
    await stands(room, settings, edit());
    await room.api.delete(page);
    await staysAway(room, page);
    await completeHook(room, "before");

    await hookRuns(room, "after");
    const applied = content(await room.api.read(settings));
    await stands(room, settings, edit());
    await completeHook(room, "after");
    await upgrade;
    await isLockedAt(4);
    await isContent(room, settings, applied);
    assert.equal(dataOf(await room.api.read(settings)).color, "yellow");
  });

  it("unlocks a release whose upgrade failed, until the next one succeeds", async () => {
    await assert.rejects(room.install("web", chart("pink", { refusedService })), /70000/);
    await isUnlocked(room, "web", "Failed");
    await stands(room, settings, edit());
    await room.install("web", chart("purple"));
    await isLockedAt(6);
    await isReverted(room, settings, edit());
    assert.equal(dataOf(await room.api.read(settings)).color, "purple");
  });

  it("restores a release in Helm's install order", async () => {
    const more: Record<string, Body> = { hook: hookJob("last", "post-upgrade") };
    for (const name of many)
      Object.assign(more, { [`c-${name}`]: configMap(name, {}), [`d-${name}`]: deployment(name) });
    const upgrade = room.install("web", chart("purple", more));
    await hookRuns(room, "last");
    const collections = [configMaps, deployments];
    for (const path of collections) for (const name of many) await room.api.delete(`${path}/${name}`);
    await completeHook(room, "last");
    await upgrade;
    await isLockedAt(7, RESTORED);
    const made: [path: string, time: number][] = [];
    for (const path of collections) {
      for (const name of many) {
        const object = await becomes(room, `${path}/${name}`, now => now !== undefined);
        made.push([path, Number(object?.metadata.resourceVersion)]);
      }
    }
    const inOrder = made.toSorted(([, a], [, b]) => a - b).map(([path]) => path);
    assert.deepEqual([inOrder.at(0), inOrder.at(-1)], collections);
  });

  function edit(): () => Promise<unknown> {
    return byPatch(room, settings, { data: { color: "red" } });
  }

  async function isLockedAt(version: number, bound = STATUS): Promise<void> {
    await untilStatus(room, "web", status => status.version === version && saysLocked(status), bound);
  }
});

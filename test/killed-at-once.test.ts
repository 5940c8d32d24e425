import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMap, configMapPath, content } from "../hack/lib/objects";
import {
  ask,
  helmRelease,
  helmReleasePath,
  isLocked,
  register,
  saysLocked,
  statusOf,
  untilStatus,
  type Status,
} from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { byPatch, isContent, isReverted, postSentinel, stands, type Change } from "./support/changes";
import type { Chart } from "./support/chart";
import type { Matches } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";
import { AFTER_START } from "./support/in-time";
import { memoryPath } from "./support/memories";
import { queueLengthIs } from "./support/queue";
import { claims, storeRecord, tracking, type Release } from "./support/rivals";
import { NAMESPACE } from "./support/room";

const MALLORY = "mallory";
const SENTINEL = configMapPath(NAMESPACE, "sentinel");
const MANAGED_BY = "app.kubernetes.io/managed-by";

describe("a locker that is killed as soon as the status tells of something", () => {
  let faulty: FaultyRoom;
  before(async () => {
    faulty = await FaultyRoom.open({}, async ({ room }) => {
      await postSentinel(room);
      await room.controlPlane.kubectl(["create", "namespace", MALLORY]);
    });
  });
  after(() => faulty.close());

  for (const helm of helms) {
    it(`has remembered what it says is locked: a release of ${helm}`, async () => {
      const { room } = faulty;
      const release = `first-${helm}`;
      await installWith(room, helm, chartOf(release, "plain", "hidden"), release);
      const [plain, hidden] = [pathOf(release, "plain"), pathOf(release, "hidden")];
      const contents = [content(await room.api.read(plain)), content(await room.api.read(hidden))];
      await room.api.edit(hidden, { metadata: { labels: { [MANAGED_BY]: null } } });
      await killedOnce(release, () => register(room, helmRelease(release)), saysLocked);
      await forged(release, "plain", "hidden");
      await faulty.startLocker();
      await isContent(room, plain, contents[0] ?? {}, AFTER_START);
      await isContent(room, hidden, contents[1] ?? {}, AFTER_START);
      await isLocked(room, release);
    });

    it(`has remembered what a new revision of ${helm} has added`, async () => {
      const { room } = faulty;
      const release = `next-${helm}`;
      const upgrade = await installWith(room, helm, chartOf(release, "old"), release);
      await register(room, helmRelease(release));
      await isLocked(room, release);
      const isNext = (status: Status): boolean => status.version === 2 && saysLocked(status);
      await killedOnce(release, () => upgrade(chartOf(release, "old", "new")), isNext);
      const added = pathOf(release, "new");
      const was = content(await room.api.read(added));
      await forged(release, "new");
      await faulty.startLocker();
      await isContent(room, added, was, AFTER_START);
      await isLocked(room, release);
    });
  }

  it("has remembered the policy that it says is in effect", async () => {
    const { room } = faulty;
    const { release, settings } = await room.installFresh();
    await register(room, helmRelease(release));
    await isLocked(room, release);
    const spec = { suspend: true, suspendUntil: "2126-01-01T00:00:00Z" };
    await killedOnce(
      release,
      () => ask(room, release, spec),
      ({ mode }) => mode === "suspended",
    );
    await ask(room, release, { driftDetection: { ignore: [{ paths: ["/a"], target: { name: "(" } }] } });
    await faulty.startLocker();
    await stands(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  });

  for (const status of [403, 500]) {
    it(`says all the same what is locked where it can't remember that: ${status}`, async () => {
      const { room, proxy } = faulty;
      const { release, settings } = await room.installFresh();
      const refusal = proxy.refuse(isMemoryOf(release), { status });
      await register(room, helmRelease(release));
      await isLocked(room, release);
      refusal.end();
      await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    });
  }

  for (const [status, what] of [
    [403, "reads what it has remembered one by one where that may not be listed"],
    [500, "waits for what it has remembered where that can't be listed for a moment"],
  ] as const) {
    it(what, async () => {
      const { room, proxy } = faulty;
      const release = `listed-${status}`;
      await installWith(room, "helm", chartOf(release, "plain"), release);
      await register(room, helmRelease(release));
      await isLocked(room, release);
      const plain = pathOf(release, "plain");
      const was = content(await room.api.read(plain));
      await room.locker.kill();
      await forged(release, "plain");
      const refusing = proxy.refuse(isMemoryList, { status });
      const starting = faulty.startLocker();
      await refusing.met();
      if (status === 500) refusing.end();
      await starting;
      refusing.end();
      await isContent(room, plain, was, AFTER_START);
      await isLocked(room, release);
    });
  }

  /** Kills the locker once a status says something. Until that is remembered, it does not, while changes are reverted. */
  async function killedOnce(name: string, happens: Change, says: (status: Status) => boolean): Promise<void> {
    const { room, proxy } = faulty;
    const memory = proxy.stall(isMemoryOf(name), "request");
    await happens();
    await memory.held();
    await isReverted(room, SENTINEL, byPatch(room, SENTINEL, { data: { post: `before ${name}` } }));
    // All that is left to do is to remember.
    await queueLengthIs(room.locker, length => length === 1);
    assert.ok(!says(statusOf(await room.api.read(helmReleasePath(name)))), "told, and not remembered");
    const said = untilStatus(room, name, says);
    await memory.release();
    await said;
    await room.locker.kill();
  }

  /** While no locker runs, has objects belong to a release that somebody forges elsewhere, and changes them. */
  async function forged(release: string, ...names: string[]): Promise<void> {
    const { room } = faulty;
    const rival: Release = { release: `forged-${release}`, namespace: MALLORY };
    const objects = names.map(name => configMap(`${release}-${name}`, {}, { namespace: NAMESPACE }));
    await storeRecord(room, rival, "secrets", tracking(rival, objects));
    for (const name of names)
      await claims(room, pathOf(release, name), rival, { data: { color: "mallory's" } })();
  }
});

function chartOf(release: string, ...names: string[]): Chart {
  const templates = names.map(name => [name, configMap(`${release}-${name}`, { color: "blue" })] as const);
  return { templates: Object.fromEntries(templates) };
}

function pathOf(release: string, name: string): string {
  return configMapPath(NAMESPACE, `${release}-${name}`);
}

/** Lists of what is remembered. */
const isMemoryList: Matches = ({ method, path }) =>
  method === "GET" && path.endsWith(memoryPath("").slice(0, -1));

/** Writes of what is remembered beside a HelmRelease. */
function isMemoryOf(helmRelease: string): Matches {
  return ({ method, path }) => method === "PATCH" && path === memoryPath(helmRelease);
}

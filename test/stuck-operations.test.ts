import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection } from "../hack/lib/objects";
import { kill, supervised } from "../hack/lib/supervisor";
import { isLocked, lock, untilStatus, type Status } from "../hack/locker/helm-release";
import { recordPath } from "../hack/locker/release-record";
import { isReverted, postSentinel, stands } from "./support/changes";
import { writeChart } from "./support/chart";
import { Colored } from "./support/colored";
import { FaultyRoom } from "./support/faulty-room";
import { completeHook, hookJob, hookRuns } from "./support/hook";
import { LATE_STATUS } from "./support/in-time";
import { NAMESPACE, type Room } from "./support/room";

/** How long an operation may take before it counts as stalled, in seconds. */
const STALLED_AFTER = 2;

describe("an operation of Helm that does not end", () => {
  let faulty: FaultyRoom;
  let room: Room;
  before(async () => {
    faulty = await FaultyRoom.open({ HELM_LOCKER_STALLED_AFTER: String(STALLED_AFTER) });
    room = faulty.room;
    await postSentinel(room);
  });
  after(() => faulty.close());

  it("is reported where helm was killed in an upgrade, and left to the user", async () => {
    const web = new Colored(room, "web");
    await web.paint("blue");
    await lock(room, "web");
    await killUpgrade(web);
    await isReported(web, 2, "pending-upgrade");
    await room.helm("rollback", "web", "1");
    await isUnstalled(web);
  });

  it("is no longer reported once another operation is under way", async () => {
    const news = new Colored(room, "news");
    await news.paint("blue", { rolling: hookJob("rolling", "pre-rollback") });
    await lock(room, "news");
    await killUpgrade(news);
    await isReported(news, 2, "pending-upgrade");
    const rollback = room.helm("rollback", "news", "1");
    await hookRuns(room, "rolling");
    await untilStatus(room, "news", status => status.version === 3 && stalledOf(status) === undefined);
    await completeHook(room, "rolling");
    await rollback;
    await isUnstalled(news);
  });

  it("is reported where a hook failed an uninstallation, and left to the user", async () => {
    const page = new Colored(room, "page");
    await page.paint("blue", { deleting: hookJob("deleting", "pre-delete") });
    await lock(room, "page");
    const uninstallation = assert.rejects(page.uninstall(), /deleting/);
    await hookRuns(room, "deleting");
    await failHook("deleting");
    await uninstallation;
    await isReported(page, 1, "uninstalling");
    await room.helm("uninstall", "page", "--no-hooks");
    await page.paint("blue");
    await isUnstalled(page);
  });

  /** Begins an upgrade and kills helm while its hook runs. */
  async function killUpgrade({ release }: Colored): Promise<void> {
    const hook = `${release}-upgrading`;
    const templates = { upgrading: hookJob(hook, "pre-upgrade") };
    const { directory, env } = room.controlPlane;
    const chart = await writeChart(directory, release, { templates });
    await supervised("helm-locker-test", async supervisor => {
      const upgrade = supervisor.spawn("helm", ["upgrade", release, chart, "--namespace", NAMESPACE], {
        env,
      });
      await hookRuns(room, hook);
      await kill(upgrade);
    });
  }

  /** Fails a hook, as the Job controller would. */
  async function failHook(name: string): Promise<void> {
    const now = new Date().toISOString();
    const conditions = ["FailureTarget", "Failed"].map(type => ({
      type,
      status: "True",
      lastTransitionTime: now,
    }));
    const status = { startTime: now, failed: 1, conditions };
    await room.api.edit(`${collection("batch/v1", "jobs", NAMESPACE)}/${name}/status`, { status });
  }

  /** Proves that the locker reports it, leaves the record to Helm, and reverts nothing meanwhile. */
  async function isReported(web: Colored, revision: number, phase: string): Promise<void> {
    const status = await untilStatus(
      room,
      web.release,
      status => stalledOf(status) !== undefined,
      LATE_STATUS,
    );
    assert.equal(status.state, "Transitioning");
    assert.partialDeepStrictEqual(stalledOf(status), { status: "True", reason: "OperationStalled" });
    await stands(room, web.page, web.edit());
    const { metadata } = await room.api.read(recordPath(web.release, revision));
    assert.equal(metadata.labels?.status, phase);
  }

  async function isUnstalled(web: Colored): Promise<void> {
    assert.equal(stalledOf(await isLocked(room, web.release)), undefined);
    await isReverted(room, web.page, web.edit());
  }
});

function stalledOf({ conditions }: Status): Status["conditions"][number] | undefined {
  return conditions.find(({ type }) => type === "Stalled");
}

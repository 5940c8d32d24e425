import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection } from "../hack/lib/objects";
import { lock, untilStatus } from "../hack/locker/helm-release";
import {
  byPatch,
  isReverted,
  isSentinelReverted,
  sentinelReverted,
  stands,
  staysAway,
} from "./support/changes";
import { deployment } from "./support/chart";
import { Colored } from "./support/colored";
import { FaultyRoom } from "./support/faulty-room";
import { completeHook, hookJob, hookRuns } from "./support/hook";
import { LATE_STATUS } from "./support/in-time";
import { NAMESPACE, type Room } from "./support/room";

const hooks = {
  upgrading: hookJob("upgrading", "pre-upgrade"),
  "rolling-back": hookJob("rolling-back", "pre-rollback"),
  deleting: hookJob("deleting", "pre-delete"),
};

const deploymentPath = `${collection("apps/v1", "deployments", NAMESPACE)}/web`;

describe("Helm, whose operations the locker hears of 5 s late,", () => {
  let faulty: FaultyRoom;
  let room: Room;
  before(async () => {
    faulty = await FaultyRoom.openLate();
    room = faulty.room;
  });
  after(() => faulty.close());

  it("upgrades, fails, rolls back, uninstalls and installs anew while other releases drift", async () => {
    const web = new Colored(room, "changing");
    const neighbour = new Colored(room, "neighbour");
    for (const each of [web, neighbour]) {
      await each.paint("blue");
      await lock(room, each.release);
    }
    const remains = async (color: string | undefined): Promise<void> => {
      assert.equal(await web.color(), color);
      // With the neighbour, there is always something left to do.
      await isSentinelReverted(room);
      assert.equal(await web.color(), color);
    };

    await whileDrifting(neighbour, async () => {
      await web.edit()();
      await web.paint("green");
      await remains("green");
      await web.edit()();
      await web.dropPage();
      await remains(undefined);
      await web.paintInVain("pink");
      await remains("pink");
      await web.edit()();
      await room.helm("rollback", web.release, "1");
      await remains("blue");
      await web.edit()();
      await web.uninstall();
      await remains(undefined);
      await web.paint("yellow");
      await remains("yellow");
      await web.edit()();
      await web.paint("purple");
      await remains("purple");
    });

    await untilStatus(
      room,
      web.release,
      ({ state, version }) => state === "Deployed" && version === 2,
      LATE_STATUS,
    );
    await sentinelReverted(room);
    assert.equal(await web.color(), "purple");
    await isReverted(room, web.page, web.edit());
  });

  it("is not disturbed in its hooks, nor are they", async () => {
    const web = new Colored(room, "hooked");
    await web.paint("blue", { ...hooks, deployment: deployment("web") });
    await lock(room, web.release);

    await during("upgrading", web.paint("green", hooks), async () => {
      await stands(room, web.page, web.edit());
      await room.api.delete(web.page);
      await staysAway(room, web.page);
    });
    assert.equal(await web.color(), "green");
    await staysAway(room, deploymentPath);

    await during("rolling-back", room.helm("rollback", web.release, "1"), () =>
      stands(room, web.page, web.edit()),
    );
    assert.equal(await web.color(), "blue");
    await untilStatus(
      room,
      web.release,
      ({ state, version }) => state === "Deployed" && version === 3,
      LATE_STATUS,
    );

    await during("deleting", web.uninstall(), () =>
      stands(room, deploymentPath, () => room.kubectl("scale", "deployment/web", "--replicas=0")),
    );
    await untilStatus(room, web.release, ({ state }) => state === "SecretNotFound", LATE_STATUS);
    await staysAway(room, web.page);
    await staysAway(room, deploymentPath);
  });

  /** Does the work while a release drifts all the time and is restored each time. */
  async function whileDrifting(release: Colored, work: () => Promise<void>): Promise<void> {
    const stop = new AbortController();
    const drifting = (async () => {
      // What one manager changes again and again would be a fight.
      for (let round = 0; !stop.signal.aborted; round++) {
        const path = `${release.page}?fieldManager=hand-${round}`;
        await isReverted(room, release.page, byPatch(room, path, { data: { color: `red-${round}` } }));
      }
    })();
    try {
      await work();
    } finally {
      stop.abort();
      await drifting;
    }
  }

  /** Acts while a Helm operation waits for its hook. */
  async function during(hook: string, operation: Promise<unknown>, act: () => Promise<void>): Promise<void> {
    await Promise.race([hookRuns(room, hook), operation]);
    await act();
    await completeHook(room, hook);
    await operation;
  }
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection } from "../hack/lib/objects";
import { isLocked, lock } from "../hack/locker/helm-release";
import { atomicChart, NETWORK, tool } from "./support/atomic-chart";
import { helms, installWith } from "./support/both-helms";
import { byPatch, isReverted, postSentinel, worksAgain, writesDuring } from "./support/changes";
import { define, isServed } from "./support/definitions";
import { AFTER_OUTAGE } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

const policy = `${collection(NETWORK, "networkpolicies", NAMESPACE)}/db`;
const web = `${collection("apps/v1", "deployments", NAMESPACE)}/web`;

for (const helm of helms) {
  describe(`Kubernetes, upgraded and downgraded under a locked release of ${helm}`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;

    before(async () => {
      room = await Room.withoutLocker();
      await room.controlPlane.changeApiServer("older");
      await room.startLocker();
      await define(room, tool);
      upgrade = await installWith(room, helm, atomicChart);
      await postSentinel(room);
      assert.deepEqual(await writesDuring(room, () => lock(room, "web")), []);
      await revertsChanges();
    });
    after(() => room.close());

    async function revertsChanges(): Promise<void> {
      await isReverted(room, policy, () =>
        room.api.patch(policy, [{ op: "add", path: "/spec/ingress/0/from/0/namespaceSelector", value: {} }]),
      );
      await isReverted(
        room,
        web,
        byPatch(room, web, { spec: { template: { spec: { hostNetwork: true } } } }),
      );
      await isLocked(room, "web", AFTER_OUTAGE);
    }

    for (const version of ["newer", "older"] as const) {
      it(`writes nothing when the ${version} API server takes over, and reverts the next changes`, async () => {
        const changed = async (): Promise<void> => {
          await room.controlPlane.changeApiServer(version);
          await isServed(room, "helmreleases.helm.cattle.io");
          await worksAgain(room);
        };
        assert.deepEqual(await writesDuring(room, changed), []);
        await isLocked(room, "web", AFTER_OUTAGE);
        await revertsChanges();
      });

      it(`writes nothing when the locker starts anew on the ${version} API server`, async () => {
        await room.locker.stop();
        assert.deepEqual(await writesDuring(room, () => room.startLocker()), []);
        await revertsChanges();
        await upgrade();
        await isLocked(room, "web", AFTER_OUTAGE);
      });
    }
  });
}

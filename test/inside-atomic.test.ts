import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { lock } from "../hack/locker/helm-release";
import { atomicChart, insideAtomic, policy, tool } from "./support/atomic-chart";
import { helms, installWith } from "./support/both-helms";
import { becomes, isReverted, postSentinel, writesDuring } from "./support/changes";
import { define } from "./support/definitions";
import { Room } from "./support/room";

for (const version of helms) {
  describe(`additions inside lists and maps that have one owner as a whole, of a release of ${version}`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;

    before(async () => {
      room = await Room.open();
      await define(room, tool);
      upgrade = await installWith(room, version, atomicChart);
      await postSentinel(room);
      assert.deepEqual(await writesDuring(room, () => lock(room, "web")), []);
    });
    after(() => room.close());

    for (const [what, [object, pointer, value]] of Object.entries(insideAtomic)) {
      it(`reverts ${what}`, () =>
        isReverted(room, object, () => room.api.patch(object, [{ op: "add", path: pointer, value }])));
    }

    it("reverts what was added while no locker ran", async () => {
      const { spec } = await room.api.read(policy);
      await room.locker.stop();
      await room.api.patch(policy, [
        { op: "add", path: "/spec/ingress/0/from/0/namespaceSelector", value: {} },
      ]);
      await room.startLocker();
      await becomes(room, policy, now => isDeepStrictEqual(now?.spec, spec));
    });

    it("leaves a release that is upgraded with the same values, and with no force", async () => {
      await upgrade();
      assert.match(await room.kubectl("get", "helmrelease.helm.cattle.io", "-A"), /Deployed/);
    });
  });
}

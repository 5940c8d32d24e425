import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMap, configMapPath, content } from "../hack/lib/objects";
import { isLocked, lock } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { byPatch, isReverted } from "./support/changes";
import { memoryPath, remembers } from "./support/memories";
import { NAMESPACE, Room } from "./support/room";

const settings = configMapPath(NAMESPACE, "settings");
const object = configMap("settings", { color: "blue" });

/** What Helm adds to every object, as a neighbour may apply it, too. */
const marks = {
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  annotations: { "meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": NAMESPACE },
};

/** At the end of each suite, the audit log shows that the locker wrote as Helm only. */
for (const helm of helms) {
  describe(`a neighbour who becomes an owner of what ${helm} has put on the only object of a release`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;
    before(async () => {
      room = await Room.open();
      upgrade = await installWith(room, helm, { templates: { settings: object } });
      await lock(room, "web");
      await remembers(room, "web", 1);
    });
    after(() => room.close());

    const ways: Record<string, () => Promise<unknown>> = {
      "an apply of Helm's marks": () =>
        room.api.apply(settings, { ...object, data: {}, metadata: { name: "settings", ...marks } }, "evil"),
      "an apply of everything": () =>
        room.api.apply(settings, { ...object, metadata: { name: "settings", ...marks } }, "evil"),
      "a change that is taken back": async () => {
        const { annotations } = marks;
        for (const name of ["x", "web"]) {
          const metadata = { annotations: { ...annotations, "meta.helm.sh/release-name": name } };
          await room.api.edit(`${settings}?fieldManager=evil`, { metadata });
        }
      },
    };
    for (const [what, write] of Object.entries(ways)) {
      for (const isLost of [false, true]) {
        it(`by ${what} gains nothing, and Helm can upgrade${isLost ? ": what was remembered is lost" : ""}`, async () => {
          const before = content(await room.api.read(settings));
          await room.locker.stop();
          await write();
          assert.deepEqual(
            content(await room.api.read(settings)),
            before,
            "the neighbour has changed something",
          );
          if (isLost) await room.api.delete(memoryPath("web"));
          await room.startLocker();
          await isLocked(room, "web");
          await isReverted(
            room,
            settings,
            byPatch(room, `${settings}?fieldManager=evil`, { data: { color: "red" } }),
          );
          await isReverted(
            room,
            settings,
            byPatch(room, `${settings}?fieldManager=evil`, { data: { more: "x" } }),
          );
          await upgrade();
          await isLocked(room, "web");
          await remembers(room, "web", 1);
        });
      }
    }
  });
}

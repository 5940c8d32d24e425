import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMap, configMapPath, type Body } from "../hack/lib/objects";
import { hasProblems, isLocked, lock } from "../hack/locker/helm-release";
import { byPatch, isReverted } from "./support/changes";
import { type Chart } from "./support/chart";
import { whileFighting } from "./support/fight";
import { FIGHT } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

const changes: Record<string, Body> = {
  "an edit": { data: { color: "red" } },
  "an addition": { data: { extra: "yes" } },
  "an edit and an addition": { data: { color: "red", extra: "yes" } },
};

/** An object to fight over for each change, and one that nobody else wants. */
function chart(): Chart {
  const maps = [...Object.keys(changes).keys()].map(index => `bone-${index}`);
  return {
    templates: Object.fromEntries(
      [...maps, "neighbour"].map(name => [name, configMap(name, { color: "blue" })]),
    ),
  };
}

describe("somebody who puts the same change back whenever it is reverted", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await room.install("web", chart());
    await lock(room, "web");
  });
  after(() => room.close());

  for (const [index, [what, patch]] of Object.entries(changes).entries()) {
    it(`${what}: is named, is reverted less often, harms no other object, and loses in the end`, async () => {
      const name = `bone-${index}`;
      const path = configMapPath(NAMESPACE, name);
      const neighbour = configMapPath(NAMESPACE, "neighbour");
      const change = byPatch(room, `${path}?fieldManager=other-operator`, patch);
      const rounds = await whileFighting(room, path, change, async () => {
        const message = await hasProblems(room, "web", undefined, FIGHT);
        assert.match(message, new RegExp(`ConfigMap shop/${name}: other-operator changes it again`));
        await isReverted(room, neighbour, byPatch(room, neighbour, { data: { color: `red ${index}` } }));
      });
      assert.ok(rounds > 5, `held off after ${rounds} reverts`);
      await isLocked(room, "web", FIGHT);
      await isReverted(room, path, byPatch(room, path, { data: { color: "green" } }));
    });
  }
});

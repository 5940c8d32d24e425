import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { configMap, configMapPath } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { byPatch, isRecreated, isReverted } from "./support/changes";
import { AFTER_OUTAGE } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

/** How long the API server is gone, in milliseconds: the locker must survive this outage. */
const OUTAGE = 60_000;

const settings = configMapPath(NAMESPACE, "settings");

describe("an API server that is gone for a minute", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await room.install("web", { templates: { settings: configMap("settings", { color: "blue" }) } });
    await lock(room, "web");
  });
  after(() => room.close());

  it("finds the locker at work when it is back", async () => {
    await room.controlPlane.stopApiServer();
    await delay(OUTAGE);
    await room.controlPlane.startApiServer();
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }), AFTER_OUTAGE);
    await isRecreated(room, settings);
  });
});

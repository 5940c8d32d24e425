import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, dataOf } from "../hack/lib/objects";
import { helmRelease, isLocked, isUnlocked, register } from "../hack/locker/helm-release";
import { byPatch, isReverted, postSentinel, stands, staysAway } from "./support/changes";
import { type Chart } from "./support/chart";
import { NAMESPACE, Room } from "./support/room";

const settings = configMapPath(NAMESPACE, "settings");
const page = configMapPath(NAMESPACE, "page");

function chart(color: string): Chart {
  return {
    templates: { settings: configMap("settings", { color }), page: configMap("page", { title: "Welcome" }) },
    notes: "Paint it {{ .Chart.Name }}.",
  };
}

describe("releases that come and go", () => {
  let room: Room;
  before(async () => {
    room = await Room.open(postSentinel);
    await register(room, helmRelease("web"));
  });
  after(() => room.close());

  it("waits for a release that is not installed, and locks it once it is", async () => {
    await isUnlocked(room, "web", "SecretNotFound");
    await room.install("web", chart("blue"));
    const status = await isLocked(room, "web");
    assert.equal(status.version, 1);
    assert.equal(status.description, "Install complete");
    assert.equal(status.notes, "Paint it web.");
    await isReverted(room, settings, edit());
  });

  it("leaves away what helm uninstalled", async () => {
    await room.helm("uninstall", "web");
    await isUnlocked(room, "web", "SecretNotFound");
    await staysAway(room, settings);
    await staysAway(room, page);
  });

  it("leaves alone what someone makes in its place", async () => {
    await room.api.create(collection("v1", "configmaps", NAMESPACE), configMap("page", { title: "By hand" }));
    await stands(room, page, byPatch(room, page, { data: { title: "By hand again" } }));
    await room.api.delete(page);
    await staysAway(room, page);
  });

  it("locks the release installed anew, which is revision 1 again", async () => {
    await room.install("web", chart("green"));
    const status = await isLocked(room, "web");
    assert.equal(status.version, 1);
    await isReverted(room, settings, edit());
    assert.equal(dataOf(await room.api.read(settings)).color, "green");
  });

  it("leaves away what helm uninstalled with its history kept", async () => {
    await room.helm("uninstall", "web", "--keep-history");
    await isUnlocked(room, "web", "Uninstalled");
    await staysAway(room, settings);
    await staysAway(room, page);
  });

  it("locks a release that a rollback brings back from its history", async () => {
    await room.helm("rollback", "web", "1");
    await isLocked(room, "web");
    await isReverted(room, settings, edit());
  });

  it("leaves the objects of a release whose record vanished as they are", async () => {
    await room.kubectl("delete", "secret", "--selector=owner=helm,name=web");
    await isUnlocked(room, "web", "SecretNotFound");
    await stands(room, settings, edit());
  });

  function edit(): () => Promise<unknown> {
    return byPatch(room, settings, { data: { color: "red" } });
  }
});

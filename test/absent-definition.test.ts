import { after, before, describe, it } from "node:test";
import { spawnRuntime } from "../hack/runtime";
import { Supervisor } from "../hack/supervisor";
import { byPatch, isReverted } from "./support/changes";
import { configMap } from "./support/chart";
import { lock, REGISTRATION_NAMESPACE } from "./support/helm-release";
import { configMapPath } from "./support/objects";
import { NAMESPACE, Room } from "./support/room";

const DEFINITION = "customresourcedefinition/helmreleases.helm.cattle.io";

describe("a locker that starts before HelmReleases are defined", () => {
  const supervisor = new Supervisor("helm-locker");
  let room: Room;
  before(async () => {
    room = await Room.withoutLocker();
  });
  after(async () => {
    await supervisor.end();
    await room.close();
  });

  it("brings the definition, and locks", async () => {
    await room.kubectl("delete", DEFINITION);
    const env = { KUBECONFIG: room.kubeconfig, HELM_LOCKER_NAMESPACE: REGISTRATION_NAMESPACE };
    await spawnRuntime(supervisor, env, "ignore");
    await room.kubectl("wait", "--for=create", DEFINITION);
    await room.kubectl("wait", "--for=condition=Established", DEFINITION);
    await room.install("web", { templates: { settings: configMap("settings", { color: "blue" }) } });
    await lock(room, "web");
    const settings = configMapPath(NAMESPACE, "settings");
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  });
});

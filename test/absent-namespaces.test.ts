import { after, before, describe, it } from "node:test";
import { configMap, configMapPath } from "../hack/lib/objects";
import { Supervisor } from "../hack/lib/supervisor";
import { until } from "../hack/lib/watch";
import { helmRelease, helmReleasePath, register, statusOf } from "../hack/locker/helm-release";
import { spawnRuntime } from "../hack/locker/runtime";
import { byPatch, isReverted } from "./support/changes";
import { writeChart } from "./support/chart";
import { Room } from "./support/room";

/** The registration namespace of this locker. */
const REGISTRATION = "late-registration";

/** The namespace of the release. */
const SHOP = "late-shop";

describe("a locker that starts before its namespaces exist", () => {
  const supervisor = new Supervisor("helm-locker");
  let room: Room;
  before(async () => {
    room = await Room.withoutLocker();
  });
  after(async () => {
    await supervisor.end();
    await room.close();
  });

  it("locks once they do", async () => {
    const env = { KUBECONFIG: room.kubeconfig, HELM_LOCKER_NAMESPACE: REGISTRATION };
    await spawnRuntime(supervisor, env, "ignore");
    await room.untilAudited(
      ({ verb, objectRef }) => verb === "list" && objectRef?.namespace === REGISTRATION,
    );
    await room.kubectl("create", "namespace", REGISTRATION);
    await register(room, helmRelease("web", { namespace: SHOP }), REGISTRATION);
    await until(
      room.api,
      helmReleasePath("web", REGISTRATION),
      object => statusOf(object).state === "SecretNotFound",
    );

    const templates = { settings: configMap("settings", { color: "blue" }) };
    const chart = await writeChart(room.controlPlane.directory, "web", { templates });
    await room.helm("install", "web", chart, "--namespace", SHOP, "--create-namespace");
    const settings = configMapPath(SHOP, "settings");
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  });
});

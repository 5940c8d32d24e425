import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, dataOf, type Body } from "../hack/lib/objects";
import { hasProblems, helmRelease, helmReleasePath, isLocked, register } from "../hack/locker/helm-release";
import { becomes, byPatch, isReverted, openLocked, stands, staysAway } from "./support/changes";
import { NAMESPACE, type Room } from "./support/room";

const roles = collection("rbac.authorization.k8s.io/v1", "clusterroles");

const role: Body = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "old-reader" },
  rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
};

/** The watch of one object by its name. */
const isWatchBy =
  (name: string, stage: string) =>
  ({ verb, requestURI, stage: now }: { verb: string; requestURI: string; stage: string }): boolean =>
    verb === "watch" && requestURI.includes(`metadata.name%3D${name}`) && now === stage;

describe("objects that bear no mark of Helm, and are left as they are", () => {
  let room: Room;
  before(async () => {
    room = await openLocked({ templates: { settings: configMap("settings", { color: "blue" }) } });
  });
  after(() => room.close());

  it("are made anew when they are deleted, and then locked", async () => {
    const path = configMapPath(NAMESPACE, "old");
    await installUnmarked("old", configMap("old", { color: "blue" }), path);
    await stands(room, path, byPatch(room, path, { data: { color: "red" } }));
    await room.api.delete(path);
    await becomes(room, path, now => now?.metadata.annotations?.["meta.helm.sh/release-name"] === "old");
    await isLocked(room, "old");
    await isReverted(room, path, byPatch(room, path, { data: { color: "red" } }));
    await room.untilAudited(isWatchBy("old", "ResponseComplete"));
  });

  it("are locked as soon as they have Helm's marks", async () => {
    const path = configMapPath(NAMESPACE, "marked");
    await installUnmarked("marked", configMap("marked", { color: "blue" }), path);
    const marks = {
      labels: { "app.kubernetes.io/managed-by": "Helm" },
      annotations: {
        "meta.helm.sh/release-name": "marked",
        "meta.helm.sh/release-namespace": NAMESPACE,
      },
    };
    await room.api.edit(path, { metadata: marks, data: { color: "red" } });
    await becomes(room, path, now => dataOf(now).color === "blue");
    await isLocked(room, "marked");
  });

  it("stay away where the record alone is no reason to make them, and the status says so", async () => {
    const path = `${roles}/old-reader`;
    assert.match(await installUnmarked("reader", role, path), /ClusterRole old-reader/);
    await room.api.delete(path);
    const message = await hasProblems(room, "reader", said => /missing/.test(said));
    assert.match(message, /ClusterRole old-reader/);
    await staysAway(room, path);
  });

  it("are watched no more once no lock tracks them", async () => {
    await room.api.delete(helmReleasePath("reader"));
    await room.untilAudited(isWatchBy("old-reader", "ResponseComplete"));
  });

  /** Installs a release of one object, which then has no mark of Helm, and locks it. @returns what its HelmRelease says */
  async function installUnmarked(release: string, object: Body, path: string): Promise<string> {
    await room.install(release, { templates: { object } });
    await room.api.delete(path);
    await room.api.create(path.slice(0, path.lastIndexOf("/")), object);
    await register(room, helmRelease(release));
    const message = await hasProblems(room, release);
    await room.untilAudited(isWatchBy(path.slice(path.lastIndexOf("/") + 1), "ResponseStarted"));
    return message;
  }
});

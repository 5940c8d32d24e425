import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { AuditEvent } from "../hack/clusters/control-plane/audit";
import { configMap } from "../hack/lib/objects";
import { helmReleasePath, lock } from "../hack/locker/helm-release";
import { Room } from "./support/room";

const role = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  metadata: { name: "reader" },
  rules: [],
};

describe("the locker's watches", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await room.install("web", { templates: { role } });
    await room.install("api", { templates: { other: { ...role, metadata: { name: "writer" } } } });
    await room.install("page", { templates: { settings: configMap("settings", { color: "blue" }) } });
  });
  after(() => room.close());

  it("ask the server for the records that matter only", async () => {
    await room.untilAudited(isWatchOf("secrets"));
    const ofSecrets = (await room.controlPlane.auditLog()).filter(
      ({ verb, user: { username }, objectRef }) =>
        username === room.lockerUser && ["list", "watch"].includes(verb) && objectRef?.resource === "secrets",
    );
    for (const { requestURI } of ofSecrets) {
      const selector = new URL(requestURI, "https://localhost").searchParams.get("labelSelector");
      assert.match(selector ?? "", /owner=helm/);
      assert.match(selector ?? "", /status!=superseded/);
    }
  });

  it("open with the first release that needs a kind, and close with the last", async () => {
    await lock(room, "page");
    const seen = (await room.controlPlane.auditLog()).filter(({ user }) => user.username === room.lockerUser);
    assert.ok(!seen.some(isWatchOf("roles")), "nothing needs Roles yet");
    await lock(room, "web");
    await lock(room, "api");
    await room.untilAudited(isWatchOf("roles"));
    await room.api.delete(helmReleasePath("web"));
    await room.api.delete(helmReleasePath("api"));
    await room.untilAudited(event => isWatchOf("roles")(event) && event.stage === "ResponseComplete");
  });
});

function isWatchOf(resource: string): (event: AuditEvent) => boolean {
  return ({ verb, objectRef }) => verb === "watch" && objectRef?.resource === resource;
}

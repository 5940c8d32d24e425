import { after, before, describe, it } from "node:test";
import assert from "node:assert/strict";
import { collection, type Body } from "../hack/lib/objects";
import { hasProblems, isLocked } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { becomes, sentinelReverted, stands } from "./support/changes";
import type { Chart } from "./support/chart";
import { NAMESPACE, Room } from "./support/room";
import { lockUnwritten } from "./support/unwritten";

function pod(name: string): Body {
  const spec = { containers: [{ name: "web", image: "nginx:1.27" }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec };
}

const chart: Chart = {
  templates: { known: pod("known"), ownerless: pod("ownerless"), changed: pod("changed") },
};

const path = (name: string): string => `${collection("v1", "pods", NAMESPACE)}/${name}`;

for (const helm of helms) {
  describe(`Pods of ${helm}, most of which can't be changed`, () => {
    let room: Room;

    before(async () => {
      room = await Room.open();
      await installWith(room, helm, chart);
      for (const name of ["ownerless", "changed"])
        await room.api.edit(path(name), { metadata: { managedFields: [{}] } });
      await lockUnwritten(room);
    });
    after(() => room.close());

    for (const name of ["known", "ownerless"])
      it(`are right where the scheduler binds them, whoever is known to have written: ${name}`, async () => {
        const target = { apiVersion: "v1", kind: "Node", name: "node-1" };
        const binding = { apiVersion: "v1", kind: "Binding", metadata: { name }, target };
        await stands(room, path(name), () => room.api.send("POST", `${path(name)}/binding`, binding));
        await isLocked(room, "web");
      });

    it("are right with a container to debug them", async () => {
      const shell = { name: "shell", image: "busybox", terminationMessagePolicy: "File" };
      const patch = [{ op: "add", path: "/spec/ephemeralContainers", value: [shell] }];
      await stands(room, path("known"), () => room.api.patch(`${path("known")}/ephemeralcontainers`, patch));
      await isLocked(room, "web");
    });

    it("are told where nobody knows who has changed what, and nothing puts it back", async () => {
      const patch = [{ op: "replace", path: "/spec/tolerations/0/key", value: "other" }];
      await room.api.patch(path("changed"), patch);
      assert.match(await hasProblems(room, "web"), /Pod shop\/changed.*Kubernetes refuses to put that back/);
      await sentinelReverted(room);
    });

    it("are right again once they are made anew", async () => {
      await room.api.send("DELETE", `${path("changed")}?gracePeriodSeconds=0`);
      await becomes(
        room,
        path("changed"),
        now => now !== undefined && !JSON.stringify(now).includes("other"),
      );
      await isLocked(room, "web");
    });
  });
}

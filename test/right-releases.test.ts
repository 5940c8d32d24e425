import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMap } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { writesOf } from "./support/audit";
import { postSentinel, sentinelReverted } from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { Room } from "./support/room";

const container = {
  name: "web",
  image: "nginx",
  ports: [{ containerPort: 8080 }],
  resources: { requests: { cpu: "1000m", memory: "1024Mi" }, limits: { cpu: 2, memory: "2000M" } },
};

/** 20 objects that the API server stores differently from the chart: quantities, defaults, numbers, encodings. */
function chart(): Chart {
  const templates: Chart["templates"] = {};
  for (let index = 0; index < 4; index += 1) {
    const name = `web-${index}`;
    const metadata = { name };
    templates[`${name}-settings`] = configMap(name, { color: "blue" });
    templates[`${name}-secret`] = {
      apiVersion: "v1",
      kind: "Secret",
      metadata,
      stringData: { password: "rosebud" },
    };
    templates[`${name}-service`] = {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { app: name }, ports: [{ port: 80 }] },
    };
    templates[`${name}-deployment`] = deployment(name, { containers: [container] });
    templates[`${name}-claim`] = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata,
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
    };
  }
  return { templates };
}

describe("releases that are right", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await postSentinel(room);
    await room.install("web", chart());
  });
  after(() => room.close());

  it("are not written to when they are locked, nor when a locker starts again", async () => {
    await lock(room, "web");
    await sentinelReverted(room);
    await room.locker.stop();
    await room.startLocker();
    await sentinelReverted(room);
    const writes = writesOf(await room.controlPlane.auditLog(), room.lockerUser);
    assert.deepEqual(
      writes.map(({ verb, requestURI }) => `${verb} ${requestURI}`).filter(write => !/sentinel/.test(write)),
      [],
    );
  });
});

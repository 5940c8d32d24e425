import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMap, configMapPath, dataOf, type Body } from "../hack/lib/objects";
import { lock, untilStatus } from "../hack/locker/helm-release";
import { byPatch, isRecreated, isReverted } from "./support/changes";
import { writeChart } from "./support/chart";
import { LATE_STATUS } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

/** So long that 20 of them make nearly 1 MB. */
const text = "It was a dark and stormy night; the rain fell in torrents.\n".repeat(820);

describe("large releases", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
  });
  after(() => room.close());

  it("locks the newest of 120 revisions", async () => {
    const settings = configMapPath(NAMESPACE, "settings");
    const chart = await writeChart(room.controlPlane.directory, "web", {
      templates: { settings: configMap("settings", { revision: "{{ .Release.Revision }}" }) },
    });
    await room.helm("install", "web", chart);
    await lock(room, "web");
    for (let revision = 2; revision <= 120; revision += 1)
      await room.helm("upgrade", "web", chart, "--history-max=0");
    const records = await room.kubectl("get", "secrets", "--selector=owner=helm,name=web", "--output=name");
    assert.equal(records.trim().split("\n").length, 120);
    await untilStatus(
      room,
      "web",
      ({ state, version }) => state === "Deployed" && version === 120,
      LATE_STATUS,
    );
    await isReverted(room, settings, byPatch(room, settings, { data: { revision: "1" } }));
    assert.equal(dataOf(await room.api.read(settings)).revision, "120");
  });

  it("locks a manifest of nearly 1 MB", async () => {
    const templates: Record<string, Body> = {};
    for (let part = 0; part < 20; part += 1) templates[`part-${part}`] = configMap(`part-${part}`, { text });
    await room.install("book", { templates });
    await lock(room, "book", {}, LATE_STATUS);
    assert.ok((await room.helm("get", "manifest", "book")).length > 950_000);
    for (const name of ["part-0", "part-19"]) {
      const part = configMapPath(NAMESPACE, name);
      await isReverted(room, part, byPatch(room, part, { data: { text: "torn" } }));
      await isRecreated(room, part);
    }
  });
});

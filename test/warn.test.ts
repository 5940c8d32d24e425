import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { content, type KubeObject } from "../hack/lib/objects";
import { ask, isLocked, untilStatus } from "../hack/locker/helm-release";
import { atomicChart, insideAtomic, tool } from "./support/atomic-chart";
import { helms, installWith } from "./support/both-helms";
import { becomes } from "./support/changes";
import { objectOf, shownDrift, type Shown } from "./support/command";
import { define } from "./support/definitions";
import { driftCases, driftChart, widgetDefinition, type DriftCase, type Version } from "./support/drifts";
import { queueLengthIs } from "./support/queue";
import { NAMESPACE, Room } from "./support/room";
import { allWrites, bringBack, driftOf, named, turn, warn } from "./support/warned";

const version: Version = { color: "blue", size: "small", isWhole: true };
const containers = "/spec/template/spec/containers";

/** Where each drift shows: each of these is, or leads to, a field that is told, and every field that is told is at or below one of them. */
const places: Record<string, string[]> = {
  "settings-edited": ["/data/color", "/data/size", "/metadata/labels/color"],
  "settings-added": ["/data/extra"],
  "settings-mixed": ["/data/color", "/data/extra"],
  "settings-applied": ["/data/color", "/metadata/labels/color"],
  "login-edited": ["/data/color"],
  "login-added": ["/data/extra"],
  "login-mixed": ["/data/color", "/data/extra"],
  "widget-edited": ["/spec/color", "/spec/size"],
  "widget-added": ["/spec/extra"],
  "worker-edited": ["/spec/replicas", containers],
  "worker-added": ["/spec/template/spec/nodeSelector"],
  "worker-renamed": [containers],
  "worker-applied": [containers],
  "front-edited": ["/spec/selector/color", "/spec/selector/size"],
  "front-added": ["/spec/externalIPs", "/spec/externalTrafficPolicy"],
  "front-port-changed": ["/spec/ports"],
  "front-port-added": ["/spec/ports"],
};

for (const helm of helms) {
  describe(`drift of a release of ${helm} that is only warned of`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;
    before(async () => {
      room = await Room.open();
      await define(room, widgetDefinition);
      upgrade = await installWith(room, helm, driftChart(version));
      await warn(room, "web");
      await driftOf(room, "web");
      const { objects } = await untilStatus(room, "web", ({ mode }) => mode === "warn");
      assert.deepEqual(objects, { tracked: 22, drifted: 0, ignored: 0, blocked: 0 });
    });
    after(() => room.close());

    for (const subject of ["settings", "login", "widget", "worker", "front"]) {
      it(`is told of each object, with fields and writers, until it is gone: ${subject}`, async () => {
        const cases = casesOf(room).get(subject) ?? [];
        const before = await Promise.all(cases.map(({ path }) => room.api.read(path)));
        await Promise.all(cases.map(({ change }) => change()));
        const told = await driftOf(room, "web", ...before.map(named));
        for (const [index, { fields, by, why }] of told.entries()) {
          const { name } = cases[index] ?? { name: "" };
          const wanted = places[name] ?? [];
          assert.deepEqual(by, wanted.length > 0 ? ["kubectl"] : [], name);
          const isAt = (field: string) => wanted.some(place => field.startsWith(place));
          assert.ok(fields.every(isAt), `${name}: ${fields.join()}`);
          for (const place of wanted)
            assert.ok(
              fields.some(field => field.startsWith(place)),
              `${name}: ${fields.join()} lacks ${place}`,
            );
          assert.match(why, /mode is warn/);
        }
        const shown = await shownDrift(room, "web", "-n", NAMESPACE);
        assert.deepEqual([...new Set(shown.map(objectOf))].sort(), before.map(named).sort());
        for (const row of shown) assert.ok(isExpected(row), JSON.stringify(row));
        await Promise.all(cases.map((one, index) => undo(room, one, before[index])));
        if (cases.some(({ name }) => name.endsWith("-deleted"))) await upgrade();
        await driftOf(room, "web");
        assert.deepEqual(await shownDrift(room, "web", "-n", NAMESPACE), []);
      });
    }

    it("was written by nobody else, in all of this", async () => {
      assert.deepEqual(await allWrites(room), []);
      await queueLengthIs(room.locker, length => length === 0);
    });

    it("is reverted as soon as the mode is enabled, and not any more once it is warn", async () => {
      const cases = [...casesOf(room).values()].flat();
      const before = await Promise.all(cases.map(({ path }) => room.api.read(path)));
      await Promise.all(cases.map(({ change }) => change()));
      const { drift } = await untilStatus(room, "web", ({ objects }) => objects?.drifted === cases.length);
      assert.equal(drift.length, 20);
      await ask(room, "web", { driftDetection: { mode: "enabled" } });
      await Promise.all(cases.map(({ path }, index) => becomes(room, path, isContentOf(before[index]))));
      await driftOf(room, "web");
      await isLocked(room, "web");
      await turn(room, "web", "warn");
      const writes = await allWrites(room);
      const [{ path, change }] = cases as [DriftCase];
      await change();
      await driftOf(room, "web", named(await room.api.read(path)));
      assert.deepEqual(await allWrites(room), writes);
    });
  });
}

describe("what is inside lists and maps with one owner, and only warned of", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await define(room, tool);
    await room.install("web", atomicChart);
    await warn(room, "web");
  });
  after(() => room.close());

  for (const [what, [path, pointer, value]] of Object.entries(insideAtomic)) {
    it(`is told: ${what}`, async () => {
      const was = await room.api.read(path);
      await room.api.patch(path, [{ op: "add", path: pointer, value }], "hand");
      const [told] = await driftOf(room, "web", named(was));
      const place = pointer.replace(/\/-$/, "");
      const isNear = (field: string) => place.startsWith(field) || field.startsWith(place);
      assert.ok(told?.fields.some(isNear) === true, told?.fields.join());
      assert.deepEqual(told.by, ["hand"]);
      const shown = await shownDrift(room, "web", "-n", NAMESPACE);
      assert.deepEqual([...new Set(shown.map(objectOf))], [named(was)]);
      assert.deepEqual([...new Set(shown.flatMap(({ by }) => by))], ["hand"]);
      await bringBack(room, path, was);
      await driftOf(room, "web");
    });
  }

  it("was written by nobody else", async () => {
    assert.deepEqual(await allWrites(room), []);
  });
});

function casesOf(room: Room): Map<string, DriftCase[]> {
  return driftCases(room, NAMESPACE, version);
}

async function undo(room: Room, { name, path }: DriftCase, was: KubeObject | undefined): Promise<void> {
  if (was && !name.endsWith("-deleted")) await bringBack(room, path, was);
}

/** Whether the command shows an object as it was changed: its deletion, or the places of that change and who made it. */
function isExpected({ object: { name }, is, field = "", live, by }: Shown): boolean {
  const wanted = places[name] ?? [];
  if (wanted.length === 0) return is === "deleted";
  const isToldOf = live === undefined || by.join() === "kubectl";
  return isToldOf && wanted.some(place => field.startsWith(place));
}

function isContentOf(was: KubeObject | undefined) {
  return (now: KubeObject | undefined): boolean =>
    now !== undefined && was !== undefined && isDeepStrictEqual(content(now), content(was));
}

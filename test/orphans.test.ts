import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Refused } from "../hack/lib/api";
import { configMap, configMapPath } from "../hack/lib/objects";
import { ask } from "../hack/locker/helm-release";
import { isInForce, lockWith } from "./support/admission";
import { helms } from "./support/both-helms";
import { postSentinel } from "./support/changes";
import { writeChart } from "./support/chart";
import { NAMESPACE, Room } from "./support/room";
import { admitVisitors, asHelm } from "./support/visitors";

/** How many upgrades drop an object: few here, more by `npm run test:upgrades`. */
const UPGRADES = Number(process.env["ADMISSION_UPGRADES"] ?? 8);

/** How long a lock stays suspended, or resumed, at most, in milliseconds. */
const LONGEST = 300;

/** Who runs Helm, and what the lock asks for. */
const RULES = [
  ["editor", { action: "Deny" }],
  ["deployer", { action: "Deny", deployers: [{ kind: "Group", name: "ci" }] }],
] as const;

describe("upgrades that drop objects while locks are suspended and resumed", () => {
  let room: Room;
  before(async () => {
    room = await Room.open(postSentinel);
    await admitVisitors(room);
    const { release, settings } = await room.installFresh();
    await lockWith(room, release, { action: "Deny" });
    // Each time another color: what is as it was is let through.
    await isInForce(async () => {
      const data = { color: String(Math.random()) };
      return (
        (await room.api.answer("PATCH", `${settings}?fieldManager=kubectl-patch`, { data })).status === 403
      );
    });
  });
  after(() => room.close());

  for (const helm of helms)
    for (const [as, admission] of RULES)
      it(`leave no orphan, by ${helm} as ${as}`, async () => {
        const release = `${helm}-${as}`;
        const extra = configMapPath(NAMESPACE, `${release}-extra`);
        const less = { settings: configMap(release, { color: "{{ .Release.Revision }}" }) };
        const all = { ...less, extra: configMap(`${release}-extra`, { color: "{{ .Release.Revision }}" }) };
        const [whole = "", lesser = ""] = await Promise.all(
          [all, less].map(templates => writeChart(room.controlPlane.directory, release, { templates })),
        );
        const upgrade = (chart: string) =>
          room.controlPlane[helm]([
            ...["upgrade", "--install", release, chart, "--namespace", NAMESPACE],
            ...asHelm(as),
          ]);
        await upgrade(whole);
        await lockWith(room, release, admission);
        const over = new AbortController();
        const turning = turnWithoutEnd(room, release, over.signal);
        const left: number[] = [];
        for (let count = 1; count <= Math.ceil(UPGRADES / 4); count++) {
          await upgrade(whole);
          await upgrade(lesser);
          if (await room.api.get(extra)) left.push(count);
        }
        over.abort();
        await turning;
        assert.deepEqual(left, []);
      });
});

/** What the API server was too busy to answer is tried again by the next turn. */
async function turnWithoutEnd(room: Room, release: string, over: AbortSignal): Promise<void> {
  for (let suspend = true; !over.aborted; suspend = !suspend) {
    await ask(room, release, { suspend }).catch((error: unknown) => {
      if (!(error instanceof Refused) || error.status < 500) throw error;
    });
    await delay(Math.random() * LONGEST);
  }
}

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, dataOf, type Body } from "../hack/lib/objects";
import { Watch } from "../hack/lib/watch";
import { hasProblems, isLocked, lock, untilStatus } from "../hack/locker/helm-release";
import { writesOf } from "./support/audit";
import { helms, installWith } from "./support/both-helms";
import { becomes, byPatch } from "./support/changes";
import { NAMESPACE, Room } from "./support/room";

/** What is fought over of each release, and how many such objects there are: more than a release gets writes a second. */
const OBJECTS = 14;
const data = { color: "blue", size: "big" };

/** How long a fight goes on before the locker writes less often whatever is changed, and for how long that is watched. */
const FIGHT = 63_000;
const WATCHED = 10_000;

/** Milliseconds until users are told of a fight. */
const TOLD = 15_000;

/** A change that is never the same twice. */
type Varied = (count: number) => { manager: string; body: Body };

const stamped: Varied = count => ({
  manager: "operator",
  body: { metadata: { annotations: { "example.com/stamp": `${count}` } }, data: { color: `red ${count}` } },
});

const everywhere: Varied = count => ({
  manager: `operator-${count % 1000}`,
  body: { data: { [`key-${count % 1000}`]: `${count}`, color: `red ${count}` } },
});

for (const helm of helms)
  describe(`somebody who fights with ever new bytes, over what ${helm} installed`, () => {
    let room: Room;
    let watch: Watch;
    let count = 0;
    const names = Array.from({ length: OBJECTS }, (_, index) => `bone-${index}`);
    before(async () => {
      room = await Room.open();
      const templates = Object.fromEntries(names.map(name => [name, configMap(name, data)]));
      await installWith(room, helm, { templates });
      await lock(room, "web");
      watch = await Watch.open(room.api, collection("v1", "configmaps", NAMESPACE));
    });
    after(async () => {
      watch.close();
      await room.close();
    });

    /** Changes an object whenever it is right, until told to stop. */
    async function fight(name: string, varied: Varied, signal: AbortSignal): Promise<void> {
      const isRight = () => watch.untilObject(name, object => dataOf(object).color === "blue");
      while (!signal.aborted) {
        await Promise.race([isRight(), once(signal)]);
        const { manager, body } = varied((count += 1));
        await room.api.edit(`${configMapPath(NAMESPACE, name)}?fieldManager=${manager}`, body);
      }
    }

    /** Fights while something happens, and asserts that the status is right soon after the end. */
    async function during(fought: string[], varied: Varied, happens: () => Promise<void>): Promise<void> {
      const over = new AbortController();
      const fights = fought.map(name => fight(name, varied, over.signal));
      try {
        await happens();
      } finally {
        over.abort();
        await Promise.all(fights);
      }
      await watch.until(
        objects => fought.every(name => dataOf(objects.get(name)).color === "blue"),
        "the last reverts",
      );
      const { conditions } = await isLocked(room, "web");
      assert.ok(!conditions.some(({ type }) => type === "FoughtOver"));
    }

    it("is told of soon, and what somebody else or elsewhere changes goes back at once", async () => {
      const [name = ""] = names;
      const path = configMapPath(NAMESPACE, name);
      await during([name], stamped, async () => {
        assert.match(
          await hasProblems(room, "web", undefined, TOLD),
          new RegExp(`ConfigMap shop/${name}: operator changes it`),
        );
        await untilStatus(room, "web", ({ conditions }) =>
          conditions.some(({ type, status, message }) => {
            const isTold = type === "FoughtOver" && status === "True";
            return isTold && message.includes(name) && message.includes("operator");
          }),
        );
        await byPatch(room, path, { data: { size: "small" } })();
        await becomes(room, path, now => dataOf(now).size === "big");
      });
    });

    // Takes more than a minute; what Helm has written makes no difference.
    const isOnce = helm === "helm4";
    it(
      "gets a write a second for an object, and ten for all of a release, after a minute",
      { skip: !isOnce && "once is enough" },
      async () => {
        await during(names, everywhere, async () => {
          await delay(FIGHT);
          const before = new Date().toISOString();
          await delay(WATCHED);
          const writes = writesOf(await room.controlPlane.auditLog(), room.lockerUser)
            .filter(({ requestReceivedTimestamp }) => requestReceivedTimestamp > before)
            .filter(
              ({ requestObject }) => !JSON.stringify(requestObject).includes("/metadata/managedFields"),
            );
          const seconds = WATCHED / 1000;
          assert.ok(writes.length <= 10 * seconds + 10, `${writes.length} writes in ${seconds} s`);
          for (const name of names) {
            const ofObject = writes.filter(({ objectRef }) => objectRef?.name === name).length;
            assert.ok(
              ofObject > 0 && ofObject <= seconds + 1,
              `${ofObject} writes of ${name} in ${seconds} s`,
            );
          }
          assert.match(await hasProblems(room, "web"), /ConfigMap shop\/bone-/);
        });
      },
    );
  });

async function once(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise(resolve => {
    signal.addEventListener("abort", resolve, { once: true });
  });
}

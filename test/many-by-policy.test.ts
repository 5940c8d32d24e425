import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { seed, type Seeded } from "../hack/bench/seed";
import { collection, configMapPath } from "../hack/lib/objects";
import { Watch } from "../hack/lib/watch";
import { REGISTRATION_NAMESPACE, statusOf } from "../hack/locker/helm-release";
import { byPatch, isReverted } from "./support/changes";
import { inTime } from "./support/in-time";
import {
  isUnmade,
  lockerPolicy,
  madeName,
  makePolicy,
  policyPath,
  policySays,
} from "./support/locker-policies";
import { NAMESPACE, Room } from "./support/room";

const RELEASES = 200;

/** How soon so many are locked, in milliseconds: ten a second are begun. */
const ALL_LOCKED = 25_000;

let room: Room;
let seeded: Seeded[];
before(async () => {
  room = await Room.open();
  seeded = await seed(room, { releases: RELEASES, objects: 1 });
});
after(() => room.close());

it("one policy locks 200 releases in 25 s, at most ten a second, and lets all of them go", async () => {
  const path = collection("helm.cattle.io/v1alpha1", "helmreleases", REGISTRATION_NAMESPACE);
  const watch = await Watch.open(room.api, path);
  const begun = performance.now();
  const made: number[] = [];
  try {
    await makePolicy(room, lockerPolicy("all", {}));
    const allLocked = watch.until(objects => {
      while (made.length < objects.size) made.push(performance.now() - begun);
      const locked = [...objects.values()].filter(object => statusOf(object).state === "Deployed");
      return locked.length === RELEASES;
    }, "all are locked");
    await inTime(room, policyPath("all"), allLocked, ALL_LOCKED);
  } finally {
    watch.close();
  }
  const [first = 0] = made;
  made.forEach((time, index) => {
    assert.ok(time - first > (index - 10) * 100 - 500, `${index} were made after ${time - first} ms`);
  });
  const { matched, differed } = await policySays(room, "all", ({ locked }) => locked === RELEASES);
  assert.deepEqual([matched, differed], [RELEASES, 0]);
  const [{ release, objects: [name = ""] } = { release: "", objects: [] }] = seeded;
  const settings = configMapPath(NAMESPACE, name);
  await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  await room.api.delete(policyPath("all"));
  await isUnmade(room, release);
  await Promise.all(seeded.map(({ release }) => isUnmade(room, release)));
  assert.equal(madeName(release), `${NAMESPACE}.${release}`);
});

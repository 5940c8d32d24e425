import assert from "node:assert/strict";
import type { KubeObject } from "../../../hack/lib/objects";
import { until } from "../../../hack/lib/watch";
import { helmReleasesSettled, untilStatus } from "../../../hack/locker/helm-release";
import { byPatch, isReverted } from "../changes";
import type { Model } from "./model";
import { AFTER_REFUSAL } from "../in-time";
import type { World } from "./world";

/** The state of a HelmRelease, by the state in which helm has left its release. */
const STATES = { deployed: "Deployed", failed: "Failed", absent: "SecretNotFound" };

/**
 * Waits until the locker has dealt with everything that has happened, and checks that every object is as it has to be:
 * first at the end, and again after the locker has dealt with later events.
 *
 * @throws AssertionError with what is wrong with which object
 */
export async function comeToRest(world: World): Promise<void> {
  const { room, models } = world;
  await world.start();
  if (models.some(({ standing }) => !standing)) await helmReleasesSettled(room);
  await Promise.all(models.filter(({ isLocked }) => isLocked).map(model => isKnown(world, model)));
  await Promise.all(models.map(model => isRight(world, model)));
  for (let round = 0; round < 2; round++) await sentinelIsReverted(world);
  for (const model of models) model.cameToRest(await isStillRight(world, model));
}

/** Waits until the locker reports that it has seen helm's last operation. */
async function isKnown({ room }: World, { helmRelease, state, revision }: Model): Promise<void> {
  await untilStatus(
    room,
    helmRelease,
    seen => seen.state === STATES[state] && (state === "absent" || seen.version === revision),
    AFTER_REFUSAL,
  );
}

async function isRight({ room }: World, model: Model): Promise<void> {
  await Promise.all(
    model.paths.map(path =>
      until(room.api, path, live => model.complaint(path, live) === undefined).catch(
        async (cause: unknown) => {
          throw new Error(`${path} ${model.complaint(path, await room.api.get(path))}`, { cause });
        },
      ),
    ),
  );
}

async function isStillRight(world: World, model: Model): Promise<ReadonlyMap<string, KubeObject>> {
  const live = await world.live(model);
  const complaints = model.paths.flatMap(path => {
    const complaint = model.complaint(path, live.get(path));
    return complaint === undefined ? [] : [`${path} ${complaint}`];
  });
  assert.deepEqual(complaints, []);
  return live;
}

/**
 * The sentinel has an object of every kind: the locker dealt first with everything that came before the sentinel in the
 * streams of these kinds.
 */
async function sentinelIsReverted(world: World): Promise<void> {
  const { room, sentinel } = world;
  const number = world.next();
  const patch = { metadata: { labels: { color: `left-${number}` } } };
  await Promise.all(
    [...sentinel.desired.keys()].map(path =>
      isReverted(room, path, byPatch(room, `${path}?fieldManager=hand-${number}`, patch)),
    ),
  );
}

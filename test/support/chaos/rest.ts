import assert from "node:assert/strict";
import type { KubeObject } from "../../../hack/lib/objects";
import { helmReleasePath, helmReleasesSettled, untilStatus } from "../../../hack/locker/helm-release";
import { becomes, byPatch, isReverted } from "../changes";
import { policySays } from "../locker-policies";
import type { Model } from "./model";
import { isRight } from "./right";
import { termsFor } from "./rule";
import { isRightlySaid, isUpToDate } from "./saying";
import { UNTIL_OVER } from "./terms";
import type { World } from "./world";

/**
 * Waits until the locker has dealt with everything that has happened, and checks that every object is as it has to be:
 * first at the end, and again after the locker has dealt with later events.
 *
 * @throws AssertionError with what is wrong with which object
 */
export async function comeToRest(world: World): Promise<void> {
  const { room, models } = world;
  await world.hands.letGo();
  world.weather.clear();
  await world.start();
  if (models.some(({ standing }) => !standing)) await helmReleasesSettled(room, world.patience);
  await Promise.all([world.sentinel, ...models].map(model => isMadeIfRuled(world, model)));
  const locked = models.filter(({ isLocked }) => isLocked);
  await Promise.all(locked.map(model => isKnown(world, model)));
  await Promise.all(models.flatMap(model => model.paths.map(path => isRight(room, model, path))));
  await Promise.all(locked.map(model => isSaid(world, model)));
  await ruleIsSaid(world);
  for (let round = 0; round < 2; round++) await sentinelIsReverted(world);
  for (const model of models) model.cameToRest(await isStillRight(world, model));
  world.weather.cameToRest();
}

/** Waits until the locker reports that it has seen helm's last operation and what it is asked for, and that no suspension is left that ends. */
async function isKnown({ room, patience }: World, model: Model): Promise<void> {
  const bound = patience + (model.terms.suspends === "for a while" ? UNTIL_OVER : 0);
  await untilStatus(room, model.helmRelease, status => isUpToDate(model, status), bound);
}

/** Waits until a policy's HelmRelease of a release is there, or is gone. */
async function isMadeIfRuled({ room, patience }: World, { made, isRuled }: Model): Promise<void> {
  await becomes(room, helmReleasePath(made), object => (object !== undefined) === isRuled, patience);
}

/** Waits until the policy says how many releases it matches, and how many of them it has locked. */
async function ruleIsSaid({ room, rule, sentinel, models, namespace, patience }: World): Promise<void> {
  if (!rule) return;
  const there = [sentinel, ...models].filter(({ state }) => state !== "absent");
  const matched = there.filter(({ release }) => termsFor(rule, release.name)).length;
  const locked = models.filter(({ isRuled, state }) => isRuled && state === "deployed").length;
  await policySays(
    room,
    namespace,
    status => status.matched === matched && status.locked === locked,
    patience,
  );
}

async function isSaid(world: World, model: Model): Promise<void> {
  const drifted = model.drifted(await world.live(model));
  await untilStatus(
    world.room,
    model.helmRelease,
    status => isRightlySaid(model, drifted, status),
    world.patience,
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
  const { room, sentinel, hands, weather } = world;
  const number = hands.next();
  const patch = { metadata: { labels: { color: `left-${number}` } } };
  await Promise.all(
    [...sentinel.desired.keys()].map(path =>
      isReverted(room, path, byPatch(room, `${path}?fieldManager=hand-${number}`, patch), weather.bound),
    ),
  );
}

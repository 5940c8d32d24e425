import assert from "node:assert/strict";
import fc from "fast-check";
import { after, before, describe, it } from "node:test";
import { shownDrift } from "../support/command";
import { changeByHand, type Changed } from "../support/property/by-hand";
import { casesOf } from "../support/property/case";
import { isOther } from "../support/property/others";
import { portionsOf } from "../support/property/portions";
import { Specimen } from "../support/property/specimen";
import { Stage } from "../support/property/stage";

const SEED = 15;

/** How many changes of an object are tried until the server takes one. */
const ATTEMPTS = 6;

/** Without a locker that has seen them before, only what the chart says is known to be changed in these. */
const CLEARED = "without managedFields";

/** Of what others may add to its lists, an item without a name is drift all the same. */
const SHARED = "serviceaccount-";

describe("drift, of whatever object", () => {
  let stage: Stage;
  const specimens: Specimen[] = [];
  before(async () => {
    stage = await Stage.open(SEED);
    for (const { subject, seed, size, cases } of portionsOf(stage, {
      seed: SEED,
      size: { growth: 5, moves: ATTEMPTS },
      cases: 3,
    }))
      for (const is of fc.sample(casesOf(subject, size), { seed, numRuns: cases }))
        specimens.push(new Specimen(stage, is));
    for (const specimen of specimens) await specimen.install();
  });
  after(() => stage.end());

  it("shows nothing of those that are right", async () => {
    assert.deepEqual(await shownDrift(stage.room), []);
  });

  it(`shows each one that was changed by hand, and no other (seed ${SEED})`, async () => {
    const changes = new Map<string, string>();
    for (const specimen of specimens) {
      const change = await changed(specimen);
      if (change) changes.set(specimen.name, await inWords(specimen, change));
    }
    const shown = new Set((await shownDrift(stage.room)).map(({ release }) => release.name));
    const owned = new Set(specimens.filter(({ is }) => is.way !== CLEARED).map(({ name }) => name));
    const unshown = [...changes].filter(([name]) => owned.has(name) && !shown.has(name));
    assert.deepEqual(unshown, []);
    const tooMuch = [...shown].filter(name => !changes.has(name) && !name.startsWith(SHARED));
    assert.deepEqual(tooMuch, []);
    assert.ok(changes.size > 80, `${changes.size} objects were changed`);
  });
});

/** Changes an object by hand. @returns undefined if that has changed nothing */
async function changed(specimen: Specimen): Promise<Changed | undefined> {
  for (const move of specimen.is.moves.filter(({ writer }) => !isOther(writer))) {
    const done = await changeByHand(specimen, move);
    if (typeof done !== "string") return done;
  }
  return undefined;
}

async function inWords(specimen: Specimen, { write }: Changed): Promise<string> {
  const live = await specimen.read();
  const { way } = specimen.is;
  const { manifest } = specimen;
  return JSON.stringify({ way, astray: specimen.astray(live), write, manifest, live });
}

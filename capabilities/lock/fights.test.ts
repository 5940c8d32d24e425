import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubeObject } from "../kube/object";
import { DELETED, Fights, type Contested } from "./fights";

/** A change of a field by a manager; a different one each time it is called. */
let changes = 0;
function change(field: string, manager: string): Contested {
  const live: KubeObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "a",
      resourceVersion: String(++changes),
      annotations: { stamp: String(changes) },
      managedFields: [{ manager, operation: "Update", fieldsV1: { "f:data": { [`f:${field}`]: {} } } }],
    },
    data: { [field]: `value ${changes}` },
  };
  return { live, fields: [`/data/${field}`], manager: "helm" };
}

const theirs = () => change("color", "operator");

/** One object of a lock. */
function object(lock = {}) {
  return { lock };
}

/** Fights from a time until another, 20 ms after each revert, and returns when each change was reverted. */
function fight(
  fights: Fights,
  tracked: { lock: object },
  { from = 0, until, by = theirs }: { from?: number; until: number; by?: (round: number) => Contested },
): number[] {
  const reverts: number[] = [];
  for (let now = from; now < until; now += 20) {
    const contested = by(reverts.length);
    now += fights.pause(tracked, contested, now).retryAfter;
    fights.note(tracked, contested, now);
    reverts.push(now);
  }
  return reverts;
}

/** The longest time between two reverts. */
function slowest(reverts: readonly number[]): number {
  return Math.max(...reverts.slice(1).map((at, index) => at - (reverts[index] ?? 0)));
}

describe("Fights", () => {
  it("holds off for a second in a fight, and for longer and longer after a minute, whatever is stamped", () => {
    const reverts = fight(new Fights(), object(), { until: 200_000 });
    assert.ok(reverts.filter(at => at < 10_000).every((at, index) => at === index * 20));
    assert.equal(slowest(reverts.filter(at => at >= 10_000 && at < 60_000)), 1_020 - 20);
    assert.equal(slowest(reverts), 30_000);
  });

  it("never slows a storm that ends by itself", () => {
    const reverts = fight(new Fights(), object(), { until: 9_000 });
    assert.equal(slowest(reverts), 20);
  });

  it("never slows what comes seldom", () => {
    const fights = new Fights();
    const tracked = object();
    for (let now = 0; now < 600_000; now += 6_000) {
      assert.equal(fights.pause(tracked, theirs(), now).retryAfter, 0);
      fights.note(tracked, theirs(), now);
    }
  });

  it("does not hold off another place, another writer, a deletion, or another object", () => {
    const fights = new Fights();
    const tracked = object();
    fight(fights, tracked, { until: 30_000 });
    const pauseOf = (contested: Contested, of = tracked) => fights.pause(of, contested, 30_000).retryAfter;
    assert.ok(pauseOf(theirs()) > 0);
    assert.equal(pauseOf(change("size", "operator")), 0);
    assert.equal(pauseOf(change("color", "kubectl-edit")), 0);
    assert.equal(pauseOf(DELETED), 0);
    assert.equal(pauseOf(theirs(), object()), 0);
    const both = change("size", "operator");
    assert.equal(pauseOf({ ...both, fields: ["/data/color", "/data/size"] }), 0);
  });

  it("writes an object once a second after a minute, whatever is changed, and whoever does it", () => {
    for (const by of [
      (round: number) => change(`key-${round}`, "operator"),
      (round: number) => change("color", `operator-${round}`),
      (round: number) => (round % 2 === 0 ? DELETED : change(`key-${round}`, "operator")),
    ]) {
      const reverts = fight(new Fights(), object(), { until: 180_000, by });
      const late = reverts.filter(at => at > 60_100);
      assert.ok(Math.min(...late.slice(1).map((at, index) => at - (late[index] ?? 0))) >= 1_000);
    }
  });

  it("writes at most ten objects of a release a second after a minute, each in its turn", () => {
    const fights = new Fights();
    const lock = {};
    const objects = Array.from({ length: 30 }, () => ({ ...object(lock), next: 0 }));
    const reverts: number[] = [];
    for (let now = 0; now < 120_000; now += 50)
      for (const [index, tracked] of objects.entries()) {
        if (tracked.next > now) continue;
        const contested = change(`key-${now}-${index}`, "operator");
        const { retryAfter } = fights.pause(tracked, contested, now);
        tracked.next = now + Math.max(50, retryAfter);
        if (retryAfter > 0) continue;
        fights.note(tracked, contested, now);
        reverts.push(now);
      }
    const late = reverts.filter(at => at >= 62_000);
    assert.ok(late.length <= 10 * 58 + 10, `${late.length} in 58 s`);
    assert.ok(late.length >= 10 * 58 * 0.8, `${late.length} in 58 s`);
  });

  it("tells of a fight until nothing has been changed again for a while", () => {
    const fights = new Fights();
    const tracked = object();
    assert.equal(fights.toldFor(tracked, 0), 0);
    const last = fight(fights, tracked, { until: 20_000 }).at(-1) ?? 0;
    assert.equal(fights.toldFor(tracked, last), 2_000);
    assert.equal(fights.toldFor(tracked, last + 2_000), 0);
  });

  it("starts over after a rest", () => {
    const fights = new Fights();
    const tracked = object();
    const last = fight(fights, tracked, { until: 20_000 }).at(-1) ?? 0;
    fights.note(tracked, theirs(), last + 10_000);
    assert.equal(fights.pause(tracked, theirs(), last + 10_000).retryAfter, 0);
  });
});

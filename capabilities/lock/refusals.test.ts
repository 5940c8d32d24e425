import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiError } from "../cluster/errors";
import { isOfContent, Refusals } from "./refusals";

const refusal = (status: number, message = "no") =>
  apiError(status, { reason: "", message, retryAfterSeconds: 1 });

describe("Refusals", () => {
  it("withholds what was refused until it is tried again", () => {
    const refusals = new Refusals();
    const object = {};
    assert.deepEqual(refusals.withheld(object, 0), []);
    refusals.note(object, ["/spec"], refusal(422), 0);
    assert.deepEqual(refusals.withheld(object, 900), ["/spec"]);
    assert.deepEqual(refusals.withheld(object, 4_001), []);
    assert.ok(refusals.knows(object, ["/spec"]));
    assert.ok(!refusals.knows(object, ["/spec", "/data"]));
    assert.deepEqual(refusals.withheld({}, 0), []);
  });

  it("withholds what is refused meanwhile as well, and for no longer", () => {
    const refusals = new Refusals();
    const object = {};
    refusals.note(object, ["/spec"], refusal(422), 0);
    refusals.note(object, ["/data"], refusal(422), 900);
    assert.deepEqual(refusals.withheld(object, 950), ["/spec", "/data"]);
    assert.deepEqual(refusals.withheld(object, 4_001), []);
  });

  it("waits longer with every attempt", () => {
    const refusals = new Refusals();
    const object = {};
    let now = 0;
    const waits = Array.from({ length: 6 }, () => {
      refusals.note(object, ["/spec"], refusal(422), now);
      const { retryAfter = 0 } = refusals.later(object, now) ?? {};
      now += retryAfter;
      return retryAfter;
    });
    assert.ok(waits[0] !== undefined && waits[0] <= 4_000);
    assert.ok((waits.at(-1) ?? 0) >= 15_000);
  });

  it("holds off a create only where that was refused, and questions only where they were", () => {
    const refusals = new Refusals();
    const [create, all] = [{}, {}];
    refusals.noteCreation(create, refusal(403), 0);
    refusals.noteAll(all, refusal(422), 0);
    const live = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
    const compare = { do: "compare", live, payload: live } as const;
    assert.ok(refusals.holdOff(create, { do: "create" }, 1));
    assert.ok(!refusals.holdOff(all, { do: "create" }, 1));
    assert.ok(refusals.holdOff(all, compare, 1));
    assert.ok(!refusals.holdOff(create, compare, 1));
    assert.ok(!refusals.holdOff(all, { do: "observe" }, 1));
    refusals.endWait(all);
    assert.ok(!refusals.holdOff(all, compare, 1));
  });

  it("knows a refusal of what is in an object from a missing right", () => {
    const denied = refusal(
      403,
      'configmaps "a" is forbidden: User "locker" cannot patch resource "configmaps" in API group ""',
    );
    assert.ok(isOfContent(refusal(422)));
    assert.ok(isOfContent(refusal(403, "exceeded quota")));
    assert.ok(!isOfContent(denied));
    assert.ok(!isOfContent(refusal(500)));
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiError } from "../cluster/errors";
import { isOfContent, Refusals } from "./refusals";

const refusal = (status: number, message = "no") =>
  apiError(status, { reason: "", message, retryAfterSeconds: 1 });

describe("Refusals", () => {
  it("knows what was refused, and when it may be tried again", () => {
    const refusals = new Refusals();
    const object = {};
    assert.deepEqual(refusals.places(object), []);
    refusals.note(object, ["/spec"], refusal(422), 0);
    assert.deepEqual(refusals.places(object), ["/spec"]);
    assert.ok(!refusals.isDue(object, 900));
    assert.ok(refusals.isDue(object, 4_001));
    assert.deepEqual(refusals.places({}), []);
    refusals.forget(object);
    assert.deepEqual(refusals.places(object), []);
  });

  it("knows what is refused meanwhile as well, and lets it wait for no longer", () => {
    const refusals = new Refusals();
    const object = {};
    refusals.note(object, ["/spec"], refusal(422), 0);
    refusals.note(object, ["/data"], refusal(422), 900);
    assert.deepEqual(refusals.places(object), ["/spec", "/data"]);
    assert.ok(refusals.isDue(object, 4_001));
  });

  it("knows what is still refused once another place is, after its time has come", () => {
    const refusals = new Refusals();
    const object = {};
    refusals.note(object, ["/spec"], refusal(422), 0);
    refusals.note(object, ["/data"], refusal(422), 5_000);
    assert.deepEqual(refusals.places(object), ["/spec", "/data"]);
    assert.ok(!refusals.isDue(object, 5_500));
  });

  it("forgets what is no longer refused when the rest of it is again", () => {
    const refusals = new Refusals();
    const object = {};
    refusals.note(object, ["/spec", "/data"], refusal(422), 0);
    refusals.noteAgain(object, ["/data"], refusal(422), 5_000);
    assert.deepEqual(refusals.places(object), ["/data"]);
  });

  it("holds nothing off for a creation that was refused before, once that has come", () => {
    const refusals = new Refusals();
    const object = {};
    refusals.noteCreation(object, refusal(403), 0);
    refusals.note(object, ["/data"], refusal(422), 5_000);
    assert.ok(!refusals.holdOff(object, { do: "create" }, 5_001));
  });

  it("waits longer with every attempt", () => {
    const refusals = new Refusals();
    const object = {};
    let now = 0;
    const waits = Array.from({ length: 6 }, () => {
      refusals.noteAgain(object, ["/spec"], refusal(422), now);
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

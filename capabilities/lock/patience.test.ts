import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Operation } from "../drift/operation";
import { stopClock } from "../work/stopped-clock";
import { Patience } from "./patience";
import type { Look } from "./look";

const RIGHT: Operation = { do: "none" };
const CREATE: Operation = { do: "create" };

/** The patience of a locker that comes second, at a clock that the test sets. */
function patient(t: TestContext, place = 1) {
  const clock = stopClock(t, 1_000);
  const noted: object[] = [];
  const patience = new Patience({
    rank: { patience: place * 300 },
    fights: { note: tracked => noted.push(tracked) },
  });
  const lookAt = (tracked: object) => ({ tracked, manager: "helm" }) as Look;
  const lock = {};
  return {
    noted,
    look: lookAt({ lock }),
    other: lookAt({ lock }),
    elsewhere: lookAt({ lock: {} }),
    again: ({ tracked }: Look) => lookAt(tracked),
    after: (milliseconds: number) => (clock.now += milliseconds),
    holdsOff: (look: Look, operation: Operation) => patience.holdOff(look, operation)?.retryAfter,
  };
}

describe("patience", () => {
  it("leaves a change to the lockers that come before for 300 ms each, and then not again in the same look", t => {
    const { look, again, after, holdsOff } = patient(t, 2);
    assert.equal(holdsOff(look, CREATE), 600);
    after(599);
    assert.equal(holdsOff(again(look), CREATE), 1);
    after(1);
    const last = again(look);
    assert.equal(holdsOff(last, CREATE), undefined);
    assert.equal(holdsOff(last, CREATE), undefined);
  });

  it("has none where nobody comes before, nor with what asks for nothing", t => {
    const { look, holdsOff } = patient(t, 0);
    assert.equal(holdsOff(look, CREATE), undefined);
    const second = patient(t);
    assert.equal(second.holdsOff(second.look, RIGHT), undefined);
    assert.equal(second.holdsOff(second.look, { do: "observe" }), undefined);
  });

  it("begins anew with each change that another locker has put right, which may be a fight", t => {
    const { look, again, after, holdsOff, noted } = patient(t);
    holdsOff(look, CREATE);
    after(200);
    holdsOff(again(look), RIGHT);
    assert.deepEqual(noted, [look.tracked]);
    assert.equal(holdsOff(again(look), CREATE), 300);
  });

  it("lasts while others of the release are being put right, but not forever", t => {
    const { look, other, elsewhere, again, after, holdsOff } = patient(t);
    holdsOff(look, CREATE);
    for (let count = 0; count < 14; count++) {
      holdsOff(again(other), CREATE);
      after(200);
      holdsOff(again(other), RIGHT);
      assert.ok(holdsOff(again(look), CREATE));
    }
    assert.equal(holdsOff(again(look), CREATE), 200);
    holdsOff(elsewhere, CREATE);
    after(200);
    holdsOff(again(other), CREATE);
    holdsOff(again(other), RIGHT);
    assert.equal(holdsOff(again(look), CREATE), undefined);
    after(100);
    assert.equal(holdsOff(again(elsewhere), CREATE), undefined);
  });

  it("notes a fight also where the API server would first be asked what has changed", t => {
    const { look, again, holdsOff, noted } = patient(t);
    const live = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
    holdsOff(look, { do: "probe", live, payload: undefined, doubts: [] });
    holdsOff(again(look), RIGHT);
    assert.deepEqual(noted, [look.tracked]);
  });

  it("is renewed once where the locker itself was held up", t => {
    const { look, again, after, holdsOff } = patient(t);
    holdsOff(look, CREATE);
    after(401);
    assert.equal(holdsOff(again(look), CREATE), 300);
    after(500);
    assert.equal(holdsOff(again(look), CREATE), undefined);
  });

  it("is not renewed by further changes of what is not right", t => {
    const { look, again, after, holdsOff } = patient(t);
    holdsOff(look, CREATE);
    after(150);
    assert.equal(holdsOff(again(look), CREATE), 150);
  });
});

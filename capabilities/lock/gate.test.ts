import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ReleaseRef } from "../release/release";
import type { RecordState } from "../release/storage";
import { Gate, PROMPT } from "./gate";

const web: ReleaseRef = { namespace: "shop", name: "web" };
const held: RecordState = { driver: "Secret", revision: 3, uid: "u3", resourceVersion: "7" };

/** A reader of records that answers on command. */
class Reader {
  readonly sent: { release: ReleaseRef; held: RecordState; answer: PromiseWithResolvers<boolean> }[] = [];
  #wake: () => void = () => undefined;

  readonly isCurrent = (release: ReleaseRef, state: RecordState): Promise<boolean> => {
    const answer = Promise.withResolvers<boolean>();
    this.sent.push({ release, held: state, answer });
    this.#wake();
    return answer.promise;
  };

  /** The answer to the n-th check, counted from 1, once the check was sent. */
  async check(number: number): Promise<PromiseWithResolvers<boolean>> {
    for (;;) {
      const check = this.sent[number - 1];
      if (check) return check.answer;
      await new Promise<void>(resolve => (this.#wake = resolve));
    }
  }
}

/** Times of observations: before anything here was sent, and afterwards. */
const EARLIER = 0;
const LATER = Infinity;

function makeGate() {
  const reader = new Reader();
  return { reader, gate: new Gate(reader.isCurrent) };
}

/** Lets everything run that waits only for its turn. */
const turn = () => new Promise<void>(resolve => setImmediate(resolve));

describe("Gate", () => {
  it("passes a record that is current", async () => {
    const { reader, gate } = makeGate();
    const asked = gate.check(web, held, LATER);
    (await reader.check(1)).resolve(true);
    assert.ok(await asked);
    assert.deepEqual([reader.sent[0]?.release, reader.sent[0]?.held], [web, held]);
  });

  const answers: [what: string, took: number, leaves: number][] = [
    ["a second after a quick answer", 10, PROMPT],
    ["as long after a slow answer as that took", 3 * PROMPT, 3 * PROMPT],
  ];
  for (const [what, took, leaves] of answers) {
    it(`lets a write leave until ${what}`, async context => {
      const { reader, gate } = makeGate();
      let now = 1_000;
      context.mock.method(performance, "now", () => now);
      const asked = gate.check(web, held, EARLIER);
      const check = await reader.check(1);
      now += took;
      check.resolve(true);
      assert.deepEqual(await asked, {
        sentAt: 1_000,
        answeredAt: 1_000 + took,
        notAfter: 1_000 + took + leaves,
      });
    });
  }

  it("passes nothing where Helm has moved on", async () => {
    const { reader, gate } = makeGate();
    const asked = gate.check(web, held, LATER);
    (await reader.check(1)).resolve(false);
    assert.equal(await asked, undefined);
  });

  it("sends one check for all that ask at the same time", async () => {
    const { reader, gate } = makeGate();
    const asked = [
      gate.check(web, held, LATER),
      gate.check(web, held, LATER),
      gate.check(web, { ...held }, LATER),
    ];
    (await reader.check(1)).resolve(true);
    const [first, ...others] = await Promise.all(asked);
    assert.ok(first);
    for (const other of others) assert.equal(other, first);
    assert.equal(reader.sent.length, 1);
  });

  it("lets what asks while a check is under way share the next one, sent after it asked", async () => {
    const { reader, gate } = makeGate();
    const early = gate.check(web, held, LATER);
    const first = await reader.check(1);
    const late = [gate.check(web, held, LATER), gate.check(web, held, LATER)];
    await turn();
    assert.equal(reader.sent.length, 1, "two checks of one record at the same time");
    first.resolve(true);
    assert.ok(await early);
    (await reader.check(2)).resolve(false);
    assert.deepEqual(await Promise.all(late), [undefined, undefined]);
    assert.equal(reader.sent.length, 2);
  });

  it("sends a fresh check to what asks after an answer", async () => {
    const { reader, gate } = makeGate();
    const early = gate.check(web, held, LATER);
    (await reader.check(1)).resolve(true);
    assert.ok(await early);
    const late = gate.check(web, held, LATER);
    (await reader.check(2)).resolve(false);
    assert.equal(await late, undefined);
  });

  it("lets what was observed before a check was sent share it while it is under way", async () => {
    const { reader, gate } = makeGate();
    const first = gate.check(web, held, LATER);
    const check = await reader.check(1);
    const second = gate.check(web, held, EARLIER);
    check.resolve(true);
    assert.ok(await first);
    assert.equal(await second, await first);
    assert.equal(reader.sent.length, 1);
  });

  it("lets what was observed before a check was sent share it after it passed", async () => {
    const { reader, gate } = makeGate();
    const first = gate.check(web, held, LATER);
    (await reader.check(1)).resolve(true);
    const pass = await first;
    assert.ok(pass);
    assert.equal(await gate.check(web, held, EARLIER), pass);
    assert.equal(reader.sent.length, 1);
  });

  it("sends a fresh check where the last one is too old for a write to wait for its turn", async context => {
    const { reader, gate } = makeGate();
    const first = gate.check(web, held, LATER);
    (await reader.check(1)).resolve(true);
    const pass = await first;
    assert.ok(pass);
    context.mock.method(performance, "now", () => pass.notAfter - PROMPT / 2);
    const second = gate.check(web, held, EARLIER);
    (await reader.check(2)).resolve(false);
    assert.equal(await second, undefined);
  });

  it("does not use a pass again after a check that did not pass", async () => {
    const { reader, gate } = makeGate();
    for (const [number, passes] of [
      [1, true],
      [2, false],
    ] as const) {
      const asked = gate.check(web, held, LATER);
      (await reader.check(number)).resolve(passes);
      assert.equal((await asked) !== undefined, passes);
    }
    const late = gate.check(web, held, EARLIER);
    (await reader.check(3)).resolve(false);
    assert.equal(await late, undefined);
  });

  it("does not use a pass again once the record was read anew", async () => {
    const { reader, gate } = makeGate();
    const first = gate.check(web, held, LATER);
    (await reader.check(1)).resolve(true);
    assert.ok(await first);
    const second = gate.check(web, { ...held }, EARLIER);
    (await reader.check(2)).resolve(false);
    assert.equal(await second, undefined);
  });

  const others: [what: string, release: ReleaseRef, state: RecordState][] = [
    ["another release", { ...web, name: "api" }, held],
    ["a release of the same name elsewhere", { ...web, namespace: "test" }, held],
    ["a record of another uid", web, { ...held, uid: "u3-again" }],
    ["another state of the record", web, { ...held, resourceVersion: "8" }],
  ];

  for (const [what, release, state] of others) {
    it(`neither waits for ${what} nor shares its answer`, async () => {
      const { reader, gate } = makeGate();
      const one = gate.check(web, held, LATER);
      const other = gate.check(release, state, LATER);
      (await reader.check(2)).resolve(false);
      assert.equal(await other, undefined);
      (await reader.check(1)).resolve(true);
      assert.ok(await one);
    });
  }

  it("fails all that share a check that fails, and none after", async () => {
    const { reader, gate } = makeGate();
    const shared = [gate.check(web, held, LATER), gate.check(web, held, LATER)];
    const first = await reader.check(1);
    const late = gate.check(web, held, LATER);
    const outage = new Error("no answer");
    first.reject(outage);
    for (const asked of shared) await assert.rejects(asked, outage);
    (await reader.check(2)).resolve(true);
    assert.ok(await late);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Answers } from "./answers";

describe("answers", () => {
  it("are shared until they are old, which others than good ones are soon", async t => {
    let now = 0;
    t.mock.method(performance, "now", () => now);
    const asked: string[] = [];
    const answers = new Answers<string>(answer => answer === "yes");
    const ask = (question: string, answer: string) =>
      answers.of(question, () => {
        asked.push(question);
        return Promise.resolve(answer);
      });
    await Promise.all([ask("a", "yes"), ask("a", "yes"), ask("b", "no")]);
    assert.deepEqual(asked, ["a", "b"]);
    now = 999;
    await Promise.all([ask("a", "yes"), ask("b", "no")]);
    assert.deepEqual(asked, ["a", "b"]);
    now = 1_001;
    await Promise.all([ask("a", "yes"), ask("b", "no")]);
    assert.deepEqual(asked, ["a", "b", "b"]);
    now = 10_001;
    await ask("a", "yes");
    assert.deepEqual(asked, ["a", "b", "b", "a"]);
  });

  it("that are doubted are as old after a second as others that are not good", async t => {
    let now = 0;
    t.mock.method(performance, "now", () => now);
    const answers = new Answers<number>(() => true);
    const ask = (answer: number) => answers.of("a", () => Promise.resolve(answer));
    assert.equal(await ask(1), 1);
    now = 500;
    answers.doubt("a");
    answers.doubt("never asked");
    assert.equal(await ask(2), 1);
    now = 1_001;
    assert.equal(await ask(3), 3);
  });

  it("that failed are asked for again", async () => {
    const answers = new Answers<boolean>(Boolean);
    await assert.rejects(answers.of("a", () => Promise.reject(new Error("no"))));
    assert.equal(await answers.of("a", () => Promise.resolve(true)), true);
  });
});

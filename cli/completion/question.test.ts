import assert from "node:assert/strict";
import { it } from "node:test";
import { VERBS } from "../verbs";
import { questionOf, type Question } from "./question";

/** What is asked for the last word of a line, and what of it is typed. */
const CASES: [line: string, question: Question | "flags of drift" | "flags of nothing", typed: string][] = [
  ["", { about: "verb" }, ""],
  ["dr", { about: "verb" }, "dr"],
  ["-n demo dr", { about: "verb" }, "dr"],
  ["help ", { about: "verb" }, ""],
  ["drift --o", "flags of drift", "--o"],
  ["--o", "flags of nothing", "--o"],
  ["drift -o ", { about: "value", flag: "output", given: {} }, ""],
  ["drift --output=j", { about: "value", flag: "output", given: {} }, "j"],
  ["drift -n demo -o w", { about: "value", flag: "output", given: { namespace: "demo" } }, "w"],
  ["drift sh", { about: "argument", arg: "[RELEASE]", given: {} }, "sh"],
  ["drift -A sh", { about: "argument", arg: "[RELEASE]", given: {} }, "sh"],
  ["drift --context=a ", { about: "argument", arg: "[RELEASE]", given: { contexts: "a" } }, ""],
  ["drift -n demo ", { about: "argument", arg: "[RELEASE]", given: { namespace: "demo" } }, ""],
  ["history --context=a ", { about: "argument", arg: "RELEASE", given: { context: "a" } }, ""],
  ["wait shop --for ", { about: "value", flag: "state", given: {} }, ""],
  ["suspend shop --for ", { about: "value", flag: "for", given: {} }, ""],
  ["drift --unknown ", { about: "argument", arg: "[RELEASE]", given: {} }, ""],
  ["drift shop ", { about: "argument", arg: "", given: {} }, ""],
  ["nonsense ", { about: "argument", arg: "", given: {} }, ""],
];

for (const [line, expected, typed] of CASES) {
  it(`knows what is asked at the end of "${line}"`, () => {
    const flags = {
      "flags of drift": VERBS.find(({ name }) => name === "drift")?.flags,
      "flags of nothing": [],
    };
    const question = typeof expected === "string" ? { about: "flag", flags: flags[expected] } : expected;
    assert.deepEqual(questionOf(line.split(" "), VERBS), { question, typed });
  });
}

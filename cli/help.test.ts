import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { commandHelp, verbHelp } from "./help";
import { cliWords } from "./reference";
import { VERBS } from "./verbs";

describe("the help", () => {
  it("fits into 80 columns", () => {
    for (const help of [
      commandHelp(VERBS, "helm-locker"),
      ...VERBS.map(verb => verbHelp(verb, "helm-locker")),
    ])
      assert.deepEqual(
        help.split("\n").filter(line => line.length > 80),
        [],
      );
  });

  it("says what a verb does, then shows examples, flags and usage", () => {
    for (const verb of VERBS) {
      const titles = [...verbHelp(verb, "helm-locker").matchAll(/^([A-Z]\w+):$/gm)].map(([, title]) => title);
      const flags = verb.flags.length > 0 ? ["Flags"] : [];
      assert.deepEqual(titles, ["Examples", ...flags, "Usage"]);
    }
  });

  it("shows the command as it is called here", () => {
    for (const verb of VERBS)
      assert.doesNotMatch(verbHelp(verb, "helm locker"), /helm-locker (?!completion)\w+ /);
    assert.match(commandHelp(VERBS, "helm locker"), /^ {2}helm locker VERB \[flags\]$/m);
  });

  it("is docs/cli.md: npm run reference writes it anew", () => {
    assert.equal(readFileSync(join(__dirname, "..", "docs", "cli.md"), "utf8"), cliWords(VERBS));
  });
});

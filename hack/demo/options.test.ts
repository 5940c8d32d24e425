import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../lib/options";
import { demoOptions } from "./options";

test("without arguments the demo stays up on a control plane of its own", () => {
  assert.deepEqual(demoOptions([]), { cluster: "embedded", once: false, help: false });
});

test("every option is read", () => {
  const given = ["--cluster", "current", "--once", "--help"];
  assert.deepEqual(demoOptions(given), { cluster: "current", once: true, help: true });
  assert.equal(demoOptions(["--cluster=current"]).cluster, "current");
});

const BAD: [string[], RegExp][] = [
  [["--twice"], /'--twice'/],
  [["shop"], /'shop'/],
  [["--cluster"], /--cluster/],
  [["--cluster", "production"], /--cluster production/],
  [["--once=yes"], /--once/],
];

for (const [args, problem] of BAD) {
  test(`${args.join(" ")} is refused with the usage`, () => {
    assert.throws(
      () => demoOptions(args),
      error => error instanceof UsageError && problem.test(error.message) && error.message.includes("usage:"),
    );
  });
}

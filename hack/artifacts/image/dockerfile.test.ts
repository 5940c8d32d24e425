import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import packageJson from "../../../package.json";
import { ROOT } from "../../lib/project";
import { RUNTIME_ENV, RUNTIME_FLAGS } from "../module";
import { startInstructions } from "./dockerfile";
import { NON_ROOT } from "./node";

test("only the last stage counts", () => {
  const dockerfile = 'FROM a AS build\nUSER root\nENV A=1\nFROM scratch\nUSER 1:1\nENTRYPOINT ["/x"]\n';
  assert.deepEqual(startInstructions(dockerfile), {
    entrypoint: ["/x"],
    user: "1:1",
    env: [],
    workingDir: "/",
  });
});

test("the project's image is started as the locker is everywhere else", () => {
  const { entrypoint, user, env } = startInstructions(readFileSync(join(ROOT, "Dockerfile"), "utf8"));
  assert.deepEqual(entrypoint, ["/usr/bin/node", ...RUNTIME_FLAGS, "/app/locker.cjs"]);
  assert.equal(user, `${NON_ROOT}:${NON_ROOT}`);
  for (const [name, value] of Object.entries({ ...packageJson.pepr.env, ...RUNTIME_ENV }))
    assert.ok(env.includes(`${name}=${value}`));
  assert.ok(env.includes("PEPR_WATCH_MODE=true"));
});

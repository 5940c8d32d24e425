import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { withLock } from "./lock";

const folder = mkdtempSync(join(tmpdir(), "helm-locker-unit-"));
after(() => {
  rmSync(folder, { recursive: true });
});

test("only one at a time holds a lock", async () => {
  const path = join(folder, "shared.lock");
  let holders = 0;
  const work = async (): Promise<void> => {
    holders += 1;
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(holders, 1);
    holders -= 1;
  };
  await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)]);
});

test("a lock is free again after an error", async () => {
  const path = join(folder, "failed.lock");
  const failure = new Error("failed");
  await assert.rejects(
    withLock(path, () => Promise.reject(failure)),
    failure,
  );
  assert.equal(await withLock(path, () => Promise.resolve("free")), "free");
});

test("a lock whose holder died is taken over", { timeout: 5000 }, async () => {
  const path = join(folder, "dead.lock");
  mkdirSync(path);
  utimesSync(path, 0, 0);
  assert.equal(await withLock(path, () => Promise.resolve("taken over")), "taken over");
});

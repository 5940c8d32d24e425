import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { exitOf, kill, Supervisor } from "./supervisor";

test("end kills what runs and removes the folder", async () => {
  const supervisor = new Supervisor("helm-locker-unit");
  const sleeper = supervisor.spawn("sleep", ["60"]);
  await supervisor.end();
  assert.equal(await exitOf(sleeper), 137);
  assert.equal(existsSync(supervisor.directory), false);
});

test(
  "a killed owner takes its processes, their children and the folder with it",
  { timeout: 30_000 },
  async () => {
    const program = `
    const { Supervisor } = require(${JSON.stringify(join(__dirname, "supervisor"))});
    const supervisor = new Supervisor("helm-locker-unit");
    supervisor.spawn("sh", ["-c", "sleep 60 & wait"], { stdio: ["ignore", "inherit", "ignore"] });
    console.log("started in " + supervisor.directory);
  `;
    const owner = spawn(process.execPath, ["--import", "tsx", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: owner.stdout });
    const [line] = z.tuple([z.string()]).parse(await once(lines, "line"));
    const directory = line.replace("started in ", "");
    assert.equal(existsSync(directory), true);
    // The pipe ends only when the last process that holds it has ended.
    const allEnded = once(lines, "close");
    await kill(owner);
    await allEnded;
    while (existsSync(directory)) await delay(10);
  },
);

test("an exit code tells of a signal as shells do", async () => {
  const child = spawn("sleep", ["60"]);
  child.kill("SIGTERM");
  assert.equal(await exitOf(child), 143);
  assert.equal(await exitOf(spawn("sh", ["-c", "exit 3"])), 3);
});

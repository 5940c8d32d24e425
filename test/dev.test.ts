import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { configMap, configMapPath } from "../hack/lib/objects";
import { PATIENCE } from "../hack/lib/patience";
import { freePort } from "../hack/lib/ports";
import { Supervisor } from "../hack/lib/supervisor";
import { lock } from "../hack/locker/helm-release";
import { spawnPeprDev, type DevOptions } from "../hack/locker/pepr-dev";
import { byPatch, isReverted } from "./support/changes";
import { copyModule } from "./support/module-copy";
import { LATE_STATUS } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

const settings = configMapPath(NAMESPACE, "settings");
const chart = { templates: { settings: configMap("settings", { color: "blue" }) } };

const targets = z.array(z.object({ url: z.string() }));

/** The source of the lines that the locker logs as it starts. */
const SOURCE = "capabilities/report/log-lines.ts";
const READY = `ready: { component: "start"`;
const CHANGED = `ready: { component: "start after a change"`;

describe("the locker from source, run again after each change", () => {
  const supervisor = new Supervisor("helm-locker-dev");
  const cwd = join(supervisor.directory, "module");
  let room: Room;
  let inspector: number;
  let lines: AsyncIterator<string>;

  before(async () => {
    room = await Room.withoutLocker();
    await mkdir(cwd);
    await copyModule(cwd);
    inspector = await freePort();
    const { kubeconfig } = room.controlPlane;
    const nodeOptions = [`--inspect-port=${inspector}`];
    const stdio: DevOptions["stdio"] = ["ignore", "pipe", "inherit"];
    lines = linesOf(await spawnPeprDev(supervisor, { kubeconfig, cwd, nodeOptions, stdio }));
  });

  after(async () => {
    await supervisor.end();
    await room.leave();
  });

  it("locks", { timeout: 4 * PATIENCE }, async () => {
    await said(`"message":"ready"`);
    await room.install("web", chart);
    await lock(room, "web", {}, LATE_STATUS);
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  });

  it("starts anew after a change of its source", { timeout: PATIENCE }, async () => {
    const source = await readFile(join(cwd, SOURCE), "utf8");
    assert.ok(source.includes(READY));
    await writeFile(join(cwd, SOURCE), source.replace(READY, CHANGED));
    await said(`"component":"start after a change"`);
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  });

  it("has its inspector open on this machine", async () => {
    const answer = await fetch(`http://127.0.0.1:${inspector}/json/list`);
    const [target] = targets.parse(await answer.json());
    assert.equal(target?.url, `file://${join(cwd, "dist", "pepr-helm-locker.js")}`);
  });

  /** Waits for a line with this text. */
  async function said(text: string): Promise<void> {
    for (;;) {
      const line = await lines.next();
      assert.ok(line.done !== true, `pepr dev ended without a word of ${text}`);
      if (line.value.includes(text)) return;
    }
  }
});

function linesOf({ stdout }: ChildProcess): AsyncIterator<string> {
  assert.ok(stdout);
  return createInterface({ input: stdout })[Symbol.asyncIterator]();
}

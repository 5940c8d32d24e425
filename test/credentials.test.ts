import assert from "node:assert/strict";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { configMap, configMapPath } from "../hack/lib/objects";
import { helmReleasePath, isLocked, lock } from "../hack/locker/helm-release";
import { byPatch, isReverted } from "./support/changes";
import { FaultyRoom } from "./support/faulty-room";
import { AFTER_OUTAGE, inTime, STATUS } from "./support/in-time";
import { NAMESPACE, type Room } from "./support/room";

const kubeconfigSchema = z.looseObject({
  users: z.tuple([z.looseObject({ name: z.string(), user: z.object({ token: z.string() }) })]),
});

/** How long a credential of the plugin lasts, in seconds. */
const LIFE = 20;

const settings = configMapPath(NAMESPACE, "settings");

describe("the credentials of a locker that runs", () => {
  let faulty: FaultyRoom;
  let room: Room;
  before(async () => {
    faulty = await FaultyRoom.open();
    ({ room } = faulty);
    await room.install("web", { templates: { settings: configMap("settings", { color: "blue" }) } });
    await lock(room, "web");
  });
  after(() => faulty.close());

  const edit = (bound?: number): Promise<void> =>
    isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }), bound);

  it("may name another certificate authority", async () => {
    for (let round = 0; round < 2; round++) {
      await faulty.proxy.renewCertificate();
      await edit(AFTER_OUTAGE);
      await inTime(room, helmReleasePath("web"), isLocked(room, "web"), STATUS);
    }
  });

  it("may come from a plugin, which may hang while what it said is valid, and at a start", async () => {
    const plugin = await writePlugin(room.controlPlane.directory, faulty.proxy.kubeconfig);
    assert.equal(await room.stopLocker(), 0);
    await room.startLocker({ kubeconfig: plugin.kubeconfig });
    await edit();

    await writeFile(plugin.hang, "");
    await edit();
    assert.equal(await room.stopLocker(), 0);

    const starting = room.startLocker({ kubeconfig: plugin.kubeconfig });
    await room.locker.waitForLog(({ reason }) => /plugin .* did not answer within 10 s/.test(String(reason)));
    await rm(plugin.hang);
    await starting;
    await edit();
  });
});

/** A plugin that says what a kubeconfig holds, and hangs while a file is there. */
async function writePlugin(
  directory: string,
  kubeconfig: string,
): Promise<{ kubeconfig: string; hang: string }> {
  const config = kubeconfigSchema.parse(JSON.parse(await readFile(kubeconfig, "utf8")));
  const [{ name, user }] = config.users;
  const hang = join(directory, "plugin-hangs");
  const command = join(directory, "plugin");
  const until = `$(date -u -d '+${LIFE} seconds' +%Y-%m-%dT%H:%M:%SZ)`;
  const status = `{\\"token\\":\\"${user.token}\\",\\"expirationTimestamp\\":\\"${until}\\"}`;
  const script = `while [ -e ${hang} ]; do sleep 0.1; done; echo "{\\"kind\\":\\"ExecCredential\\",\\"status\\":${status}}"`;
  await writeFile(command, `#!/bin/sh\n${script}\n`);
  await chmod(command, 0o700);
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command, interactiveMode: "Never" };
  const path = join(directory, "kubeconfig-plugin");
  await writeFile(path, JSON.stringify({ ...config, users: [{ name, user: { exec } }] }), { mode: 0o600 });
  return { kubeconfig: path, hang };
}

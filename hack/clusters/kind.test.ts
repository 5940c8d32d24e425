import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { kindObstacle, startKind } from "./kind";

/** Records its calls, and fails if it plays the missing command. */
const FAKE = `#!/bin/sh
echo "$(basename "$0") $*" >> "$(dirname "$0")/calls"
[ "$(basename "$0")" != "$FAKE_MISSING" ]
`;

suite("kind", () => {
  const { PATH = "" } = process.env;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "helm-locker-unit-"));
    process.env["PATH"] = [folder, PATH].join(delimiter);
    for (const name of ["kind", "docker"]) {
      await writeFile(join(folder, name), FAKE);
      await chmod(join(folder, name), 0o755);
    }
  });

  after(async () => {
    process.env["PATH"] = PATH;
    await rm(folder, { recursive: true });
  });

  const calls = async (): Promise<string[]> => {
    const file = join(folder, "calls");
    const lines = (await readFile(file, "utf8")).trim().split("\n");
    await rm(file);
    return lines;
  };

  for (const { missing, obstacle } of [
    { missing: "nothing", obstacle: undefined },
    { missing: "kind", obstacle: "kind is not installed" },
    { missing: "docker", obstacle: "no Docker engine runs" },
  ]) {
    test(`tells what is missing: ${missing}`, async () => {
      process.env["FAKE_MISSING"] = missing;
      assert.equal(kindObstacle(), obstacle);
      delete process.env["FAKE_MISSING"];
      await calls();
    });
  }

  test("makes a cluster, loads an image, reaches it with its kubeconfig, and removes it", async () => {
    const cluster = await startKind();
    await cluster.importImage("locker.tar");
    assert.equal(await cluster.run(["printenv", "KUBECONFIG"]), `${cluster.kubeconfig}\n`);
    await cluster.stop();
    const name = `--name=${basename(cluster.directory).toLowerCase()}`;
    assert.deepEqual(await calls(), [
      `kind create cluster --wait=120s --kubeconfig=${cluster.kubeconfig} ${name}`,
      `kind load image-archive locker.tar ${name}`,
      `kind delete cluster --kubeconfig=${cluster.kubeconfig} ${name}`,
    ]);
    assert.equal(existsSync(cluster.directory), false);
  });
});

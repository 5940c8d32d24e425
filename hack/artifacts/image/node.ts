import { copyFile, mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../../lib/command";

/** The user and group of everything that runs in an image, as in the Pods that Pepr deploys. */
export const NON_ROOT = 65532;

/**
 * Copies the running Node.js and its linked libraries into `root`, at their places on this machine, and names the user
 * that it runs as. Adds no shell, no package manager, nothing else.
 */
export async function installNode(root: string): Promise<void> {
  await mkdir(join(root, "usr/bin"), { recursive: true });
  const node = await realpath(process.execPath);
  await copyFile(node, join(root, "usr/bin/node"));
  for (const library of await librariesOf(node)) {
    const copy = join(root, library);
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(library, copy);
  }
  await mkdir(join(root, "etc"));
  const users = ["root:x:0:0:root:/:/bin/false", `nonroot:x:${NON_ROOT}:${NON_ROOT}:nonroot:/app:/bin/false`];
  await writeFile(join(root, "etc/passwd"), `${users.join("\n")}\n`);
  await writeFile(join(root, "etc/group"), `root:x:0:\nnonroot:x:${NON_ROOT}:\n`);
  // Names of the cluster come from DNS, the name of the Pod itself from its hosts file.
  await writeFile(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
}

/** The paths that the dynamic linker loads for a binary, including the linker itself. */
async function librariesOf(binary: string): Promise<string[]> {
  const lines = (await run("ldd", [binary], { env: process.env })).split("\n");
  return lines.flatMap(line => /(\/\S+)/.exec(line)?.[1] ?? []);
}

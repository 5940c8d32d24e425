import { copyFile, mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../../lib/command";

/** The user and group of whatever runs in an image, as in the Pods that Pepr deploys. */
export const NON_ROOT = 65532;

/**
 * Puts this very Node.js and the libraries that it is linked to into `root`, at the places where the machine has them, and names
 * the user that it runs as. No shell, no package manager, nothing else.
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
  // Names of the cluster come from DNS, that of the Pod itself from its hosts file.
  await writeFile(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
}

/** The paths that the dynamic linker loads for a binary, the linker itself among them. */
async function librariesOf(binary: string): Promise<string[]> {
  const lines = (await run("ldd", [binary], { env: process.env })).split("\n");
  return lines.flatMap(line => /(\/\S+)/.exec(line)?.[1] ?? []);
}

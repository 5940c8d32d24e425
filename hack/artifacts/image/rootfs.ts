import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { standaloneModule } from "../module";
import { writeCompileCache } from "./compile-cache";
import { installNode } from "./node";

/**
 * Makes the root of the locker's image, as two folders in `directory` that become its layers: `node`, which changes
 * only with Node.js, and `locker`, which is small.
 */
export async function writeRootfs(directory: string): Promise<{ node: string; locker: string }> {
  const node = join(directory, "node");
  const locker = join(directory, "locker");
  await installNode(node);
  await mkdir(join(locker, "app"), { recursive: true });
  const module = join(locker, "app", "locker.cjs");
  await copyFile(await standaloneModule(), module);
  await writeCompileCache(module, join(locker, "app", "compile-cache"));
  return { node, locker };
}

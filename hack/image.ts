import { resolve } from "node:path";
import { writeRootfs } from "./artifacts/image/rootfs";
import { task, UserError } from "./lib/task";

/** Writes the layers of the locker's image as folders. The Dockerfile's first stage runs this. */
task(async () => {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) throw new UserError("usage: node hack/run.mjs image FOLDER");
  await writeRootfs(resolve(directory));
  return 0;
});

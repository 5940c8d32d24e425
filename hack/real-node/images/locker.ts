import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheKey } from "../../cache";
import { cached } from "../../cached";
import { startInstructions } from "../../image/dockerfile";
import { writeRootfs } from "../../image/rootfs";
import { standaloneModule } from "../../module";
import { ROOT } from "../../project";
import { keyOfFiles } from "../../stale";
import { writeArchive } from "./archive";

/** The image that the project's Dockerfile describes. */
export const LOCKER_IMAGE = "localhost/helm-locker:1";

/** Makes the image from the same files as the Dockerfile does, when they have changed, and returns the archive's path. */
export async function lockerImage(): Promise<string> {
  const dockerfile = await readFile(join(ROOT, "Dockerfile"), "utf8");
  const inputs = [dockerfile, process.version, process.arch, await keyOfFiles(ROOT, ["hack/image"])];
  const key = cacheKey([...inputs, await readFile(await standaloneModule())]);
  return cached({
    path: join("images", `locker-${key}.tar`),
    line: "making the locker's image",
    build: async output => {
      const { node, locker } = await writeRootfs(join(dirname(output), "rootfs"));
      const { entrypoint, user, env, workingDir } = startInstructions(dockerfile);
      const config = { Entrypoint: entrypoint, User: user, Env: env, WorkingDir: workingDir };
      const layers = [node, locker].map(root => ({ root, owner: 0 }));
      await writeArchive({ name: LOCKER_IMAGE, config, layers }, output);
    },
  });
}

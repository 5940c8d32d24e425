import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { withProgress } from "../../lib/progress";
import { DIST, ROOT } from "../../lib/project";
import { MODULE_INPUTS, upToDate } from "../../lib/stale";
import { supervised } from "../../lib/supervisor";
import { writeArchive } from "./archive";
import { startInstructions } from "./dockerfile";
import { writeRootfs } from "./rootfs";

/** The image that the project's Dockerfile describes. */
export const LOCKER_IMAGE = "localhost/helm-locker:1";

const OUTPUT = "locker-image.tar";

/** Makes the image from the same files as the Dockerfile does, if they have changed, and returns the archive's path. */
export function lockerImage(): Promise<string> {
  return upToDate({
    output: OUTPUT,
    inputs: [...MODULE_INPUTS, "Dockerfile", "hack/artifacts/image", "hack/artifacts/module.ts"],
    build: () => withProgress("making the locker's image", () => supervised("helm-locker-image", build)),
  });
}

async function build({ directory }: { directory: string }): Promise<void> {
  const { node, locker } = await writeRootfs(directory);
  const dockerfile = await readFile(join(ROOT, "Dockerfile"), "utf8");
  const { entrypoint, user, env, workingDir } = startInstructions(dockerfile);
  const config = { Entrypoint: entrypoint, User: user, Env: env, WorkingDir: workingDir };
  const layers = [node, locker].map(root => ({ root, owner: 0 }));
  await writeArchive({ name: LOCKER_IMAGE, config, layers }, join(DIST, OUTPUT));
}

import { copyFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheKey, cached } from "../../lib/cache";
import type { ContainerRuntime } from "../container-runtime";
import { writeArchive, type Image } from "./archive";

/** The program of a Pod's sandbox: one static binary that waits. */
export const PAUSE_IMAGE = "localhost/pause:1";

/** Makes the image once, and returns the archive's path. */
export async function pauseImage({ catatonit }: ContainerRuntime): Promise<string> {
  return cached({
    path: join("images", `pause-${cacheKey([PAUSE_IMAGE, await readFile(catatonit)])}.tar`),
    line: "making the pause image",
    build: async output => {
      const root = join(dirname(output), "root");
      await mkdir(root);
      await copyFile(catatonit, join(root, "catatonit"));
      const image: Image = {
        name: PAUSE_IMAGE,
        // In its pause mode, catatonit ends on SIGINT.
        config: { Entrypoint: ["/catatonit", "-P"], User: "65535:65535", StopSignal: "SIGINT" },
        layers: [{ root, owner: 0 }],
      };
      await writeArchive(image, output);
    },
  });
}

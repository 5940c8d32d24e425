import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { run } from "../../lib/command";

/** One layer of an image: a folder that becomes part of its root. One user owns every file; the user's group has the same number. */
interface Layer {
  root: string;
  owner: number;
}

/** How a container of an image is started. @see https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageConfig {
  Entrypoint: string[];
  User: string;
  Env?: string[];
  WorkingDir?: string;
  StopSignal?: string;
}

/** An image: its name with tag, and what it is made of. */
export interface Image {
  name: string;
  config: ImageConfig;
  layers: Layer[];
}

const EPOCH = "1970-01-01T00:00:00Z";

/** The names that Docker, and image specifications after it, use for Node's `process.arch`. */
const ARCHITECTURES: Record<string, string> = { x64: "amd64", arm64: "arm64" };

/**
 * Writes an image as `docker save` does; the same folders give the same bytes.
 * @see https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
export async function writeArchive(image: Image, output: string): Promise<void> {
  const directory = `${output}.parts`;
  await mkdir(directory);
  const layers: string[] = [];
  for (const layer of image.layers)
    layers.push(await writeLayer(layer, directory, `layer-${layers.length}.tar`));
  const digests = await Promise.all(layers.map(layer => digestOf(join(directory, layer))));
  const config = JSON.stringify({
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: "linux",
    created: EPOCH,
    config: image.config,
    rootfs: { type: "layers", diff_ids: digests.map(digest => `sha256:${digest}`) },
    history: layers.map(() => ({ created: EPOCH })),
  });
  const configName = `${createHash("sha256").update(config).digest("hex")}.json`;
  await writeFile(join(directory, configName), config);
  const manifest = [{ Config: configName, RepoTags: [image.name], Layers: layers }];
  await writeFile(join(directory, "manifest.json"), JSON.stringify(manifest));
  await tar("-C", directory, "-cf", output, "manifest.json", configName, ...layers);
  await rm(directory, { recursive: true });
}

async function writeLayer({ root, owner }: Layer, directory: string, name: string): Promise<string> {
  const ownership = [`--owner=${owner}`, `--group=${owner}`];
  await tar(...ownership, "-C", root, "-cf", join(directory, name), ".");
  return name;
}

async function tar(...args: string[]): Promise<void> {
  await run("tar", ["--sort=name", "--mtime=@0", "--numeric-owner", ...args]);
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(z.instanceof(Buffer).parse(chunk));
  return hash.digest("hex");
}

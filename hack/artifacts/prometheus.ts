import { join } from "node:path";
import { isAvailable, unpacked, type Packages } from "./debian";

const PROMETHEUS: Packages = {
  folder: "prometheus",
  packages: ["prometheus"],
  line: "downloading Prometheus, once, some seconds",
};

/**
 * The folder with Debian's prometheus and promtool, unpacked into the cache once; nothing is installed.
 * @throws CommandError if the machine's package sources do not have them
 */
export async function prometheusTools(): Promise<string> {
  return join(await unpacked(PROMETHEUS), "usr/bin");
}

/** Says whether they are already unpacked, or the machine's package sources have them. */
export function hasPrometheus(): boolean {
  return isAvailable(PROMETHEUS);
}

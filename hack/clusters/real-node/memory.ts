import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CGROUPS, type Cgroups } from "./cgroups";

/** What a Pod needs of the node's memory, in bytes. */
export interface PodMemory {
  /** Resident memory of each process, the largest first. Shared memory counts in each process. */
  processes: number[];
  /** What counts against the Pod's limit: everything charged to its group, except file cache that can be dropped at once. */
  workingSet: number;
}

const STATUS = /^VmRSS:\s+(\d+) kB$/m;
const INACTIVE_FILE = /^total_inactive_file (\d+)$/m;

/**
 * Measures the Pod with this uid.
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/memory.html#stat-file
 */
export async function podMemory({ name }: Cgroups, uid: string): Promise<PodMemory> {
  const group = await podGroup(join(CGROUPS, "memory", name), uid);
  const processes: number[] = [];
  for await (const file of glob(join(group, "*", "cgroup.procs"))) {
    const pids = (await readFile(file, "utf8")).split("\n").filter(Boolean);
    processes.push(...(await Promise.all(pids.map(residentMemory))));
  }
  const usage = Number(await readFile(join(group, "memory.usage_in_bytes"), "utf8"));
  const inactive = firstNumber(INACTIVE_FILE, await readFile(join(group, "memory.stat"), "utf8"));
  return { processes: processes.sort((a, b) => b - a), workingSet: usage - inactive };
}

/** kubelet puts a Pod's group below that of its quality of service. */
async function podGroup(root: string, uid: string): Promise<string> {
  for await (const group of glob(join(root, "kubepods", "**", `pod${uid}`))) return group;
  throw new Error(`no Pod ${uid} runs on this node`);
}

async function residentMemory(pid: string): Promise<number> {
  return firstNumber(STATUS, await readFile(`/proc/${pid}/status`, "utf8")) * 1024;
}

function firstNumber(pattern: RegExp, text: string): number {
  return z.coerce.number().parse(pattern.exec(text)?.[1]);
}

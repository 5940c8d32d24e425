import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { memory } from "../../hack/bench/process";
import { MemoryGroup } from "../../hack/lib/memory-group";
import { ROOT } from "../../hack/lib/project";
import type { Room } from "./room";

const values = z.object({
  resources: z.object({ limits: z.object({ memory: z.string().regex(/^\d+Mi$/) }) }),
});

/** How much memory the chart gives the locker, in bytes. */
export const CHART_MEMORY = limitOf(readFileSync(join(ROOT, "charts/helm-locker/values.yaml"), "utf8"));

/** Why the locker can't be held to that here; false if it can. */
export const NO_GROUP = hasGroups() ? false : "no cgroup can be made: that needs root on Linux";

/** A group with as much memory as the chart gives the locker; undefined where none can be made. */
export function chartMemory(): MemoryGroup | undefined {
  return MemoryGroup.open(CHART_MEMORY);
}

/** Asserts that nothing was killed, or that the locker had less than that where there is no group; says how much was used. */
export function isWithinLimit(room: Room, group: MemoryGroup | undefined): void {
  const resident = memory(room.locker.pid, "VmHWM");
  const used = { peak: megabytes(group?.peak ?? resident), resident: megabytes(resident) };
  process.stdout.write(`at most ${used.peak} MB in the group, ${used.resident} MB resident\n`);
  if (group) assert.equal(group.kills, 0, "the kernel has killed the locker");
  else assert.ok(resident < CHART_MEMORY, `the locker has had ${used.resident} MB in memory`);
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

function limitOf(text: string): number {
  return Number.parseInt(values.parse(parse(text)).resources.limits.memory) * 2 ** 20;
}

function hasGroups(): boolean {
  const group = chartMemory();
  void group?.close();
  return group !== undefined;
}

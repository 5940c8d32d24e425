import assert from "node:assert/strict";
import { test } from "node:test";
import { missingControllers } from "./cgroups";

const line = (controller: string): string =>
  `30 24 0:26 / /sys/fs/cgroup/${controller} rw,relatime shared:9 - cgroup cgroup rw,${controller}`;
const names = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "systemd"];

const cases: { name: string; mountInfo: string[]; missing: string[] }[] = [
  { name: "all are mounted", mountInfo: names.map(line), missing: [] },
  { name: "one is not", mountInfo: names.filter(name => name !== "pids").map(line), missing: ["pids"] },
  {
    name: "the machine has cgroup v2",
    mountInfo: ["30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw"],
    missing: names,
  },
];

for (const { name, mountInfo, missing } of cases) {
  test(`missing controllers: ${name}`, () => {
    assert.deepEqual(missingControllers(`${mountInfo.join("\n")}\n`), missing);
  });
}

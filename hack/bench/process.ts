import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Ticks of processor time per second in /proc. Source: proc(5), sysconf(_SC_CLK_TCK) on Linux. */
const TICKS = 100;

/** Memory of a process that is in use, in bytes. @param field VmRSS now, RssAnon without what comes from files, VmHWM the most so far */
export function memory(pid: number, field: "VmRSS" | "RssAnon" | "VmHWM" = "VmRSS"): number {
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(statusOf(pid)) ?? [];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no ${field}`);
  return Number(kilobytes) * 1024;
}

/** Milliseconds of processor time that a process has used, user and system. */
export function cpu(pid: number): number {
  const fields = fieldsOf(pid);
  if (fields.length === 0) throw new Error(`process ${pid} has ended`);
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

/** The processes of a group that run, those that have ended and wait to be reaped aside. Source: proc(5), stat: state and pgrp. */
export function processesOf(group: number): number[] {
  return readdirSync("/proc")
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => {
      const [state, , pgrp] = fieldsOf(pid);
      return pgrp === String(group) && state !== "Z";
    });
}

/** How many connections a process has open to a port. */
export function connections(pid: number, port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes = ["tcp", "tcp6"].flatMap(table =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map(line => line.trim().split(/\s+/))
      .filter(([, , remote, state]) => remote?.endsWith(suffix) === true && state === "01")
      .map(fields => `socket:[${fields[9] ?? ""}]`),
  );
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(fd => linkOf(`/proc/${pid}/fd/${fd}`)));
  return inodes.filter(inode => open.has(inode)).length;
}

/** What /proc says of a process, from its state on; empty if it has ended. */
function fieldsOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

function statusOf(pid: number): string {
  return readFileSync(`/proc/${pid}/status`, "utf8");
}

/** The target of a link in /proc; empty if it is already gone. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

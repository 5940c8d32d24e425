import { untilSeen } from "../../hack/lib/patience";
import type { LockerProcess } from "../../hack/locker/process";

/** Waits for a length of a locker's queue, which is one of its metrics, and returns it. */
export async function queueLengthIs(locker: LockerProcess, is: (length: number) => boolean): Promise<number> {
  return metricIs(locker, "helm_locker_queue_length", is);
}

/** Waits until nothing is left to do for a locker; what it tries again later does not count. */
export async function workIsDone(locker: LockerProcess): Promise<void> {
  await metricIs(locker, "helm_locker_queue_due", due => due === 0);
}

/** Waits for a value of one of a locker's metrics, and returns it. @param name with its labels */
export async function metricIs(
  { port }: LockerProcess,
  name: string,
  is: (value: number) => boolean,
): Promise<number> {
  return untilSeen(async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const line = metrics.split("\n").find(line => line.startsWith(`${name} `));
    const value = Number(line?.slice(name.length));
    return is(value) && value;
  }, `${name} (${is.toString()})`);
}

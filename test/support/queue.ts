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
  locker: LockerProcess,
  name: string,
  is: (value: number) => boolean,
): Promise<number> {
  return untilSeen(async () => {
    const line = (await metricsOf(locker)).split("\n").find(line => line.startsWith(`${name} `));
    const value = Number(line?.slice(name.length));
    return is(value) && value;
  }, `${name} (${is.toString()})`);
}

/** All metrics of a locker, in Prometheus' text format. */
export async function metricsOf({ port }: LockerProcess): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

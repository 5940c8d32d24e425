import { setTimeout as delay } from "node:timers/promises";
import { configMap, configMapPath, dataOf } from "../lib/objects";
import { NAMESPACE, type Testbed } from "../locker/testbed";
import { watchObjects } from "./stand";
import { median } from "./statistics";

const CHANGES = 50;

/**
 * The least time that a revert can take on this machine: nobody can know of a change before it is delivered, or undo it
 * without a write.
 */
export interface Floor {
  /** Milliseconds from the answer to a change until an open watch shows it. */
  readonly delivery: number;
  /** Milliseconds of one server-side apply over a kept-alive connection. */
  readonly write: number;
  /** The sum of both; every ratio refers to it. */
  readonly total: number;
}

/**
 * Measures the floor on its own ConfigMap; medians.
 *
 * @param rest milliseconds before each change: a machine that has rested answers later, whoever asks
 */
export async function measureFloor(testbed: Testbed, rest: number): Promise<Floor> {
  const { api } = testbed;
  const path = configMapPath(NAMESPACE, "floor");
  const wanted = configMap("floor", { color: "blue" });
  await api.apply(path, wanted, "floor");
  const watch = await watchObjects(testbed);
  const deliveries: number[] = [];
  const writes: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    await delay(rest);
    const color = `red-${change}`;
    const shown = watch.untilObject("floor", object => dataOf(object).color === color);
    await api.edit(path, { data: { color } });
    const answered = performance.now();
    deliveries.push(Math.max(0, (await shown) - answered));
    const sent = performance.now();
    await api.apply(path, wanted, "floor");
    writes.push(performance.now() - sent);
  }
  watch.close();
  await api.delete(path);
  const [delivery, write] = [median(deliveries), median(writes)];
  return { delivery, write, total: delivery + write };
}

import { configMapPath, dataOf } from "../lib/objects";
import type { Watch } from "../lib/watch";
import { NAMESPACE, type Testbed } from "../locker/testbed";
import { inParallel } from "./seed";

let changes = 0;

/** Changes a ConfigMap and resolves at the answer. Each change is another's: one that comes again and again is fought over. */
export async function edit(testbed: Testbed, name: string): Promise<void> {
  changes += 1;
  const path = `${configMapPath(NAMESPACE, name)}?fieldManager=hand-${changes}`;
  await testbed.api.edit(path, { data: { color: `red-${changes}` } });
}

/** Changes a ConfigMap. @returns milliseconds from the answer to the event that shows it restored */
export async function revert(testbed: Testbed, watch: Watch, name: string): Promise<number> {
  const restored = isRestored(watch, name);
  await edit(testbed, name);
  const answered = performance.now();
  return Math.max(0, (await restored) - answered);
}

/** A storm: when its first change was sent, its last one was answered, and the last object was restored. */
export interface Storm {
  readonly sent: number;
  readonly answered: number;
  readonly restored: number;
}

/** Changes many ConfigMaps at once. @throws Error if one of them is not restored */
export async function storm(testbed: Testbed, watch: Watch, names: readonly string[]): Promise<Storm> {
  const restored = names.map(name => isRestored(watch, name));
  const sent = performance.now();
  await inParallel(names, name => edit(testbed, name));
  const answered = performance.now();
  return { sent, answered, restored: Math.max(...(await Promise.all(restored))) };
}

/** Waits for a change of a ConfigMap and its revert. @returns performance.now() at the event that shows it restored */
export function isRestored(watch: Watch, name: string): Promise<number> {
  let isChanged = false;
  return watch.untilObject(name, object => {
    const isRight = dataOf(object).color === "blue";
    isChanged ||= !isRight;
    return isChanged && isRight;
  });
}

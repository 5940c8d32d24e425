import { configMapPath } from "../lib/objects";
import { NAMESPACE, type Room } from "../../test/support/room";
import type { Live } from "./live";
import { inParallel } from "./seed";

let changes = 0;

/** Changes a ConfigMap and resolves when that is answered. */
export async function edit(room: Room, name: string): Promise<void> {
  await room.api.edit(configMapPath(NAMESPACE, name), { data: { color: nextRed() } });
}

/** Changes a ConfigMap. @returns milliseconds from the answer to the event that shows it restored */
export async function revert(room: Room, live: Live, name: string): Promise<number> {
  const restored = isRestored(live, name);
  await edit(room, name);
  const answered = performance.now();
  return Math.max(0, (await restored) - answered);
}

/** A storm: when its first change was sent, its last one answered, the last object restored. */
export interface Storm {
  readonly sent: number;
  readonly answered: number;
  readonly restored: number;
}

/** Changes many ConfigMaps at once. @throws Error where one of them is not restored */
export async function storm(room: Room, live: Live, names: readonly string[]): Promise<Storm> {
  const restored = names.map(name => isRestored(live, name));
  const sent = performance.now();
  await inParallel(names, name => edit(room, name));
  const answered = performance.now();
  return { sent, answered, restored: Math.max(...(await Promise.all(restored))) };
}

/** Waits for a change of a ConfigMap and its end. @returns performance.now() at the event that shows it restored */
export function isRestored(live: Live, name: string): Promise<number> {
  let isChanged = false;
  return live.until(name, object => {
    const isRight = object?.data.color === "blue";
    isChanged ||= !isRight;
    return isChanged && isRight;
  });
}

function nextRed(): string {
  changes += 1;
  return `red-${changes}`;
}

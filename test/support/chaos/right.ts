import { becomes } from "../changes";
import type { Room } from "../room";
import type { Model } from "./model";

/** Waits until an object is as it has to be, as long as the locker promises to take. */
export async function isRight(room: Room, model: Model, path: string): Promise<void> {
  try {
    await becomes(room, path, live => model.complaint(path, live) === undefined, model.bound);
  } catch (cause) {
    const complaint = model.complaint(path, await room.api.get(path)) ?? "was right too late";
    throw new Error(`${path} ${complaint}`, { cause });
  }
}

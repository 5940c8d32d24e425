import { content } from "../../hack/lib/objects";
import { isContent, type Change } from "./changes";
import { FIGHT } from "./in-time";
import type { Room } from "./room";

/** Makes a change whenever the object is as Helm made it, until the work is done. Returns how often. */
export async function whileFighting(
  room: Room,
  path: string,
  change: Change,
  work: () => Promise<void>,
): Promise<number> {
  const right = content(await room.api.read(path));
  let isOver = false;
  let rounds = 0;
  const fight = async (): Promise<void> => {
    for (; !isOver; rounds += 1) {
      await change();
      await isContent(room, path, right, FIGHT);
    }
  };
  const end = async (): Promise<void> => {
    await work();
    isOver = true;
  };
  await Promise.all([fight(), end()]);
  return rounds;
}

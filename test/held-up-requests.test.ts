import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { lock, untilStatus } from "../hack/locker/helm-release";
import { becomes, sentinelReverted } from "./support/changes";
import { Colored } from "./support/colored";
import { isRecordRead, isWriteTo, type Stall } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";
import { LATE_STATUS } from "./support/in-time";
import type { Room } from "./support/room";

/** How long the answer to a phase check is held up, in milliseconds: longer than a write may rely on it. */
const OUTDATED = 3_000;

/** What Helm does while a request of the locker is held up. */
const operations = {
  "an upgrade": release => release.paint("green"),
  "an upgrade that drops the object": release => release.dropPage(),
  "an upgrade that fails": release => release.paintInVain("green"),
  "an uninstallation": release => release.uninstall(),
  "an installation anew": async release => {
    await release.uninstall();
    await release.paint("green");
  },
} satisfies Record<string, (release: Colored) => Promise<void>>;

/** Which of the locker's requests after a change is held up. */
const requests = {
  "phase check": ({ proxy }, { release }) => proxy.stall(isRecordRead(release), "request"),
  "answer to the phase check": ({ proxy }, { release }) => proxy.stall(isRecordRead(release), "answer"),
  write: ({ proxy }, { page }) => proxy.stall(isWriteTo(page), "request"),
} satisfies Record<string, (faulty: FaultyRoom, release: Colored) => Stall>;

interface Race {
  change: "edit" | "deletion";
  held: keyof typeof requests;
  operation: keyof typeof operations;
  /** The color that Helm leaves; undefined if it leaves no page. */
  left?: string;
}

const races: Race[] = [
  { change: "edit", held: "write", operation: "an upgrade", left: "green" },
  { change: "edit", held: "write", operation: "an upgrade that fails", left: "green" },
  { change: "edit", held: "write", operation: "an uninstallation" },
  { change: "edit", held: "write", operation: "an installation anew", left: "green" },
  { change: "deletion", held: "write", operation: "an upgrade", left: "green" },
  { change: "deletion", held: "write", operation: "an upgrade that drops the object" },
  { change: "deletion", held: "write", operation: "an uninstallation" },
  { change: "edit", held: "phase check", operation: "an upgrade", left: "green" },
  { change: "deletion", held: "phase check", operation: "an uninstallation" },
  { change: "edit", held: "answer to the phase check", operation: "an upgrade", left: "green" },
  { change: "deletion", held: "answer to the phase check", operation: "an upgrade that drops the object" },
];

describe("Helm wins where the network holds up", () => {
  let faulty: FaultyRoom;
  let room: Room;
  before(async () => {
    faulty = await FaultyRoom.openLate();
    room = faulty.room;
  });
  after(() => faulty.close());

  for (const [index, { change, held, operation, left }] of races.entries()) {
    it(
      `the ${held} after an ${change} across ${operation}`.replace("an deletion", "a deletion"),
      async () => {
        const release = new Colored(room, `race-${index}`);
        await release.paint("blue");
        await lock(room, release.release);
        const stall = requests[held](faulty, release);
        if (change === "edit") await release.edit()();
        else await room.api.delete(release.page);
        await stall.held();
        await operations[operation](release);
        assert.equal(await release.color(), left);
        const page = await room.api.get(release.page);
        if (held === "answer to the phase check") await delay(OUTDATED);
        await stall.release();
        // A late create is taken back once the phase is read again.
        await becomes(room, release.page, now => left !== undefined || now === undefined);
        await sentinelReverted(room);
        assert.deepEqual(await room.api.get(release.page), page);
      },
    );
  }

  it("once the locker has heard of it all, too", async () => {
    const last = new Colored(room, "last");
    await last.paint("blue");
    await lock(room, last.release);
    await last.paint("green");
    // One stream reports every record, in order.
    await untilStatus(
      room,
      last.release,
      ({ state, version }) => state === "Deployed" && version === 2,
      LATE_STATUS,
    );
    await sentinelReverted(room);
    for (const [index, { left }] of races.entries()) {
      assert.equal(await new Colored(room, `race-${index}`).color(), left, `race ${index}`);
    }
  });
});

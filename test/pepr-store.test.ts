import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { patiently } from "../hack/lib/patience";
import type { Matches } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";

const WAITING = "waiting for the store of Pepr's runtime";

const isStoreList: Matches = ({ path }) => path.endsWith("/namespaces/pepr-system/peprstores");

describe("a locker that can't have the store of Pepr's runtime", () => {
  let faulty: FaultyRoom;
  before(async () => {
    faulty = await FaultyRoom.open();
  });
  after(() => faulty.close());

  it("says so once, whatever it goes on trying", async () => {
    await faulty.locker.stop();
    let refusing = faulty.proxy.refuse(isStoreList, { status: 503 });
    await faulty.startLocker();
    await patiently(
      faulty.locker.waitForLog(({ message }) => message === WAITING),
      WAITING,
    );
    for (let further = 0; further < 2; further++) {
      const next = faulty.proxy.refuse(isStoreList, { status: 503 });
      refusing.end();
      await next.met();
      refusing = next;
    }
    refusing.end();
    assert.equal(faulty.locker.logs.filter(({ message }) => message === WAITING).length, 1);
  });
});

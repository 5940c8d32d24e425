import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import { Api } from "../hack/lib/api";
import { configMapPath } from "../hack/lib/objects";
import { ask, helmReleasePath } from "../hack/locker/helm-release";
import { isInForce, isPatchRefused, lockWith } from "./support/admission";
import { helms } from "./support/both-helms";
import { postSentinel } from "./support/changes";
import { inTime } from "./support/in-time";
import { LateLink } from "./support/late-link";
import { NAMESPACE, Room } from "./support/room";
import { DEPLOYERS, orphansOf } from "./support/turning";
import { admitVisitors, VISITORS } from "./support/visitors";

/** By how many milliseconds the second API server hears later of what has changed. */
const LAG = 200;

/** How many upgrades of each Helm and person: few here, more by `npm run test:upgrades`. */
const UPGRADES = Math.max(4, Number(process.env["ADMISSION_UPGRADES"] ?? 0) / 10);

/** How soon a lock that is suspended or resumed is judged so, in milliseconds. */
const PROMPT = 1_000;

describe("two API servers, one of which lags behind", () => {
  let room: Room;
  let link: LateLink | undefined;
  let kubeconfig: string;
  let release: string;
  let path: string;
  /** The same person at both of them. */
  const doors: Api[] = [];
  before(async () => {
    room = await Room.open(postSentinel);
    await admitVisitors(room);
    kubeconfig = await room.controlPlane.addApiServer(async etcd => {
      link = await LateLink.open(etcd);
      return link.url;
    });
    if (link) link.delay = LAG;
    for (const config of [room.controlPlane.kubeconfig, kubeconfig])
      doors.push(await Api.of(config, VISITORS.editor));
    ({ release, settings: path } = await room.installFresh());
    await lockWith(room, release, { action: "Deny" });
    for (const door of doors) await isInForce(() => isPatchRefused(door, path));
  });
  after(async () => {
    for (const door of doors) await door.close();
    link?.close();
    await room.close();
  });

  /** Tells how long it takes until each judges as the lock asks for. */
  async function judgeSo(context: TestContext, what: string, isDenied: boolean): Promise<void> {
    const asked = performance.now();
    await ask(room, release, { suspend: !isDenied });
    const took = await Promise.all(
      doors.map(async (door, index) => {
        const bound = PROMPT + index * 4 * LAG;
        const so = isInForce(async () => (await isPatchRefused(door, path)) === isDenied);
        await inTime(room, helmReleasePath(release), so, bound);
        return performance.now() - asked;
      }),
    );
    context.diagnostic(`${what}: ${took.map(time => `${Math.round(time)} ms`).join(", ")}`);
  }

  it("let through soon what is suspended, and refuse it again", async context => {
    for (let round = 0; round < 3; round++) {
      await judgeSo(context, "suspended", false);
      await judgeSo(context, "resumed", true);
    }
  });

  for (const helm of helms)
    for (const as of DEPLOYERS)
      it(`refuse ${helm} nothing, through the one that lags, as ${as[0]}`, async () => {
        assert.deepEqual(await orphansOf(room, { helm, as, upgrades: UPGRADES, kubeconfig }), []);
        assert.ok(await room.api.get(configMapPath(NAMESPACE, `${helm}-${as[0]}`)));
      });
});

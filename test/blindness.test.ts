import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { ANSWER_DELAY } from "../hack/lib/answer-delay";
import { collection, configMapPath } from "../hack/lib/objects";
import { untilSeen } from "../hack/lib/patience";
import { hasProblems, helmReleasePath, isLocked } from "../hack/locker/helm-release";
import { byPatch, isReverted } from "./support/changes";
import { isFollowing, isList, isWatch, type Matches } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";
import { Fleet } from "./support/fleet";
import { AFTER_SILENCE, inTime, LATENESS, STATUS } from "./support/in-time";
import { NAMESPACE, type Room } from "./support/room";

/** How long what has failed at once may go unmentioned, in milliseconds. */
const GRACE = 2_000;

/** How long a refusal lasts until it counts as one, in milliseconds. */
const LONG = 25_000;

/** How long after the first watch the last one sees again, in milliseconds. */
const TOGETHER = 2_000;

/** Whether answers are so late that a watch can't begin anew before that is told. */
const LATE = 2 * ANSWER_DELAY > GRACE;

/** How soon a locker sees again whose watches were cut, in milliseconds. */
const CUT = 5_000;

/** How long 410 is answered, in seconds. */
const EXPIRING = 8;

const page = configMapPath(NAMESPACE, "page-3");
const role = `${collection("rbac.authorization.k8s.io/v1", "roles", NAMESPACE)}/reader`;

describe("after something could not be seen for a while, it is seen, and the status is right", () => {
  let faulty: FaultyRoom;
  let room: Room;
  before(async () => {
    faulty = await FaultyRoom.open();
    ({ room } = faulty);
    await Fleet.launch(room);
  });
  after(() => faulty.close());

  /** The lines of the log that say what is watched, or not, from a line on. */
  const told = (from: number): string[] =>
    faulty.locker.logs
      .slice(from)
      .map(({ message }) => message)
      .filter(message => /^can't watch|^watches .* again/.test(message));

  /** When each path was first asked for from now on, in milliseconds. */
  const noted = (matches: Matches): ReadonlyMap<string, number> => {
    const first = new Map<string, number>();
    const note: Matches = request => {
      if (matches(request) && !first.has(request.path)) first.set(request.path, performance.now());
      return false;
    };
    faulty.proxy.refuse(note, { status: 500 });
    return first;
  };

  /** Nothing is said; where answers are so late that watches begin anew too late for that, all is said to be over. */
  const isQuiet = async (from: number): Promise<void> => {
    if (LATE) await untilSeen(() => Promise.resolve(/ again$/.test(told(from).at(-1) ?? "")), "the end");
    else assert.deepEqual(told(from), []);
  };

  const isRight = async (name = "web"): Promise<void> => {
    await inTime(room, helmReleasePath(name), isLocked(room, name), STATUS);
  };

  it("where every watch was cut once, of which nothing is said", async () => {
    const from = faulty.locker.logs.length;
    faulty.proxy.cut(isWatch);
    await isReverted(room, role, byPatch(room, role, { rules: [] }));
    await delay(GRACE);
    await isRight();
    await isRight("pages");
    await isQuiet(from);
  });

  const blind: Record<string, [refused: Matches, said: RegExp, named: string]> = {
    "the records of releases": [
      isFollowing("secrets"),
      /^release records in Secrets: refused by the fault proxy$/,
      "release records in Secrets",
    ],
    HelmReleases: [isFollowing("helmreleases"), /^HelmRelease: refused by the fault proxy$/, "HelmRelease"],
    "a kind": [isFollowing("roles"), /^Role: refused by the fault proxy$/, "Role"],
  };
  for (const [what, [isRefused, said, named]] of Object.entries(blind)) {
    it(`where ${what} could not be watched, which is said once, and once that it is over`, async () => {
      const from = faulty.locker.logs.length;
      const refusing = faulty.proxy.refuse(isRefused, { status: 500 });
      faulty.proxy.cut(isRefused);
      await hasProblems(room, "web", message => said.test(message));
      await delay(3 * GRACE);
      refusing.end();
      await isRight();
      await faulty.locker.waitForLog(({ message }) => message === `watches ${named} again`);
      assert.deepEqual(told(from), [`can't watch ${named}: changes are not seen`, `watches ${named} again`]);
    });
  }

  it("where everything was refused for long, as for a missing right", async () => {
    const message = `roles.rbac.authorization.k8s.io is forbidden: User "locker" cannot watch resource "roles" in API group "rbac.authorization.k8s.io" at the cluster scope`;
    const refusing = faulty.proxy.refuse(request => isWatch(request) || isList(request), {
      status: 403,
      message,
    });
    faulty.proxy.cut(isWatch);
    await hasProblems(room, "web", said => said.includes("give the locker the rule"));
    await delay(LONG);
    const openedAt = noted(isWatch);
    refusing.end();
    await isRight();
    await isRight("pages");
    const times = [...openedAt.values()];
    assert.ok(times.length >= 7, `${times.length} watches`);
    assert.ok(Math.max(...times) - Math.min(...times) < TOGETHER + LATENESS, JSON.stringify([...openedAt]));
    await isReverted(room, page, byPatch(room, page, { data: { title: "By hand" } }));
  });

  it("where every state was told to have expired, with a list a second at most", async () => {
    let lists = 0;
    const isOfRoles = isFollowing("roles");
    const counting = faulty.proxy.refuse(
      request => {
        if (isOfRoles(request) && !isWatch(request)) lists++;
        return isOfRoles(request) && isWatch(request);
      },
      { status: 410 },
    );
    const from = faulty.locker.logs.length;
    faulty.proxy.cut(isOfRoles);
    await delay(EXPIRING * 1000);
    assert.ok(lists > 1 && lists <= EXPIRING + 2, `${lists} lists in ${EXPIRING} s`);
    counting.end();
    await isRight();
    await untilSeen(
      () => Promise.resolve(told(from).at(-1) === "watches Role again"),
      "the line of the log that it is over",
    );
    await isReverted(room, role, byPatch(room, role, { rules: [] }));
  });

  it("where its connections fell silent", async () => {
    const from = faulty.locker.logs.length;
    faulty.proxy.silence();
    await isReverted(room, role, byPatch(room, role, { rules: [] }), AFTER_SILENCE);
    await isReverted(room, page, byPatch(room, page, { data: { title: "By hand" } }));
    await isRight();
    await isRight("pages");
    await isQuiet(from);
  });

  it("where its connections fell silent, and then those were cut that were in use", async () => {
    const from = faulty.locker.logs.length;
    faulty.proxy.silence();
    faulty.proxy.cut(() => true);
    await isReverted(room, role, byPatch(room, role, { rules: [] }), CUT);
    await isReverted(room, page, byPatch(room, page, { data: { title: "By hand" } }));
    await isRight();
    await isRight("pages");
    await isQuiet(from);
  });

  it("where the API server was gone, which is said once", async () => {
    const from = faulty.locker.logs.length;
    await room.controlPlane.stopApiServer();
    await delay(3 * GRACE);
    await room.controlPlane.startApiServer();
    await isRight();
    await isReverted(room, role, byPatch(room, role, { rules: [] }));
    await faulty.locker.waitForLog(({ message }) => /^watches .* again/.test(message));
    const lines = told(from);
    if (!LATE) assert.ok(lines.filter(line => line.startsWith("can't")).length <= 2, lines.join("\n"));
  });
});

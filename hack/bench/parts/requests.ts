import { setTimeout as delay } from "node:timers/promises";
import type { Testbed } from "../../locker/testbed";
import { revert } from "../drift";
import { isObjectWrite, isRecordRead, requestsDuring } from "../requested";
import type { Part, Row } from "../row";
import { withLocker, type Stand } from "../stand";

const REVERTS = 200;

/** Milliseconds until a started locker, including Pepr, has nothing more to do. */
const SETTLING = 15_000;
const IDLE = 60_000;

/** Which requests the locker makes, according to the API server's audit log. */
export const requests: Part = {
  name: "requests",
  about: "requests of a revert, of a start, and of an idle minute",
  run: effort =>
    withLocker({ releases: 10, objects: 20 }, async stand => [
      ...(await ofReverts(stand, effort.of(REVERTS))),
      ...(await ofStart(stand)),
      await ofIdleTime(stand.testbed, effort.of(IDLE)),
    ]),
};

async function ofReverts({ testbed, watch, names }: Stand, reverts: number): Promise<Row[]> {
  const began = performance.now();
  const seen = await requestsDuring(testbed, reverts, async () => {
    for (let done = 0; done < reverts; done++) await revert(testbed, watch, names[done % names.length] ?? "");
  });
  const passed = (performance.now() - began) / 1000;
  const checks = seen.filter(isRecordRead).length / reverts;
  const writes = seen.filter(isObjectWrite).length / reverts;
  const statuses = seen.filter(({ objectRef }) => objectRef?.resource === "helmreleases").length;
  const events = seen.filter(({ objectRef }) => objectRef?.resource === "events").length;
  return [
    {
      measure: "reads of release records a revert",
      target: "<= 2",
      figure: checks.toFixed(2),
      isMet: checks <= 2,
    },
    { measure: "writes to the object a revert", target: "1", figure: writes.toFixed(2), isMet: writes === 1 },
    {
      measure: `Events and status writes, ${reverts} reverts of 10 releases in ${passed.toFixed(1)} s`,
      target: "<= 1 a second and HelmRelease each",
      figure: `${events} and ${statuses}`,
      isMet: Math.max(events, statuses) <= 10 * Math.ceil(passed + 1),
    },
  ];
}

async function ofStart({ testbed, seeded, names }: Stand): Promise<Row[]> {
  await testbed.locker.stop();
  const seen = await requestsDuring(testbed, 0, async () => {
    await testbed.startLocker();
    await delay(SETTLING);
  });
  const reads = seen.filter(isRecordRead).length / seeded.length;
  const lists = seen.filter(
    ({ verb, objectRef, requestURI }) =>
      verb === "list" &&
      objectRef?.resource === "configmaps" &&
      isOfObjects(requestURI) &&
      isFirstPage(requestURI),
  );
  const objects = seen.filter(
    ({ verb, objectRef }) => verb !== "list" && verb !== "watch" && objectRef?.resource === "configmaps",
  );
  return [
    {
      measure: "reads of release records a release at a start",
      target: "<= 2",
      figure: reads.toFixed(2),
      isMet: reads <= 2,
    },
    {
      measure: `LISTs of the objects' kind at a start (${names.length} objects)`,
      target: "1",
      figure: String(lists.length),
      isMet: lists.length === 1,
    },
    {
      measure: "requests for objects that are right at a start",
      target: "0",
      figure: String(objects.length),
      isMet: objects.length === 0,
    },
  ];
}

async function ofIdleTime(testbed: Testbed, milliseconds: number): Promise<Row> {
  const seen = await requestsDuring(testbed, 0, () => delay(milliseconds));
  const others = seen
    .filter(({ verb }) => verb !== "watch")
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
  return {
    measure: `requests but watches in ${milliseconds / 1000} idle seconds`,
    target: "0",
    figure: others.length === 0 ? "0" : `${others.length}: ${[...new Set(others)].join(", ").slice(0, 200)}`,
    isMet: others.length === 0,
  };
}

/** Whether a request is about tracked objects: Helm's records in ConfigMaps are also watched. */
function isOfObjects(requestURI: string): boolean {
  return requestURI.includes("managed-by");
}

/** Further pages belong to the same list. */
function isFirstPage(requestURI: string): boolean {
  return !/continue=[^&]/.test(requestURI);
}

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inParallel } from "../hack/bench/seed";
import { CommandError } from "../hack/lib/command";
import {
  helmRelease,
  isLocked,
  register,
  REGISTRATION_NAMESPACE,
  untilStatus,
} from "../hack/locker/helm-release";
import { helms } from "./support/both-helms";
import { isReverted, postSentinel, stands } from "./support/changes";
import { writeChart } from "./support/chart";
import { controllers, pathIn, type Controlled } from "./support/controllers";
import { define, definition, version } from "./support/definitions";
import { metricIs } from "./support/queue";
import { NAMESPACE, Room } from "./support/room";

const TWIN = "twin";

/** Each case is a release of its own, so that each has an upgrade of its own. */
const cases = Object.entries(controllers).map(([what, controlled], index) => ({
  what,
  controlled,
  release: `case-${index}`,
}));

for (const helm of helms) {
  describe(`what well-known controllers do to releases of ${helm}`, () => {
    let room: Room;
    const charts = new Map<string, string>();

    /** Runs Helm on a release in a namespace. @returns what it says if it fails, without names of the namespace */
    async function run(verb: "install" | "upgrade", release: string, namespace: string): Promise<string> {
      const chart = charts.get(release) ?? "";
      try {
        await room.controlPlane[helm]([verb, release, chart, "--namespace", namespace]);
        return "";
      } catch (error) {
        if (error instanceof CommandError) return error.stderr.replaceAll(namespace, "NAMESPACE");
        throw error;
      }
    }

    before(async () => {
      room = await Room.open();
      await room.kubectl("create", "namespace", TWIN);
      await define(room, definition("argoproj.io", "Application", [version("v1alpha1")]));
      await define(room, definition("example.com", "Database"));
      await postSentinel(room);
      await inParallel(cases, async ({ release, controlled }) => {
        const templates = { object: controlled.object };
        charts.set(release, await writeChart(room.controlPlane.directory, release, { templates }));
        for (const namespace of [NAMESPACE, TWIN]) assert.equal(await run("install", release, namespace), "");
        await register(room, helmRelease(release));
        await isLocked(room, release);
      });
    });
    after(() => room.close());

    it("is nothing at first", async () => {
      for (const { release } of cases) assert.equal((await isLocked(room, release)).ignored, 0);
    });

    for (const { what, controlled, release } of cases) {
      describe(what, () => {
        const path = pathIn(NAMESPACE, controlled);
        const { by, isByName, hand, conflict, writes, isLeftAnyway } = controlled;
        const count = isLeftAnyway === true ? 0 : writes.length;

        if (isByName)
          for (const other of ["kubectl-edit", "homemade-operator"])
            it(`goes back where ${other} writes it`, () =>
              isReverted(room, path, () => writeAs(room, NAMESPACE, controlled, other)));

        it("stays", () => stands(room, path, () => writeAs(room, NAMESPACE, controlled, by)));

        it("is counted in the status, and among the metrics", async () => {
          const { ignored } = await untilStatus(room, release, ({ ignored }) => ignored === count);
          const metric = `helm_locker_ignored_fields{release_namespace="${NAMESPACE}",release="${release}"}`;
          await metricIs(room.locker, metric, value => value === ignored);
        });

        it("stays while what the chart says elsewhere goes back", () =>
          isReverted(room, path, () => room.api.patch(path, hand)));

        it("is still counted once the rest went back", async () => {
          await untilStatus(room, release, ({ ignored }) => ignored === count);
        });

        it("leaves a release whose upgrade ends as that of a twin without a locker", async () => {
          await writeAs(room, TWIN, controlled, by);
          const [end = "", twins] = await Promise.all(
            [NAMESPACE, TWIN].map(namespace => run("upgrade", release, namespace)),
          );
          assert.equal(end, twins);
          const isRefused = helm === "helm4" && conflict !== undefined;
          assert.equal(end !== "", isRefused, end);
          if (isRefused)
            for (const said of [`conflict with "${by}"`, conflict]) assert.ok(end.includes(said), end);
        });
      });
    }

    it("is shown by kubectl", async () => {
      const { controlPlane } = room;
      const table = await controlPlane.kubectl(["get", "hrl", "-n", REGISTRATION_NAMESPACE, "-o", "wide"]);
      assert.match(table, /^NAME .* IGNORED /);
    });
  });
}

/** Writes what a controller writes, under any name. */
async function writeAs(
  room: Room,
  namespace: string,
  controlled: Controlled,
  manager: string,
): Promise<void> {
  await room.api.patch(pathIn(namespace, controlled), controlled.writes, manager);
}

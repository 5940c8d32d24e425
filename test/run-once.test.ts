import { after, before, describe, it } from "node:test";
import { collection, type Body } from "../hack/lib/objects";
import { isLocked } from "../hack/locker/helm-release";
import { becomes, openLocked, staysAway } from "./support/changes";
import { define, definition, version } from "./support/definitions";
import { NAMESPACE, Room } from "./support/room";

/** A kind of which each object does its work once: how it is finished, and how it says when to clear it away. */
interface Kind {
  readonly group: string;
  readonly version: string;
  readonly hasStatusSubresource: boolean;
  readonly spec: Body;
  readonly running: Body;
  readonly finished: Body;
}

const AT = "2026-11-25T12:00:00Z";

const kinds: Record<string, Kind> = {
  Workflow: {
    group: "argoproj.io",
    version: "v1alpha1",
    hasStatusSubresource: false,
    spec: { entrypoint: "main", ttlStrategy: { secondsAfterCompletion: 60 } },
    running: { phase: "Running", startedAt: AT, finishedAt: null },
    finished: { phase: "Succeeded", startedAt: AT, finishedAt: AT },
  },
  Restore: {
    group: "velero.io",
    version: "v1",
    hasStatusSubresource: false,
    spec: { backupName: "nightly", includedNamespaces: ["*"] },
    running: { phase: "InProgress", startTimestamp: AT },
    finished: { phase: "PartiallyFailed", startTimestamp: AT, completionTimestamp: AT },
  },
  Backup: {
    group: "velero.io",
    version: "v1",
    hasStatusSubresource: false,
    spec: { ttl: "720h0m0s" },
    running: { phase: "New" },
    finished: { phase: "Completed", completionTimestamp: AT },
  },
  PipelineRun: {
    group: "tekton.dev",
    version: "v1",
    hasStatusSubresource: true,
    spec: { pipelineRef: { name: "build" } },
    running: { startTime: AT, conditions: [{ type: "Succeeded", status: "Unknown", reason: "Running" }] },
    finished: {
      startTime: AT,
      completionTime: AT,
      conditions: [{ type: "Succeeded", status: "False", reason: "Failed" }],
    },
  },
  RayJob: {
    group: "ray.io",
    version: "v1",
    hasStatusSubresource: true,
    spec: { entrypoint: "python job.py", ttlSecondsAfterFinished: 60 },
    running: { jobStatus: "RUNNING", startTime: AT },
    finished: { jobStatus: "SUCCEEDED", startTime: AT, endTime: AT, jobDeploymentStatus: "Complete" },
  },
};

/** What says a time to live, too, and is there for good. */
const lasting: Record<string, Body> = {
  CronWorkflow: { schedule: "0 0 * * *", workflowSpec: { ttlStrategy: { secondsAfterCompletion: 60 } } },
  WorkflowTemplate: { entrypoint: "main", ttlStrategy: { secondsAfterCompletion: 60 } },
  DNSRecord: { type: "A", ttl: 300, values: ["192.0.2.1"] },
  Schedule: { schedule: "0 0 * * *", template: { ttl: "720h0m0s" } },
};
const LASTING = "lasting.example.com";

const states = ["running", "finished", "gone-meanwhile"] as const;

function path(kind: string, name: string): string {
  const { group, version } = kinds[kind] ?? { group: LASTING, version: "v1" };
  return `${collection(`${group}/${version}`, `${kind.toLowerCase()}s`, NAMESPACE)}/${name}`;
}

const templates = Object.fromEntries([
  ...Object.entries(kinds).flatMap(([kind, { group, version, spec }]) =>
    states.map((name): [string, Body] => [
      `${kind}-${name}`,
      { apiVersion: `${group}/${version}`, kind, metadata: { name }, spec },
    ]),
  ),
  ...Object.entries(lasting).map(([kind, spec]): [string, Body] => [
    kind,
    { apiVersion: `${LASTING}/v1`, kind, metadata: { name: "here" }, spec },
  ]),
]);

describe("custom resources that do their work once", () => {
  let room: Room;
  before(async () => {
    room = await openLocked({ templates }, async opened => {
      for (const [kind, { group, version: name, hasStatusSubresource }] of Object.entries(kinds)) {
        const more = hasStatusSubresource ? { subresources: { status: {} } } : {};
        await define(opened, definition(group, kind, [version(name, more)]));
      }
      for (const kind of Object.keys(lasting)) await define(opened, definition(LASTING, kind));
    });
  });
  after(() => room.close());

  const says = async (kind: string, name: string, status: Body | undefined) => {
    const at = path(kind, name) + (kinds[kind]?.hasStatusSubresource === true ? "/status" : "");
    await room.api.edit(`${at}?fieldManager=controller`, { status });
  };

  const comesBack = async (at: string, after: () => Promise<unknown>) => {
    const { uid } = (await room.api.read(at)).metadata;
    await after();
    await becomes(room, at, now => now !== undefined && now.metadata.uid !== uid);
  };

  for (const [kind, { running, finished }] of Object.entries(kinds)) {
    it(`are made again before they have begun, and while they run: ${kind}`, async () => {
      const at = path(kind, "running");
      await comesBack(at, () => room.api.delete(at));
      await says(kind, "running", running);
      await comesBack(at, () => room.api.delete(at));
      await isLocked(room, "web");
    });

    it(`are not run again once finished: ${kind}`, async () => {
      await says(kind, "finished", running);
      await says(kind, "finished", finished);
      await room.api.delete(path(kind, "finished"));
      await staysAway(room, path(kind, "finished"));
      await isLocked(room, "web");
    });
  }

  describe("that are cleared away while no locker runs", () => {
    before(async () => {
      for (const [kind, { finished }] of Object.entries(kinds)) await says(kind, "gone-meanwhile", finished);
      await room.locker.stop();
      for (const kind of Object.keys(kinds)) await room.api.delete(path(kind, "gone-meanwhile"));
      for (const kind of Object.keys(lasting)) await room.api.delete(path(kind, "here"));
      await room.startLocker();
    });

    for (const kind of Object.keys(kinds)) {
      it(`are not run again: ${kind}`, async () => {
        await staysAway(room, path(kind, "gone-meanwhile"));
        await staysAway(room, path(kind, "finished"));
        await isLocked(room, "web");
      });
    }

    for (const kind of Object.keys(lasting)) {
      it(`are made again where they are there for good: ${kind}`, async () => {
        await becomes(room, path(kind, "here"), now => now !== undefined);
      });
    }
  });
});

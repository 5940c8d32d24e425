import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startControlPlane } from "../../hack/clusters/control-plane";
import { configMap, configMapPath } from "../../hack/lib/objects";
import {
  ask,
  CLAIM,
  helmRelease,
  helmReleasePath,
  isAtRest,
  isUnlocked,
  lock,
  register,
  untilStatus,
} from "../../hack/locker/helm-release";
import { isReverted } from "../support/changes";
import { command, type Printed } from "../support/command";
import { joined } from "../support/joined";
import { Room } from "../support/room";
import { RunningCommand } from "../support/running-command";
import { timeless } from "../support/timeless";
import { untilHistory } from "../support/told";

const NAMESPACE = "stall";
const HEADER = "RELEASE  HELMRELEASE  MODE  READY  DRIFTED  LAST DRIFT  AGE\n";

const STATUS = `${HEADER}stall/bought  bought  enabled  True  False  <age>  <age>
stall/foreign  foreign  -  -  -  -  <age>
stall/later  later  enabled  False  -  -  <age>
stall/resting  resting  suspended  True  -  -  <age>
stall/watched  watched  warn  True  True  <age>  <age>
`;

const WIDE = `RELEASE  HELMRELEASE  MODE  READY  DRIFTED  LAST DRIFT  AGE  STATE  REVISION  TRACKED  IGNORED  MESSAGE
stall/watched  watched  warn  True  True  <age>  <age>  Deployed  1  1  0  Every change that Helm did not make is told of; none is reverted.
`;

const HISTORY = `TIME  COUNT  OBJECT  OPERATION  FIELDS  BY  ACTION  TOOK
<time>  1  ConfigMap stall/bought  Edited  /data/color  second-hand  Reverted  <took>
<time>  1  ConfigMap stall/bought  Edited  /data/color  hand  Reverted  <took>
`;

describe("tables of locks", () => {
  let room: Room;
  const settings = configMapPath(NAMESPACE, "bought");

  const edit = (name: string, color: string, manager = "hand") =>
    room.api.edit(`${configMapPath(NAMESPACE, name)}?fieldManager=${manager}`, { data: { color } });

  before(async () => {
    room = await Room.open();
    await room.controlPlane.kubectl(["create", "namespace", NAMESPACE]);
    const target = { namespace: NAMESPACE };
    for (const name of ["bought", "watched", "resting"]) {
      const chart = { templates: { settings: configMap(name, { color: "blue" }) } };
      await room.install(name, chart, "--namespace", NAMESPACE);
    }
    await lock(room, "bought", target);
    await isReverted(room, settings, () => edit("bought", "red"));
    await isReverted(room, settings, () => edit("bought", "red", "second-hand"));
    await untilHistory(room, "bought", told => told.length === 2);
    const modeWarn = { driftDetection: { mode: "warn" } };
    await register(room, helmRelease("watched", { ...target, spec: modeWarn }));
    await isAtRest(room, "watched", "Warn");
    await edit("watched", "red");
    await untilStatus(room, "watched", ({ drift }) => drift.length > 0);
    await untilHistory(room, "watched", told => told.length === 1);
    await register(room, helmRelease("resting", { ...target, spec: { suspend: true } }));
    await isAtRest(room, "resting", "Suspended");
    await register(room, helmRelease("later", target));
    await isUnlocked(room, "later", "SecretNotFound");
    const annotations = { [CLAIM]: "other" };
    await register(room, helmRelease("foreign", { ...target, metadata: { annotations } }));
    await lock(room, await elsewhere());
  });
  after(() => room.close());

  /** A release of another namespace. */
  async function elsewhere(): Promise<string> {
    return (await room.installFresh()).release;
  }

  async function prints(args: string, expected: Partial<Printed>): Promise<void> {
    const { stdout, stderr, code } = await command(room.controlPlane, ...args.split(" "));
    assert.deepEqual(
      { stdout: timeless(stdout), stderr, code },
      { stdout: "", stderr: "", code: 0, ...expected },
    );
  }

  async function start(args: string): Promise<RunningCommand> {
    return RunningCommand.start(room.controlPlane.kubeconfig, ...args.split(" "));
  }

  it("show each HelmRelease, of one namespace or of all", async () => {
    await prints(`status -n ${NAMESPACE}`, { stdout: STATUS });
    await prints(`status -n ${NAMESPACE} --no-headers`, { stdout: STATUS.slice(HEADER.length) });
    await prints("status -A", {
      stdout: `${HEADER}shop/web-1  web-1  enabled  True  False  -  <age>\n${STATUS.slice(HEADER.length)}`,
    });
    await prints("status", { stderr: "No HelmRelease found of releases in namespace default.\n" });
  });

  it("show one release", async () => {
    await prints(`status ${NAMESPACE}/watched -o wide`, { stdout: WIDE });
    await prints(`status foreign -n ${NAMESPACE} --no-headers`, {
      stdout: "stall/foreign  foreign  -  -  -  -  <age>\n",
    });
  });

  it("have formats for programs", async () => {
    await prints(`status -n ${NAMESPACE} -o name`, {
      stdout: ["bought", "foreign", "later", "resting", "watched"]
        .map(name => `helmrelease.helm.cattle.io/${name}\n`)
        .join(""),
    });
    const facts = {
      context: "embedded",
      release: { name: "watched", namespace: NAMESPACE },
      helmRelease: { namespace: "cattle-helm-system", name: "watched" },
      controller: "helm-locker",
      mode: "warn",
      ready: "True",
      drifted: "True",
      lastDrift: "<time>",
      reason: "Warn",
      message: "Every change that Helm did not make is told of; none is reverted.",
      state: "Deployed",
      revision: 1,
      objects: { tracked: 1, drifted: 1, ignored: 0, blocked: 0 },
      ignored: 0,
      since: "<time>",
    };
    await prints(`status watched -n ${NAMESPACE} -o json`, { stdout: `${JSON.stringify(facts)}\n` });
    await prints(`status watched -n ${NAMESPACE} -o yaml`, {
      stdout: `---
context: embedded
release:
  name: watched
  namespace: stall
helmRelease:
  namespace: cattle-helm-system
  name: watched
controller: helm-locker
mode: warn
ready: "True"
drifted: "True"
lastDrift: <time>
reason: Warn
message: Every change that Helm did not make is told of; none is reverted.
state: Deployed
revision: 1
objects:
  tracked: 1
  drifted: 1
  ignored: 0
  blocked: 0
ignored: 0
since: <time>
`,
    });
  });

  it("show what was changed, the newest first", async () => {
    await prints(`history bought -n ${NAMESPACE}`, { stdout: HISTORY });
    await prints(`history later -n ${NAMESPACE}`, {
      stderr: "No change of release stall/later is known to helmrelease.helm.cattle.io/later.\n",
    });
    await prints(`history bought -n ${NAMESPACE} -o name`, { stdout: "ConfigMap stall/bought\n" });
    const { stdout } = await command(room.controlPlane, "history", "bought", "-n", NAMESPACE, "-o", "json");
    const lines = timeless(stdout.replaceAll(/"tookMs":\d+/g, '"tookMs":0'))
      .trimEnd()
      .split("\n");
    const entry = (manager: string) => ({
      time: "<time>",
      count: 1,
      object: "ConfigMap stall/bought",
      operation: "Edited",
      fields: ["/data/color"],
      by: [manager],
      action: "Reverted",
      tookMs: 0,
    });
    assert.deepEqual(
      lines.map(line => JSON.parse(line) as unknown),
      [entry("second-hand"), entry("hand")],
    );
  });

  it("go on in a pipe with each row that changes, until they are interrupted", async () => {
    const status = await start(`status -n ${NAMESPACE} -w`);
    await status.until(({ stdout }) => timeless(stdout) === STATUS, "the table");
    await ask(room, "resting", { suspend: null });
    const resumed = "stall/resting  resting  enabled  True  False  -  <age>\n";
    await status.until(({ stdout }) => timeless(stdout).endsWith(resumed), "the lock that is resumed");
    await room.api.delete(helmReleasePath("resting"));
    const gone = "stall/resting  resting  (deleted)  True  False  -  <age>\n";
    await status.until(({ stdout }) => timeless(stdout).endsWith(gone), "the lock that is gone");
    const { stdout, stderr, code } = await status.end("SIGINT");
    assert.deepEqual([stderr, code], ["", 0]);
    const later = timeless(stdout).slice(STATUS.length).trimEnd().split("\n");
    assert.ok(
      later.every(line => line.startsWith("stall/resting  resting  ")),
      stdout,
    );
  });

  it("of a history go on in a pipe from the oldest on", async () => {
    const history = await start(`history bought -n ${NAMESPACE} -w`);
    const [header, second, first] = HISTORY.split("\n");
    const before = [header, first, second, ""].join("\n");
    await history.until(({ stdout }) => timeless(stdout) === before, "the table");
    await isReverted(room, settings, () => edit("bought", "red", "third-hand"));
    const third = "<time>  1  ConfigMap stall/bought  Edited  /data/color  third-hand  Reverted  <took>\n";
    await history.until(({ stdout }) => timeless(stdout) === before + third, "the third change");
    const { stderr, code } = await history.end("SIGINT");
    assert.deepEqual([stderr, code], ["", 0]);
  });

  it("show several clusters, and name those that can't be asked", async () => {
    const bare = await startControlPlane();
    try {
      const kubeconfig = await joined(room, bare.kubeconfig);
      const args = ["status", "watched", "-n", NAMESPACE, "--context", "em*", "--context", "bare"];
      const { stdout, stderr, code } = await command({ kubeconfig }, ...args);
      assert.equal(
        timeless(stdout),
        "CONTEXT  RELEASE  HELMRELEASE  MODE  READY  DRIFTED  LAST DRIFT  AGE\nembedded  stall/watched  watched  warn  True  True  <age>  <age>\n",
      );
      assert.match(stderr, /^error: bare: the cluster knows no HelmReleases: .*\n$/);
      assert.equal(code, 1);
      const all = await command({ kubeconfig }, ...args.slice(0, -4), "--context", "*");
      assert.match(all.stderr, /^error: away: the cluster can't be reached: .*\n/m);
    } finally {
      await bare.stop();
    }
  });

  it("go on when the API server is back", async () => {
    const status = await start("status -A -w --no-headers");
    await status.until(({ stdout }) => stdout.includes("stall/watched"), "the table");
    await room.controlPlane.stopApiServer();
    await status.until(
      ({ stderr }) =>
        /^warning: embedded: the cluster can't be reached: .*; it is tried again\n/.test(stderr),
      "the warning",
    );
    await room.controlPlane.startApiServer();
    await room.api.delete(helmReleasePath("later"));
    await status.until(
      ({ stdout }) => /stall\/later +later +\(deleted\)/.test(stdout),
      "the lock that is gone",
    );
    assert.equal((await status.end("SIGTERM")).code, 0);
  });
});

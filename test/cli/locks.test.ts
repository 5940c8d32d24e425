import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { startControlPlane } from "../../hack/clusters/control-plane";
import type { Body } from "../../hack/lib/objects";
import { untilSeen } from "../../hack/lib/patience";
import {
  CLAIM,
  helmRelease,
  helmReleasePath,
  isAtRest,
  isLocked,
  register,
  untilStatus,
} from "../../hack/locker/helm-release";
import { becomes, byPatch, isReverted } from "../support/changes";
import { command, type Printed } from "../support/command";
import { joined } from "../support/joined";
import { NAMESPACE, Room } from "../support/room";
import { RunningCommand } from "../support/running-command";
import { timeless } from "../support/timeless";

const HOUR = 3_600_000;
const WAIT = "To wait until it is locked: helm-locker wait";

describe("locks by the command", () => {
  let room: Room;
  before(async () => {
    room = await Room.withoutLocker();
  });
  after(() => room.close());

  const run = (...args: string[]): Promise<Printed> => command(room.controlPlane, ...args);
  const nameOf = (name: string) => `helmrelease.helm.cattle.io/${name}`;

  /** Runs the command in the releases' namespace, and compares all that it prints. */
  async function prints(args: string, expected: Partial<Printed>, input = ""): Promise<void> {
    const setting = { kubeconfig: room.controlPlane.kubeconfig, input };
    const { stdout, stderr, code } = await command(setting, ...args.split(" "), "-n", NAMESPACE);
    const printed = { stdout: timeless(stdout), stderr, code };
    assert.deepEqual(printed, { stdout: "", stderr: "", code: 0, ...expected });
  }

  async function fails(args: string, message: string, input?: string): Promise<void> {
    await prints(args, { stderr: `error: ${message}\n`, code: 1 }, input);
  }

  async function specOf(name: string): Promise<Body> {
    return z.record(z.string(), z.unknown()).parse((await room.api.read(helmReleasePath(name))).spec);
  }

  describe("where no locker runs", () => {
    let release: string;
    before(async () => {
      ({ release } = await room.installFresh());
    });

    it("are made, and nobody says anything of them", async () => {
      await prints(`lock ${release}`, {
        stdout: `${nameOf(release)} created\n`,
        stderr: `${WAIT} ${release} -n ${NAMESPACE} --for locked\n`,
      });
      await fails(
        `wait ${release} --for locked --timeout 1s`,
        `release ${NAMESPACE}/${release} is not locked after 1s: no locker has said anything of HelmRelease ${release}: is one running?`,
      );
    });

    it("are suspended, and the way out is named if nobody follows", async () => {
      await prints(`suspend ${release}`, {
        stdout: `${nameOf(release)} suspended until <time>\n`,
        stderr: `error: no locker has followed HelmRelease ${release} within 5 s. Is one running? kubectl get deployments --all-namespaces | grep helm-locker. If one hangs, stop it: kubectl scale deployment helm-locker --namespace helm-locker --replicas 0\n`,
        code: 1,
      });
      await prints(`resume ${release}`, {
        stdout: `${nameOf(release)} resumed\n`,
        stderr: `error: no locker has followed HelmRelease ${release} within 5 s. Is one running? kubectl get deployments --all-namespaces | grep helm-locker.\n`,
        code: 1,
      });
    });
  });

  describe("where a locker runs", () => {
    before(() => room.startLocker());

    /** A release that the command has locked. */
    async function locked(...flags: string[]): Promise<{ release: string; settings: string }> {
      const fresh = await room.installFresh();
      assert.equal((await run("lock", fresh.release, "-n", NAMESPACE, ...flags)).code, 0);
      return fresh;
    }

    async function another(release: string, spec: Body = {}): Promise<string> {
      const name = `${release}-other`;
      await register(room, helmRelease(name, { release, spec }));
      return name;
    }

    it("revert changes, and are in the name of the command", async () => {
      const { release, settings } = await locked();
      await prints(`wait ${release} --for locked`, { stdout: `${nameOf(release)} is locked\n` });
      await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
      const { spec, metadata } = await room.api.read(helmReleasePath(release));
      assert.deepEqual(spec, { release: { name: release, namespace: NAMESPACE } });
      assert.match(JSON.stringify(metadata.managedFields), /"manager":"helm-locker-cli"/);
    });

    it("are named NAMESPACE/NAME, too", async () => {
      const { release } = await room.installFresh();
      assert.deepEqual(await run("lock", `${NAMESPACE}/${release}`, "--mode", "warn"), {
        stdout: `${nameOf(release)} created\n`,
        stderr: "",
        code: 0,
      });
      await isAtRest(room, release, "Warn");
    });

    it("are changed by lock if flags are given, and else left as they are", async () => {
      const { release } = await locked();
      const tells = (mode: string) => ({
        stdout: `${nameOf(release)} unchanged\n`,
        stderr: `release ${NAMESPACE}/${release} is locked by it already, in mode ${mode}\n`,
      });
      await prints(`lock ${release}`, tells("enabled"));
      await prints(`lock ${release} --mode warn`, { stdout: `${nameOf(release)} configured\n` });
      await prints(`lock ${release} --mode warn`, { stdout: `${nameOf(release)} unchanged\n` });
      await prints(`lock ${release}`, tells("warn"));
      await isAtRest(room, release, "Warn");
      await prints(`suspend ${release} --forever`, {
        stdout: `${nameOf(release)} suspended until it is resumed\n`,
      });
      await prints(`lock ${release}`, tells("suspended"));
      await prints(`resume ${release}`, { stdout: `${nameOf(release)} resumed\n` });
    });

    it("are given the policy of a file, each field as a whole, and nothing else is touched", async () => {
      const { release } = await locked("--mode", "warn");
      await room.api.edit(helmReleasePath(release), {
        spec: { suspend: true, driftDetection: { additions: "Keep" } },
      });
      const file = JSON.stringify({
        driftDetection: { ignore: [{ paths: ["/data/color"] }], recordDiff: "Values" },
      });
      const waits = { stderr: `${WAIT} ${release} -n ${NAMESPACE} --for locked\n` };
      await prints(`lock ${release} -f -`, { stdout: `${nameOf(release)} configured\n`, ...waits }, file);
      const named = { release: { name: release, namespace: NAMESPACE } };
      const driftDetection = { ignore: [{ paths: ["/data/color"] }], recordDiff: "Values" };
      assert.deepEqual(await specOf(release), { ...named, suspend: true, driftDetection });
      await prints(
        `lock ${release} -f - --mode disabled`,
        { stdout: `${nameOf(release)} configured\n` },
        "suspend: false\n",
      );
      assert.deepEqual(await specOf(release), {
        ...named,
        suspend: false,
        driftDetection: { ...driftDetection, mode: "disabled" },
      });
    });

    it("have the name of the release and its namespace where its own is taken", async () => {
      const { release } = await room.installFresh();
      await register(room, helmRelease(release, { release: "never-installed" }));
      const second = `${release}.${NAMESPACE}`;
      await prints(`lock ${release}`, {
        stdout: `${nameOf(second)} created\n`,
        stderr: `${WAIT} ${release} -n ${NAMESPACE} --for locked\n`,
      });
      await isLocked(room, second);
      await prints(`unlock ${release}`, { stdout: `${nameOf(second)} deleted\n` });
      await register(room, helmRelease(second, { release: "never-installed" }));
      await fails(
        `lock ${release}`,
        `there are HelmReleases ${release} and ${second} already, of other releases`,
      );
    });

    it("of what is not installed yet are made with a warning, and lock it once it is", async () => {
      const { release } = await room.installFresh();
      const waits = (name: string) => `${WAIT} ${name} -n ${NAMESPACE} --for locked\n`;
      await prints(`lock ${release}x`, {
        stdout: `${nameOf(`${release}x`)} created\n`,
        stderr: `warning: there is no release ${release}x in namespace ${NAMESPACE} yet; did you mean "${release}"?\n${waits(`${release}x`)}`,
      });
      await prints("lock something-else", {
        stdout: `${nameOf("something-else")} created\n`,
        stderr: `warning: there is no release something-else in namespace ${NAMESPACE} yet; it is locked once Helm installs it\n${waits("something-else")}`,
      });
      await room.install("something-else", { templates: {} });
      await prints("wait something-else --for locked", { stdout: `${nameOf("something-else")} is locked\n` });
    });

    it("are not made of a file that is wrong", async () => {
      const { release } = await room.installFresh();
      const cases: [text: string, message: string][] = [
        ["suspend: sure", "spec.suspend: Invalid input: expected boolean, received string"],
        ["driftDetection: {ignor: []}", "there is no field spec.driftDetection.ignor"],
        [
          "driftDetection: {ignore: [{paths: [/a], target: {kinds: x}}]}",
          "there is no field spec.driftDetection.ignore.0.target.kinds",
        ],
        ["suspendUntil: 2030-01-01T00:00:00Z", "spec.suspendUntil needs spec.suspend: true"],
      ];
      for (const [text, message] of cases)
        await fails(`lock ${release} -f -`, `the standard input: ${message}`, text);
      await fails(
        `lock ${release} -f -`,
        "the standard input holds no spec: write fields, as in suspend: true",
        "a word",
      );
      await fails(
        `lock ${release} -f -`,
        "the standard input holds a whole object: keep what is under its spec, without release",
        "spec: {}",
      );
      await fails(
        `lock ${release} -f -`,
        "the standard input names a release: leave that out, the argument names it",
        "release: {}",
      );
      await fails(
        `lock ${release} -f -`,
        "the standard input can't be read: Flow sequence must end with a ] at line 2, column 1",
        "[\n",
      );
      await fails(
        `lock ${release} -f /nowhere`,
        "/nowhere can't be read: ENOENT: no such file or directory, open '/nowhere'",
      );
      assert.equal(await room.api.get(helmReleasePath(release)), undefined);
    });

    it("are the oldest HelmRelease's where several name one release, and the others are named", async () => {
      const { release, settings } = await locked();
      await isLocked(room, release);
      const other = await another(release, { driftDetection: { mode: "warn" } });
      const others = {
        stderr: `release ${NAMESPACE}/${release} is also locked by HelmRelease ${other}; what ${release} asks for holds\n`,
      };
      await prints(`suspend ${release} --forever`, {
        stdout: `${nameOf(release)} suspended until it is resumed\n`,
        ...others,
      });
      await isAtRest(room, release, "Suspended");
      assert.deepEqual(await specOf(other), {
        driftDetection: { mode: "warn" },
        release: { name: release, namespace: NAMESPACE },
      });
      await prints(`resume ${release}`, { stdout: `${nameOf(release)} resumed\n`, ...others });
      await prints(`lock ${release} --mode disabled`, {
        stdout: `${nameOf(release)} configured\n`,
        ...others,
      });
      await fails(
        `unlock ${release}`,
        `release ${NAMESPACE}/${release} is locked by HelmRelease ${release}, whose policy holds, and by ${other}: to delete all of them, give --with-others; to delete one, kubectl delete hrl ${release} -n cattle-helm-system`,
      );
      await prints(`unlock ${release} --with-others`, {
        stdout: `${nameOf(other)} deleted\n${nameOf(release)} deleted\n`,
      });
      await becomes(room, helmReleasePath(other), now => now === undefined);
      assert.notEqual(await room.api.get(settings), undefined);
    });

    it("are the younger HelmRelease's where the older one never could be followed", async () => {
      const { release } = await room.installFresh();
      await register(
        room,
        helmRelease(`${release}-bad`, {
          release,
          spec: {
            suspendUntil: "2030-01-01T00:00:00Z",
            suspend: true,
            driftDetection: { ignore: [{ paths: ["/a"], target: { name: "(" } }] },
          },
        }),
      );
      const good = await another(release);
      await isLocked(room, good);
      await prints(`suspend ${release} --forever`, {
        stdout: `${nameOf(good)} suspended until it is resumed\n`,
        stderr: `release ${NAMESPACE}/${release} is also locked by HelmRelease ${release}-bad; what ${good} asks for holds\n`,
      });
      await isAtRest(room, good, "Suspended");
      const { code } = await run("unlock", release, "-n", NAMESPACE, "--with-others");
      assert.equal(code, 0);
    });

    it("are suspended for an hour, or as long as is asked, and resumed without a trace", async () => {
      const { release, settings } = await locked("--mode", "enabled");
      await isLocked(room, release);
      const before = Date.now();
      await prints(`suspend ${release} --reason INC-4711`, {
        stdout: `${nameOf(release)} suspended until <time>\n`,
      });
      const { suspendReason, suspendUntil } = await specOf(release);
      assert.equal(suspendReason, "INC-4711");
      const asked = Date.parse(String(suspendUntil)) - HOUR;
      assert.ok(asked > before - 1_000 && asked <= Date.now() + 1_000, `an hour from ${asked}`);
      const { conditions } = await isAtRest(room, release, "Suspended");
      assert.match(conditions.find(({ type }) => type === "Suspended")?.message ?? "", /INC-4711/);
      await prints(`wait ${release} --for suspended`, { stdout: `${nameOf(release)} is suspended\n` });
      await prints(`suspend ${release} --for 1d12h`, {
        stdout: `${nameOf(release)} suspended until <time>\n`,
      });
      const later = await specOf(release);
      assert.equal(later.suspendReason, "INC-4711");
      assert.ok(Date.parse(String(later.suspendUntil)) - before > 35 * HOUR);
      await prints(`suspend ${release} --forever --reason INC-4712`, {
        stdout: `${nameOf(release)} suspended until it is resumed\n`,
      });
      assert.equal((await specOf(release)).suspendUntil, undefined);
      await room.api.edit(settings, { data: { color: "red" } });
      await prints(`resume ${release}`, { stdout: `${nameOf(release)} resumed\n` });
      await becomes(room, settings, now => JSON.stringify(now).includes("blue"));
      assert.deepEqual(await specOf(release), {
        driftDetection: { mode: "enabled" },
        release: { name: release, namespace: NAMESPACE },
      });
      await prints(`resume ${release}`, { stdout: `${nameOf(release)} is not suspended\n` });
    });

    it("are all suspended and resumed, or all of one namespace", async () => {
      const names = ["crate", "pallet"];
      await room.controlPlane.kubectl(["create", "namespace", "warehouse"]);
      for (const name of names) {
        await room.install(name, { templates: {} }, "--namespace", "warehouse");
        assert.equal((await run("lock", name, "-n", "warehouse")).code, 0);
        await isLocked(room, name);
      }
      const { release } = await locked();
      const printed = async (...args: string[]) => {
        const { stdout, stderr, code } = await run(...args);
        const others = /^release \S+ is also locked by HelmRelease .*\n/gm;
        assert.deepEqual([stderr.replaceAll(others, ""), code], ["", 0]);
        return timeless(stdout).trimEnd().split("\n").sort();
      };
      const all = (words: string) => names.map(name => `${nameOf(name)} ${words}`);
      assert.deepEqual(await printed("suspend", "--all", "-n", "warehouse"), all("suspended until <time>"));
      for (const name of names) await isAtRest(room, name, "Suspended");
      assert.deepEqual(await printed("resume", "--all"), all("resumed"));
      const both = await printed("suspend", "--all", "--for", "5m");
      for (const name of [...names, release])
        assert.ok(both.includes(`${nameOf(name)} suspended until <time>`), both.join());
      await isAtRest(room, release, "Suspended");
      assert.deepEqual(
        await printed("suspend", "--all", "-n", "warehouse", "--for", "1m"),
        all("stays suspended for longer"),
      );
      // Helm passes the namespace of the context, too, which is none that --all is about.
      const env = { HELM_PLUGIN_NAME: "locker", HELM_NAMESPACE: "default" };
      const { kubeconfig } = room.controlPlane;
      const { stdout } = await command({ kubeconfig, env }, "resume", "--all");
      assert.deepEqual(
        stdout.trimEnd().split("\n").sort(),
        both.map(line => line.replace(/suspended.*/, "resumed")),
      );
      assert.deepEqual(await run("resume", "--all"), {
        stdout: "",
        stderr: "No HelmRelease is suspended.\n",
        code: 0,
      });
      assert.deepEqual(await run("suspend", "--all", "-n", "default"), {
        stdout: "",
        stderr: "No HelmRelease locks a release.\n",
        code: 0,
      });
    });

    it("are waited for until they have no drift, or it is said what stands against it", async () => {
      const { release, settings } = await locked("--mode", "warn");
      await isAtRest(room, release, "Warn");
      await room.api.edit(settings, { data: { color: "red" } });
      await untilStatus(room, release, ({ drift }) => drift.length > 0);
      await fails(
        `wait ${release} --for no-drift --timeout 1s`,
        `release ${NAMESPACE}/${release} is not without drift after 1s: ConfigMap ${NAMESPACE}/${release} differs (changed by kubectl): /data/color`,
      );
      await fails(
        `wait ${release} --for locked --timeout 0s`,
        `release ${NAMESPACE}/${release} is not locked after 0s: Every change that Helm did not make is told of; none is reverted.`,
      );
      const waiting = await RunningCommand.start(
        room.controlPlane.kubeconfig,
        ...["wait", `${NAMESPACE}/${release}`, "--for", "no-drift"],
      );
      await room.api.edit(settings, { data: { color: "blue" } });
      assert.deepEqual(await waiting.end(), {
        stdout: `${nameOf(release)} has no drift\n`,
        stderr: "",
        code: 0,
      });
    });

    it("are not waited for any longer once they are deleted", async () => {
      const { release } = await locked();
      await isLocked(room, release);
      await room.kubectl(
        "create",
        "clusterrolebinding",
        "waiter",
        "--clusterrole=cluster-admin",
        "--user=waiter",
      );
      const args = [
        "wait",
        release,
        "-n",
        NAMESPACE,
        "--for",
        "suspended",
        "--timeout",
        "1h",
        "--as",
        "waiter",
      ];
      const waiting = await RunningCommand.start(room.controlPlane.kubeconfig, ...args);
      const asked = async (verb: string) => {
        const events = await room.controlPlane.auditLog();
        return events.filter(event => event.impersonatedUser?.username === "waiter" && event.verb === verb);
      };
      await untilSeen(async () => (await asked("watch")).length > 0, "the watch");
      await room.api.delete(helmReleasePath(release));
      assert.deepEqual(await waiting.end(), {
        stdout: "",
        stderr: `error: HelmRelease ${release} no longer locks release ${NAMESPACE}/${release}, nor does another one\n`,
        code: 1,
      });
      // One list to begin with, and one of the watch.
      assert.equal((await asked("list")).length, 2);
    });

    it("that are nobody's, or another controller's, are not acted on", async () => {
      const { release } = await locked();
      const nobody = `no HelmRelease locks release ${NAMESPACE}/`;
      for (const verb of ["unlock", "suspend", "resume", "history", "status"]) {
        await fails(`${verb} ${release}x`, `${nobody}${release}x; did you mean "${release}"?`);
      }
      await fails(
        "suspend anything-else",
        `${nobody}anything-else. To lock it: helm-locker lock anything-else -n ${NAMESPACE}`,
      );
      assert.deepEqual(await run("suspend", release), {
        stdout: "",
        stderr: `error: no HelmRelease locks release default/${release}; did you mean ${NAMESPACE}/${release}?\n`,
        code: 1,
      });
      const { release: foreign } = await room.installFresh();
      await register(room, helmRelease(foreign, { metadata: { annotations: { [CLAIM]: "other" } } }));
      await fails(
        `suspend ${foreign}`,
        `release ${NAMESPACE}/${foreign} is locked by HelmRelease ${foreign}, which belongs to controller other: to act on it, set HELM_LOCKER_CONTROLLER_NAME=other`,
      );
    });

    it("are only what may be written", async () => {
      const { release } = await locked();
      const reader = ["create", "clusterrole", "reader", "--verb=get,list,watch"];
      await room.kubectl(...reader, "--resource=helmreleases.helm.cattle.io");
      await room.kubectl("create", "clusterrolebinding", "reader", "--clusterrole=reader", "--user=reader");
      const denied = (what: string, user: string) =>
        `helmreleases.helm.cattle.io ${what} is forbidden: User "${user}" cannot`;
      const where = `resource "helmreleases" in API group "helm.cattle.io" in the namespace "cattle-helm-system"`;
      await fails(
        `suspend ${release} --as stranger`,
        `${denied("", "stranger")} list ${where}`.replace("  ", " "),
      );
      await fails(`suspend ${release} --as reader`, `${denied(`"${release}"`, "reader")} patch ${where}`);
      await fails(`unlock ${release} --as reader`, `${denied(`"${release}"`, "reader")} delete ${where}`);
      const { code, stderr } = await run("suspend", "--all", "-n", NAMESPACE, "--as", "reader");
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(`^error: ${NAMESPACE}/${release}: helmreleases.helm.cattle.io .* cannot patch`, "m"),
      );
    });

    it("are not touched by a call that is wrong", async () => {
      const { release } = await locked();
      const before = await specOf(release);
      const states = "locked, no-drift, suspended";
      const cases: [args: string, message: string][] = [
        ["suspend", "name a release, or give --all"],
        ["resume", "name a release, or give --all"],
        [`suspend ${release} --all`, "name a release or give --all, not both"],
        [`suspend ${release} --for 1h --forever`, "--for and --forever exclude each other"],
        [`suspend ${release} --for 3x`, '--for "3x" is no duration: write it as in 90s, 30m, 1h30m or 2d'],
        [
          `suspend ${release} --for locked`,
          '--for "locked" is no duration: write it as in 90s, 30m, 1h30m or 2d',
        ],
        [`suspend ${release} --for 0s`, "--for is at least 1s"],
        [`suspend ${release} --for 9999d`, '--for "9999d" is too long: 3650d is the most'],
        [
          `suspend ${release} --reason ${"x".repeat(257)}`,
          "--reason: Too big: expected string to have <=256 characters",
        ],
        [`wait ${release}`, `--for is missing: it is one of ${states}`],
        [
          `wait ${release} --for 1h`,
          `option '--for <state>' argument '1h' is invalid. Allowed choices are ${states}.`,
        ],
        [
          `wait ${release} --for locked --timeout 1`,
          '--timeout "1" is no duration: write it as in 90s, 30m, 1h30m or 2d',
        ],
        ["lock UP", '"UP" can\'t be the name of a release: write NAME, or NAMESPACE/NAME'],
        ["lock", "missing required argument 'RELEASE'"],
        [
          `lock ${release} --registration-namespace nowhere`,
          "there is no namespace nowhere: name the one of the locker's HelmReleases with --registration-namespace",
        ],
      ];
      for (const [args, message] of cases) await fails(args, message);
      assert.deepEqual(await specOf(release), before);
    });

    it("are of one cluster at a time, which can be reached and knows them", async () => {
      const { release } = await locked();
      const bare = await startControlPlane();
      try {
        const kubeconfig = await joined(room, bare.kubeconfig);
        const act = (context: string) =>
          command({ kubeconfig }, "suspend", release, "-n", NAMESPACE, "--context", context);
        const message = async (context: string) => {
          const { stdout, stderr, code } = await act(context);
          assert.deepEqual([stdout, code], ["", 1]);
          return stderr;
        };
        assert.equal(
          await message("*"),
          "error: this is for one cluster at a time, and --context names embedded, bare, away\n",
        );
        assert.equal(
          await message("bare"),
          "error: the cluster knows no HelmReleases: Helm Locker is not installed. Install it with npx pepr deploy, or with its chart: helm install helm-locker dist/helm-locker-*.tgz (docs/install.md)\n",
        );
        assert.match(await message("away"), /^error: the cluster can't be reached: .*ECONNREFUSED.*\n$/);
        assert.equal((await act("embedded")).code, 0);
      } finally {
        await bare.stop();
      }
    });
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { CommandError } from "../hack/lib/command";
import { configMap, configMapPath, dataOf, type Body } from "../hack/lib/objects";
import { ask, helmReleasePath, isAtRest, isLocked } from "../hack/locker/helm-release";
import { isAdmitted, isInForce, lockWith } from "./support/admission";
import { helms } from "./support/both-helms";
import { command } from "./support/command";
import { becomes, isReverted, postSentinel } from "./support/changes";
import { deployment, writeChart } from "./support/chart";
import { inTime } from "./support/in-time";
import { recipe } from "./support/recipe";
import { NAMESPACE, Room } from "./support/room";
import { makeTenant, toWrite } from "./support/tenant";
import { admitVisitors, asHelm, asKubectl, type Visitor } from "./support/visitors";

const recipeSchema = z.object({ spec: z.strictObject({ admission: z.record(z.string(), z.json()) }) });

const DENY = { action: "Deny" };
const OWNED = { action: "Deny", deployers: [{ kind: "Group", name: "ci" }] };

/** How soon something is let through again, in milliseconds. */
const LET_GO = 1_000;

let installed = 0;

/** A release of which some revisions have one object more. */
interface Installed {
  readonly name: string;
  /** The path of a ConfigMap, and of one that some revisions drop. */
  readonly settings: string;
  readonly extra: string;
  readonly run: (as: Visitor, ...args: string[]) => Promise<string>;
  /** Upgrades it. */
  readonly to: (as: Visitor, color: string, has: "all" | "less") => Promise<string>;
}

describe("admission, with the real tools", () => {
  let room: Room;
  before(async () => {
    room = await Room.open(postSentinel);
    await admitVisitors(room);
    const { name, settings } = await install("helm");
    await lockWith(room, name, OWNED);
    await isInForce(async () => !(await mayPatch("editor", name)));
    await isInForce(async () => {
      const flags = ["--namespace", NAMESPACE, "label", "secret", `sh.helm.release.v1.${name}.v1`];
      return refuses(
        room.controlPlane.kubectl([...flags, `now=${Date.now()}`, "--overwrite", ...asKubectl("editor")]),
      );
    });
    assert.equal(dataOf(await room.api.read(settings)).color, "blue");
  });
  after(() => room.close());

  async function install(helm: (typeof helms)[number], env: NodeJS.ProcessEnv = {}): Promise<Installed> {
    const name = `web-${++installed}`;
    const charts = { all: await chart(name, true), less: await chart(name, false) };
    const run = (as: Visitor, ...args: string[]) =>
      room.controlPlane[helm](["--namespace", NAMESPACE, ...args, ...asHelm(as)], { env });
    const to = (as: Visitor, color: string, has: "all" | "less") =>
      run(as, "upgrade", "--install", name, charts[has], "--set", `color=${color}`);
    await to("master", "blue", "all");
    return {
      name,
      settings: configMapPath(NAMESPACE, name),
      extra: configMapPath(NAMESPACE, `${name}-extra`),
      run,
      to,
    };
  }

  function chart(name: string, hasExtra: boolean): Promise<string> {
    const templates = {
      settings: configMap(name, { color: "{{ .Values.color }}" }),
      web: deployment(name),
      ...(hasExtra && { extra: configMap(`${name}-extra`, { color: "{{ .Values.color }}" }) }),
    };
    return writeChart(room.controlPlane.directory, name, { templates });
  }

  function kubectl(as: Visitor, ...args: string[]): Promise<string> {
    return room.kubectl(...args, ...asKubectl(as));
  }

  /** Whether the API server lets a change by hand through. */
  async function mayPatch(as: Visitor, name: string): Promise<boolean> {
    const patch = JSON.stringify({ data: { by: String(Math.random()) } });
    return !(await refuses(kubectl(as, "patch", "configmap", name, "--type=merge", "--patch", patch)));
  }

  async function refuses(command: Promise<unknown>): Promise<boolean> {
    try {
      await command;
      return false;
    } catch (error) {
      if (error instanceof CommandError && error.stderr.includes("ValidatingAdmissionPolicy 'helm-locker"))
        return true;
      throw error;
    }
  }

  async function isGone(path: string): Promise<void> {
    assert.equal(await room.api.get(path), undefined, `${path} was left behind`);
  }

  async function letsGo(name: string): Promise<void> {
    await inTime(
      room,
      helmReleasePath(name),
      isInForce(() => mayPatch("editor", name)),
      LET_GO,
    );
  }

  for (const helm of helms) {
    it(`lets ${helm} upgrade, drop, roll back and uninstall`, async () => {
      const { name, settings, extra, run, to } = await install(helm);
      await lockWith(room, name, DENY);
      await to("editor", "green", "less");
      await isGone(extra);
      assert.equal(dataOf(await room.api.read(settings)).color, "green");
      await isLocked(room, name);
      await run("editor", "rollback", name, "1");
      assert.equal(dataOf(await room.api.read(extra)).color, "blue");
      await to("editor", "red", "less");
      await isGone(extra);
      await run("editor", "uninstall", name);
      await isGone(settings);
    });

    it(`lets ${helm} through whose records are ConfigMaps, and that may write no Secrets`, async () => {
      const { name, extra, run, to } = await install(helm, { HELM_DRIVER: "configmap" });
      await lockWith(room, name, DENY);
      await to("configurer", "green", "less");
      await isGone(extra);
      assert.ok(await refuses(kubectl("operator", "delete", "deployment", name)));
      await run("configurer", "uninstall", name);
      await isGone(extra);
    });

    it(`stops ${helm} of those who are no deployers before it touches an object`, async () => {
      const { name, settings, extra, run, to } = await install(helm);
      await lockWith(room, name, OWNED);
      for (const operation of [
        () => to("editor", "green", "less"),
        () => run("editor", "rollback", name, "1"),
        () => run("master", "uninstall", name),
      ])
        await assert.rejects(operation(), CommandError);
      for (const path of [settings, extra]) assert.equal(dataOf(await room.api.read(path)).color, "blue");
      await isLocked(room, name);
      await to("deployer", "green", "less");
      await isGone(extra);
      await run("deployer", "uninstall", name);
      await isGone(settings);
    });

    it(`leaves nothing behind where ${helm} drops objects while the lock is suspended and resumed`, async () => {
      const { name, extra, to } = await install(helm);
      await lockWith(room, name, DENY);
      for (const suspend of [true, false, true]) {
        await to("editor", "blue", "all");
        await Promise.all([ask(room, name, { suspend }), to("editor", "green", "less")]);
        await isGone(extra);
      }
    });
  }

  it("says which release holds the object, and how to change it, by the recipe of docs/policies.md", async () => {
    const { name } = await install("helm");
    const [block = ""] = await recipe("Nobody changes it by hand", "yaml");
    await lockWith(room, name, recipeSchema.parse(parse(block)).spec.admission);
    const said = `deployments ${NAMESPACE}/${name} belongs to Helm release ${NAMESPACE}/${name}, which is locked: change it with helm upgrade, or suspend the lock: helm locker suspend ${name} --namespace ${NAMESPACE}`;
    await assert.rejects(
      kubectl("editor", "set", "image", `deployment/${name}`, "web=nginx:1.28"),
      (error: unknown) => error instanceof CommandError && error.stderr.includes(said),
    );
    await kubectl("editor", "rollout", "restart", `deployment/${name}`);
    await kubectl("editor", "scale", `deployment/${name}`, "--replicas=2");
    await kubectl("editor", "annotate", "configmap", name, "seen=true");
  });

  it("lets everything through within a second of a suspension, and refuses it again after that", async () => {
    const { name } = await install("helm");
    await lockWith(room, name, DENY);
    assert.ok(!(await mayPatch("editor", name)));
    await ask(room, name, { suspend: true });
    await letsGo(name);
    await isAtRest(room, name, "Suspended");
    await isAdmitted(room, name, "Idle", "False");
    await ask(room, name, { suspend: false });
    await isAdmitted(room, name, "Deny");
    assert.ok(!(await mayPatch("editor", name)));
  });

  it("lets everything through within a second of the end of a lock", async () => {
    const { name } = await install("helm");
    await lockWith(room, name, DENY);
    await room.api.delete(helmReleasePath(name));
    await letsGo(name);
  });

  it("lets through what the release has no more, and what others may change", async () => {
    const { name, extra, to } = await install("helm");
    const keep = { metadata: { annotations: { "helm.sh/resource-policy": "keep" } } };
    await room.api.edit(`${extra}?fieldManager=helm`, keep);
    await lockWith(room, name, DENY, {
      driftDetection: { ignore: [{ paths: ["/data/free"], target: { kind: "ConfigMap" } }] },
    });
    const patch = (object: string, data: Body) => {
      const flags = ["--type=merge", "--patch", JSON.stringify({ data })];
      return refuses(kubectl("editor", "patch", "configmap", object, ...flags));
    };
    assert.ok(!(await patch(name, { free: "1" })));
    assert.ok(await patch(name, { free: "2", color: "red" }));
    const stranger = await room.api.read(configMapPath(NAMESPACE, name));
    const { labels, annotations } = stranger.metadata;
    await room.api.create(
      `/api/v1/namespaces/${NAMESPACE}/configmaps`,
      configMap(`${name}-stranger`, { color: "blue" }, { labels, annotations }),
    );
    assert.ok(!(await patch(`${name}-stranger`, { color: "red" })));
    await to("editor", "blue", "less");
    await isLocked(room, name);
    await inTime(
      room,
      extra,
      isInForce(async () => !(await patch(`${name}-extra`, { color: "red" }))),
      LET_GO,
    );
  });

  it("refuses the locker nothing, under its own account and under another one", async () => {
    await makeTenant(room, "writer", toWrite("configmaps"), {
      apiGroups: ["apps"],
      resources: ["deployments"],
      verbs: ["create", "patch", "delete"],
    });
    for (const spec of [{}, { serviceAccountName: "writer" }]) {
      const { name, settings } = await install("helm");
      await lockWith(room, name, { ...OWNED, subjects: "All" }, spec);
      const asDeployer = (data: Body) => () =>
        kubectl("deployer", "patch", "configmap", name, "--type=merge", "--patch", JSON.stringify({ data }));
      await isReverted(room, settings, asDeployer({ color: "red" }));
      await isReverted(room, settings, asDeployer({ size: "large" }));
      const { uid } = (await room.api.read(settings)).metadata;
      await kubectl("deployer", "delete", "configmap", name);
      await becomes(room, settings, now => now !== undefined && now.metadata.uid !== uid);
    }
  });

  it("ends with what an earlier locker has told, where nobody asks for it any more", async () => {
    const { name } = await install("helm");
    await lockWith(room, name, DENY);
    assert.equal(await room.stopLocker(), 0);
    assert.ok(!(await mayPatch("editor", name)), "nobody has to run for that");
    await room.api.delete(helmReleasePath(name));
    await room.startLocker();
    await letsGo(name);
  });

  it("is let go by the command, which names the way out where no locker runs", async () => {
    const { name } = await install("helm");
    await lockWith(room, name, DENY);
    const suspend = () => command(room.controlPlane, "suspend", name, "-n", NAMESPACE);
    assert.equal((await suspend()).code, 0);
    assert.ok(await mayPatch("editor", name));
    await ask(room, name, { suspend: null, suspendUntil: null });
    await isAdmitted(room, name, "Deny");
    assert.equal(await room.stopLocker(), 0);
    const { stderr, code } = await suspend();
    assert.equal(code, 1);
    const [, line = ""] = /: kubectl (delete validatingadmissionpolicybindings .*)\n$/.exec(stderr) ?? [];
    await room.kubectl(...line.split(" "));
    await letsGo(name);
  });

  it("refuses a spec that names deployers wrongly", async () => {
    const { name } = await install("helm");
    for (const deployers of [
      [],
      [{ kind: "ServiceAccount", name: "ci" }],
      [{ kind: "Group", name: "ci", namespace: "ci" }],
      [{ kind: "Team", name: "ci" }],
    ])
      await assert.rejects(lockWith(room, name, { ...DENY, deployers }), { status: 422 });
  });
});

import assert from "node:assert/strict";
import { cp, mkdtemp, readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { stringify } from "yaml";
import { z } from "zod";
import { lockerCommand } from "../../hack/artifacts/command";
import { helmPlugins, npmPackage } from "../../hack/artifacts/command/packages";
import { startControlPlane, type ControlPlane } from "../../hack/clusters/control-plane";
import { CommandError } from "../../hack/lib/command";
import { Api } from "../../hack/lib/api";
import { configMap, configMapPath } from "../../hack/lib/objects";
import packageJson from "../../package.json";
import { helms } from "../support/both-helms";
import { writeChart } from "../support/chart";
import { inTime } from "../support/in-time";

const { version } = packageJson;

const FILES = [
  "LICENSE",
  "README.md",
  "helm-locker",
  "kubectl-helm_locker",
  "kubectl_complete-helm_locker",
  "package.json",
];

/** Where systems have their own Node.js. */
const NODE_20 = "/usr/bin/node";

/** How soon a prompt goes on where no cluster answers, in milliseconds. */
const PROMPT = 5_000;

/** What each way to call the command shows of release shop. */
const DRIFTED = /^(?:there +)?demo\/shop +1 +ConfigMap shop +\/data\/color +blue +red +hand /m;

describe("the command's packages", () => {
  let cluster: ControlPlane;
  /** The settings of its contexts: here, and there, whose namespace is demo. */
  let kubeconfig: string;

  before(async () => {
    cluster = await startControlPlane();
    const chart = await writeChart(cluster.directory, "shop", {
      templates: { shop: configMap("shop", { color: "blue" }) },
    });
    await cluster.helm(["install", "shop", chart, "--namespace", "demo", "--create-namespace"]);
    const patch = JSON.stringify({ data: { color: "red" } });
    await cluster.kubectl([
      ...["patch", "configmap", "shop", "--namespace", "demo", "--field-manager", "hand"],
      ...["--type", "merge", "--patch", patch],
    ]);
    kubeconfig = join(await folder(), "kubeconfig");
    await cp(cluster.kubeconfig, kubeconfig);
    const { user } = z
      .object({ contexts: z.tuple([z.object({ context: z.object({ user: z.string() }) })]) })
      .parse(JSON.parse(await cluster.kubectl(["config", "view", "-o", "json"]))).contexts[0].context;
    await cluster.kubectl(
      ["config", "set-context", "there", "--cluster=embedded", `--user=${user}`, "--namespace=demo"],
      { kubeconfig },
    );
  });

  after(() => cluster.stop());

  /** A new, empty folder. */
  function folder(): Promise<string> {
    return mkdtemp(join(cluster.directory, "empty-"));
  }

  /** The environment with the command and kubectl's plugin on the PATH. */
  async function onPath(): Promise<NodeJS.ProcessEnv> {
    return { PATH: [dirname(await lockerCommand()), cluster.env.PATH].join(delimiter) };
  }

  describe("npm's", () => {
    let cwd: string;
    const npm = (command: "npm" | "npx", ...args: string[]) =>
      cluster.run([command, "--offline", "--no-audit", "--no-fund", ...args], {
        cwd,
        env: { npm_config_cache: join(cluster.directory, "npm"), npm_config_update_notifier: "false" },
      });

    before(async () => {
      cwd = await folder();
    });

    it("installs in an empty folder, offline, with nothing else, and runs", async () => {
      await npm("npm", "install", await npmPackage());
      assert.deepEqual(
        (await readdir(join(cwd, "node_modules"))).filter(name => !name.startsWith(".")),
        ["helm-locker"],
      );
      assert.deepEqual((await readdir(join(cwd, "node_modules", "helm-locker"))).sort(), FILES);
      const bin = (name: string) => join(cwd, "node_modules", ".bin", name);
      assert.match(await cluster.run([bin("helm-locker"), "drift", "-n", "demo"]), DRIFTED);
      assert.match(await cluster.run([bin("kubectl-helm_locker"), "--help"]), /^ {2}kubectl helm-locker /m);
      assert.match(await cluster.run([bin("kubectl_complete-helm_locker"), "dri"]), /^drift\t.+\n:4\n$/);
    });

    it("runs by npx, from the archive and from nowhere else", async () => {
      cwd = await folder();
      assert.equal(
        await npm("npx", "--yes", "--package", await npmPackage(), "helm-locker", "--version"),
        `${version}\n`,
      );
    });

    it("is packed by npm pack from its folder", async () => {
      const packed = await npm("npm", "pack", "--json", join(dirname(await npmPackage()), "package"));
      const [{ files, name }] = z
        .tuple([z.object({ name: z.string(), files: z.array(z.object({ path: z.string() })) })])
        .parse(JSON.parse(packed));
      assert.deepEqual([name, files.map(({ path }) => path).sort()], ["helm-locker", FILES]);
    });
  });

  for (const helm of helms) {
    describe(`the plugin of ${helm}`, () => {
      const plugin = helm === "helm" ? "helm-3" : "helm-4";
      let data: string;
      const locker = (...args: string[]) =>
        cluster[helm](["locker", ...args], { kubeconfig, env: { HELM_DATA_HOME: data } });

      before(async () => {
        data = await folder();
        await cluster[helm](["plugin", "install", join(await helmPlugins(), plugin)], {
          env: { HELM_DATA_HOME: data },
        });
      });

      it("is listed, and calls itself as its users do", async () => {
        const list = await cluster[helm](["plugin", "list"], { env: { HELM_DATA_HOME: data } });
        assert.match(list, new RegExp(`^locker\\s+${version.replaceAll(".", "\\.")}\\s`, "m"));
        assert.match(await locker(), /\n {2}helm locker VERB \[flags\]\n/);
      });

      it("takes Helm's own flags", async () => {
        assert.match(await locker("drift", "shop", "-n", "demo"), DRIFTED);
        assert.match(await locker("drift", "--namespace=demo"), DRIFTED);
        assert.match(await locker("drift", "--kube-context", "there"), DRIFTED);
        assert.match(await locker("drift", "--context", "there"), DRIFTED);
        assert.match(await locker("drift", "-A", "--kubeconfig", cluster.kubeconfig), DRIFTED);
        await fails(locker("drift", "shop"), /no release shop in namespace default\b/);
        await fails(locker("drift", "-A", "--kube-as-user", "jane"), /User "jane" cannot list/);
        await fails(locker("drift", "--kubeconfig", "/absent"), /^error: \/absent can't be read.*\nError: /);
        await fails(locker("drift", "--kubeconfig", "/absent", "--debug"), /\n {4}at /);
      });

      it("refuses those that it can't follow", () =>
        fails(locker("drift", "--kube-token", "abc"), /--kube-token .*kubeconfig/));

      it("ends as the command does", () => fails(locker("drift", "-A", "--detailed-exitcode"), /./, 2));

      it("completes through Helm", async () => {
        const complete = (...words: string[]) =>
          cluster[helm](["__complete", "locker", ...words], { kubeconfig, env: { HELM_DATA_HOME: data } });
        assert.match(await complete("dri"), /^drift\tShow .+\n:4\n$/);
        assert.equal(await complete("drift", "-n", "demo", ""), "shop\n:4\n");
        assert.equal(await complete("drift", "--output=j"), "json\n:4\n");
      });
    });
  }

  it("Helm 4 takes the plugin of Helm 3, for machines with both", async () => {
    const env = { HELM_DATA_HOME: await folder() };
    await cluster.helm(["plugin", "install", join(await helmPlugins(), "helm-3")], { env });
    for (const helm of helms)
      assert.match(await cluster[helm](["locker", "drift", "-n", "demo"], { env }), DRIFTED);
  });

  it("runs under Node 20, which reads no long integers of itself", async t => {
    const isThere = await cluster.run([NODE_20, "--version"]).then(
      text => text.startsWith("v20."),
      () => false,
    );
    if (!isThere) {
      t.skip(`${NODE_20} is no Node 20`);
      return;
    }
    const long = {
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: { name: "long" },
      revision: 9007199254740993n,
      data: { color: "blue" },
    };
    const chart = await writeChart(cluster.directory, "long", { templates: { long: stringify(long) } });
    await cluster.helm(["install", "long", chart, "--namespace", "long", "--create-namespace"]);
    const command = await lockerCommand();
    const drift = () => cluster.run([NODE_20, command, "drift", "-n", "long"]);
    assert.equal(await drift(), "");
    const patch = '{"revision": 9007199254740995}';
    await cluster.kubectl([
      "patch",
      "controllerrevision",
      "long",
      "--namespace",
      "long",
      "--type",
      "merge",
      "--patch",
      patch,
    ]);
    assert.match(await drift(), / \/revision +9007199254740993 +9007199254740995 /);
  });

  it("kubectl finds its plugin on the PATH, and completes it", async () => {
    const env = await onPath();
    assert.match(await cluster.kubectl(["helm-locker", "drift", "-n", "demo"], { env }), DRIFTED);
    const complete = (...words: string[]) =>
      cluster.kubectl(["__complete", "helm-locker", ...words], { env });
    assert.match(await complete("dri"), /^drift\tShow .+\n:4\n$/);
    assert.equal(await complete("drift", "-n", "demo", ""), "shop\n:4\n");
  });

  it("bash completes verbs, flags, their values, namespaces, contexts and releases", async () => {
    const env = await onPath();
    const script = `source <(helm-locker completion bash); COMP_LINE=$1 COMP_POINT=\${#1}; _helm_locker; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const completed = async (line: string) =>
      (await cluster.run(["bash", "-c", script, "bash", `helm-locker ${line}`], { env, kubeconfig }))
        .split("\n")
        .filter(text => text !== "");
    assert.deepEqual(await completed("dri"), ["drift"]);
    assert.deepEqual(await completed("drift --det"), ["--detailed-exitcode"]);
    assert.deepEqual(await completed("drift -o "), ["table", "wide", "json", "yaml", "name"]);
    assert.deepEqual(await completed("drift --output=w"), ["wide"]);
    assert.deepEqual(await completed("drift -n kube-n"), ["kube-node-lease"]);
    assert.deepEqual(await completed("drift --context "), ["embedded", "there"]);
    assert.deepEqual(await completed("drift --context there "), ["shop"]);
    assert.deepEqual(await completed("drift demo/"), ["demo/shop"]);
    assert.deepEqual(await completed("drift --kubeconfig /absent "), []);
  });

  it("a prompt does not go on waiting for a cluster that does not answer", async () => {
    const env = await onPath();
    const silent = createServer();
    await new Promise<void>(resolve => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    assert.ok(address !== null && typeof address === "object");
    const away = join(await folder(), "kubeconfig");
    await cp(kubeconfig, away);
    const server = `--server=https://127.0.0.1:${address.port}`;
    await cluster.kubectl(["config", "set-cluster", "embedded", server], { kubeconfig: away });
    const api = await Api.of(cluster.kubeconfig);
    try {
      const answer = cluster.run(["helm-locker", "__complete", "drift", ""], { env, kubeconfig: away });
      assert.equal(await inTime({ api }, configMapPath("demo", "shop"), answer, PROMPT), ":4\n");
    } finally {
      await api.close();
      silent.close();
    }
  });
});

async function fails(call: Promise<string>, stderr: RegExp, exitCode = 1): Promise<void> {
  await assert.rejects(call, error => {
    assert.ok(error instanceof CommandError);
    assert.equal(error.exitCode, exitCode);
    assert.match(error.stderr, stderr);
    return true;
  });
}

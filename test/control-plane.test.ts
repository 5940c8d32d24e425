import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { startControlPlane, type ControlPlane } from "../hack/clusters/control-plane";
import { CommandError } from "../hack/lib/command";
import { configMap } from "../hack/lib/objects";
import { kill } from "../hack/lib/supervisor";

let one: ControlPlane;
let other: ControlPlane;

before(async () => {
  [one, other] = await Promise.all([startControlPlane(), startControlPlane()]);
});

after(async () => {
  await Promise.all([one.stop(), other.stop()]);
  assert.equal(existsSync(one.directory), false);
});

test("two control planes know nothing of each other", async () => {
  await one.kubectl(["create", "configmap", "mine"]);
  const names = ["get", "configmaps", "--output=name"];
  assert.match(await one.kubectl(names), /configmap\/mine/);
  assert.doesNotMatch(await other.kubectl(names), /configmap\/mine/);
});

test("a failed command tells its exit code and what it wrote on standard error", async () => {
  await assert.rejects(one.kubectl(["get", "configmap", "absent"]), (error: unknown) => {
    assert.ok(error instanceof CommandError);
    assert.equal(error.exitCode, 1);
    assert.match(error.message, /get configmap absent.*NotFound/s);
    return true;
  });
});

test("helm installs a chart", async () => {
  const chart = join(one.directory, "chart");
  await mkdir(join(chart, "templates"), { recursive: true });
  await writeFile(join(chart, "Chart.yaml"), "apiVersion: v2\nname: chart\nversion: 1.0.0\n");
  await writeFile(join(chart, "templates", "configmap.yaml"), JSON.stringify(configMap("installed", {})));
  await one.helm(["install", "release", chart]);
  assert.match(await one.helm(["list"]), /release\s+default\s+1\s.*deployed/);
  await one.kubectl(["get", "configmap", "installed"]);
});

test("the API server and etcd come back with the same data, and standing kubeconfigs stay good", async () => {
  await one.kubectl(["create", "configmap", "lasting"]);
  await one.stopApiServer();
  await assert.rejects(one.kubectl(["get", "configmaps"]), CommandError);
  await one.startApiServer();
  await one.stopEtcd();
  await one.startEtcd();
  await one.kubectl(["get", "configmap", "lasting"]);
});

test("a kubeconfig of a ServiceAccount has its identity", async () => {
  await one.kubectl(["create", "serviceaccount", "someone"]);
  const kubeconfig = await one.kubeconfigOf("default", "someone");
  const answer = await one.kubectl(["auth", "whoami"], { kubeconfig });
  assert.match(answer, /system:serviceaccount:default:someone/);
});

test("the audit log has a write with its body, its field manager and its answer", async () => {
  await other.kubectl(["create", "configmap", "audited", "--from-literal=a=b", "--field-manager=tester"]);
  const events = (await other.auditLog()).filter(event => event.objectRef?.name === "audited");
  assert.deepEqual(
    events.map(({ verb, user, responseStatus }) => [verb, user.username, responseStatus?.code]),
    [["create", "admin", 201]],
  );
  assert.match(events[0]?.requestURI ?? "", /fieldManager=tester/);
  assert.partialDeepStrictEqual(events[0]?.requestObject, { data: { a: "b" } });
});

test("a killed owner takes its control plane with it", { timeout: 120_000 }, async () => {
  const program = `
    const { startControlPlane } = require(${JSON.stringify(join(__dirname, "../hack/clusters/control-plane"))});
    startControlPlane().then(({ directory, server }) => console.log(JSON.stringify({ directory, server })));
  `;
  const owner = spawn(process.execPath, ["--import", "tsx", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = z.tuple([z.instanceof(Buffer)]).parse(await once(owner.stdout, "data"));
  const { directory, server } = z
    .object({ directory: z.string(), server: z.string() })
    .parse(JSON.parse(String(output)));
  assert.equal(await isListening(server), true);
  await kill(owner);
  while (existsSync(directory) || (await isListening(server))) await delay(20);
});

async function isListening(server: string): Promise<boolean> {
  const { hostname, port } = new URL(server);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { z } from "zod";
import { Api } from "./api";
import { configMap } from "./objects";

const COLLECTION = "/api/v1/namespaces/shop/configmaps";

/** Connections that the server closes as a request arrives, as if it had just closed them. */
const closing = new WeakSet<Socket>();

/** A server that answers a watch without an end, and everything else with a ConfigMap; and a client of it. */
async function serve(t: TestContext): Promise<{ server: Server; api: Api }> {
  const server = createServer(({ url, socket }, reply) => {
    if (closing.has(socket)) socket.destroy();
    else if (url?.includes("watch=1")) reply.flushHeaders();
    else reply.end(JSON.stringify(configMap("settings", {})));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());

  const folder = await mkdtemp(join(tmpdir(), "api-"));
  const kubeconfig = join(folder, "kubeconfig");
  const clusters = [
    { name: "here", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } },
  ];
  const contexts = [{ name: "here", context: { cluster: "here", user: "me" } }];
  await writeFile(
    kubeconfig,
    JSON.stringify({ clusters, contexts, users: [{ name: "me" }], "current-context": "here" }),
  );
  const api = await Api.of(kubeconfig);
  t.after(async () => {
    await api.close();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  return { server, api };
}

/** Gives up one of two watches. The server closes the connection that undici opens then, which another request may take by now. */
async function giveUp(server: Server, api: Api): Promise<void> {
  const end = new AbortController();
  await api.watch(`${COLLECTION}?watch=1`, end.signal);
  await api.watch(`${COLLECTION}?watch=1`, new AbortController().signal);
  const opened = new Promise<Socket>(resolve => server.once("connection", resolve));
  const isConnected = connected();
  end.abort();
  closing.add(await opened);
  await isConnected;
  await turn();
}

/** Waits until undici has opened a connection. */
function connected(): Promise<void> {
  return new Promise(resolve => {
    const tell = (): void => {
      unsubscribe("undici:client:connected", tell);
      resolve();
    };
    subscribe("undici:client:connected", tell);
  });
}

test("a write does not go to a connection that a watch has left and the server closes", async t => {
  const { server, api } = await serve(t);
  await giveUp(server, api);
  await api.send("PATCH", `${COLLECTION}/settings`, {});
});

test("a watch that goes to such a connection comes back", async t => {
  const { server, api } = await serve(t);
  await giveUp(server, api);
  await api.watch(`${COLLECTION}?watch=1`, new AbortController().signal);
});

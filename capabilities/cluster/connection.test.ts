import { KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createProxy } from "node:http";
import { createServer, type Server } from "node:https";
import { connect, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { after, before, describe, it } from "node:test";
import { selfSignedCertificate } from "../../test/support/certificate";
import { Connection } from "./connection";
import { Credentials } from "./credentials";

type Identity = ReturnType<typeof selfSignedCertificate>;

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const get = { method: "GET", path: "/who" } as const;

async function portOf(server: NetServer): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

describe("a connection", () => {
  const own = selfSignedCertificate("localhost");
  const clients = { first: selfSignedCertificate("first"), second: selfSignedCertificate("second") };
  let server: Server;
  let port: number;
  before(async () => {
    const ca = Object.values(clients).map(({ certificate }) => certificate);
    server = createServer(
      { key: own.key, cert: own.certificate, ca, requestCert: true, rejectUnauthorized: false },
      ({ socket }, response) => {
        const who = socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : "nobody";
        response.end(JSON.stringify({ who }));
      },
    );
    port = await portOf(server);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  function credentialsOf(cluster: object, client: () => Identity | undefined): Credentials {
    return new Credentials(() => {
      const kubeConfig = new KubeConfig();
      const { key, certificate } = client() ?? {};
      const user =
        key === undefined || certificate === undefined
          ? {}
          : { "client-certificate-data": base64(certificate), "client-key-data": base64(key) };
      const here = {
        server: `https://localhost:${port}`,
        "certificate-authority-data": base64(own.certificate),
        ...cluster,
      };
      kubeConfig.loadFromString(
        JSON.stringify({
          clusters: [{ name: "c", cluster: here }],
          users: [{ name: "u", user }],
          contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
          "current-context": "x",
        }),
      );
      return kubeConfig;
    });
  }

  it("goes through the proxy of the kubeconfig", async () => {
    const tunnels: string[] = [];
    const proxy = createProxy().on("connect", ({ url = "" }, socket, head) => {
      tunnels.push(url);
      const upstream = connect(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      socket.on("error", () => upstream.destroy());
      upstream.on("error", () => socket.destroy());
    });
    const proxyUrl = `http://127.0.0.1:${await portOf(proxy)}`;
    const connection = new Connection(credentialsOf({ "proxy-url": proxyUrl }, () => clients.first));
    assert.deepEqual(await connection.send(get), { who: "first" });
    assert.deepEqual(tunnels, [`localhost:${port}`]);
    await connection.close();
    proxy.closeAllConnections();
    proxy.close();
  });

  it("shows another client certificate once there is one", async t => {
    let now = performance.now();
    t.mock.method(performance, "now", () => now);
    let client = clients.first;
    const connection = new Connection(credentialsOf({}, () => client));
    assert.deepEqual(await connection.send(get), { who: "first" });
    client = clients.second;
    now += 60_001;
    await connection.send(get);
    await new Promise(resolve => setTimeout(resolve, 300));
    assert.deepEqual(await connection.send(get), { who: "second" });
    await connection.close();
  });

  const pulses = { "does not end": "/endless", "is not answered": "/unanswered" };
  for (const [what, path] of Object.entries(pulses)) {
    it(`is given up, with all others, when a pulse ${what}`, () => isGivenUp("/pulse", path));
  }

  it("is given up when the first pulse is answered, and does not end", () => isGivenUp("/endless"));

  it("is given up when a list is one, and is not over, once: until a watch is answered", async () => {
    const silent = createServer({ key: own.key, cert: own.certificate }, ({ url }, response) => {
      if (url !== "/unanswered") response.flushHeaders();
      if (url === "/answered") setTimeout(() => response.end("{}"), 500);
      if (url === "/pulse") response.end();
    });
    const here = { server: `https://localhost:${await portOf(silent)}` };
    const connection = new Connection(credentialsOf(here, () => undefined));
    const list = (path: string) =>
      connection.listBeside({ method: "GET", path, pulse: 300 }, () => undefined);
    await connection.stream({ method: "GET", path: "/pulse", pulse: 300 }, new AbortController().signal, {
      opened: () => undefined,
      line: () => undefined,
    });
    await assert.rejects(list("/unanswered"), /the connection fell silent/);
    await list("/answered");
    silent.closeAllConnections();
    silent.close();
    await connection.close();
  });

  async function isGivenUp(...paths: string[]): Promise<void> {
    const silent = createServer({ key: own.key, cert: own.certificate }, ({ url = "" }, response) => {
      if (url !== "/unanswered") response.flushHeaders();
      if (url === "/pulse") response.end();
    });
    const here = { server: `https://localhost:${await portOf(silent)}` };
    const connection = new Connection(credentialsOf(here, () => undefined));
    const follow = (path: string, pulse?: number): Promise<void> =>
      connection.stream({ method: "GET", path, pulse }, new AbortController().signal, {
        opened: () => undefined,
        line: () => undefined,
      });
    const last = paths.pop() ?? "";
    for (const path of paths) await follow(path, 300);
    const both = await Promise.allSettled([follow("/watch"), follow(last, 300)]);
    for (const each of both)
      assert.match(each.status === "rejected" ? String(each.reason) : "", /the connection fell silent/);
    silent.closeAllConnections();
    silent.close();
    await connection.close();
  }

  it("leaves connections that rest once another one was cut: they may be dead without a sign", async () => {
    const sockets = new Set<Socket>();
    const dead = new Set<Socket>();
    const held = Promise.withResolvers<undefined>();
    const flaky = createServer({ key: own.key, cert: own.certificate }, ({ url, socket }, response) => {
      sockets.add(socket);
      if (sockets.size === 3) held.resolve(undefined);
      if (dead.has(socket)) return;
      if (url === "/cut") {
        for (const each of sockets) dead.add(each);
        socket.destroy();
      } else if (url === "/watch") response.write("{}\n");
      else void held.promise.then(() => response.end("{}"));
    });
    const here = { server: `https://localhost:${await portOf(flaky)}` };
    const connection = new Connection(credentialsOf(here, () => undefined));
    const end = new AbortController();
    const opened = Promise.withResolvers<undefined>();
    const watch = connection.stream({ method: "GET", path: "/watch", pulse: 1_000 }, end.signal, {
      opened: () => undefined,
      line: () => {
        opened.resolve(undefined);
      },
    });
    watch.catch(() => undefined);
    await Promise.all([opened.promise, connection.send(get), connection.send(get)]);
    await assert.rejects(connection.send({ method: "GET", path: "/cut" }), /no answer/);
    const answered = connection.send(get).then(() => "answered");
    assert.equal(await Promise.race([answered, once(AbortSignal.timeout(500), "abort")]), "answered");
    // What went on all the time is given up with the rest.
    await assert.rejects(watch, /the connection fell silent/);
    const asked = once(flaky, "request");
    const last = connection.send({ method: "GET", path: "/watch" });
    await asked;
    await Promise.all([assert.rejects(last, /no answer/), connection.close()]);
    await assert.rejects(connection.send(get), /was closed/);
    flaky.closeAllConnections();
    flaky.close();
  });

  it("says in one sentence that nobody answers, and to what", async () => {
    const nowhere = { server: "https://127.0.0.1:1" };
    const connection = new Connection(credentialsOf(nowhere, () => undefined));
    await assert.rejects(connection.send(get), {
      message: "no answer from the API server: connect ECONNREFUSED 127.0.0.1:1 (GET /who)",
    });
    await connection.close();
  });
});

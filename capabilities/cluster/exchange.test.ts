import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { Agent } from "undici";
import { TooLateError } from "./errors";
import { Exchange, Text, type Question } from "./exchange";
import { Tally } from "./tally";

describe("an exchange", () => {
  let server: Server;
  let origin: string;
  const asked: string[] = [];
  before(async () => {
    server = createServer(({ url = "" }, response) => {
      asked.push(url);
      if (url === "/cut") response.destroy();
      else if (url === "/cut-later") response.writeHead(200).write("{", () => response.destroy());
      else if (url === "/pieces") response.write("a", () => setImmediate(() => response.end("b")));
      else if (url === "/begun") response.write("a");
      else if (url !== "/silent") response.writeHead(url === "/gone" ? 404 : 200).end("{}");
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  let agent: Agent;
  let tally: Tally;
  beforeEach(() => {
    agent = new Agent({ connections: 1 });
    tally = new Tally();
    asked.length = 0;
  });
  const counted = (): string[] =>
    [...tally.answered].map(({ verb, code, count }) => `${verb} ${code}: ${count}`);

  function begin(path: string, question: Partial<Question<string>> = {}): Exchange<string> {
    const options = { origin, path, method: "GET" } as const;
    const bodyOf = ({ status }: { status: number }) => new Text(text => `${status} ${text}`);
    const exchange = new Exchange({ options, tally, verb: "get", bodyOf, ...question });
    agent.dispatch(options, exchange);
    return exchange;
  }

  it("answers with what the body is made into, whole", async () => {
    assert.equal(await begin("/pieces").answer, "200 ab");
    assert.equal(await begin("/gone").answer, "404 {}");
    await agent.close();
  });

  it("is counted once, also if it is not answered, but not if it was withheld or given up", async () => {
    for (const path of ["/one", "/one", "/gone"]) await begin(path).answer;
    await begin("/one", { verb: "patch" }).answer;
    await assert.rejects(begin("/cut").answer, /other side closed/);
    await assert.rejects(begin("/cut-later").answer, /terminated|other side closed/);
    await assert.rejects(begin("/one", { notAfter: 0 }).answer, TooLateError);
    const silent = begin("/silent");
    silent.abort(AbortSignal.abort().reason as Error);
    await assert.rejects(silent.answer, { name: "AbortError" });
    await agent.destroy();
    assert.deepEqual(counted(), ["get 200: 3", "get 404: 1", "patch 200: 1", "get none: 1"]);
  });

  it("is not sent once it is given up while it waits for a connection", async () => {
    const first = begin("/silent");
    await once(server, "request");
    const second = begin("/one");
    second.abort(new Error("enough"));
    await assert.rejects(second.answer, /enough/);
    first.abort(new Error("enough"));
    await assert.rejects(first.answer, /enough/);
    assert.equal(await begin("/gone").answer, "404 {}");
    assert.deepEqual(asked, ["/silent", "/gone"]);
    await agent.destroy();
  });

  it("leaves its connection to others where it is withheld", async () => {
    let connections = 0;
    const count = (): void => void connections++;
    server.on("connection", count);
    const late = Array.from({ length: 5 }, () => begin("/one", { notAfter: 0 }).answer);
    for (const each of late) await assert.rejects(each, TooLateError);
    assert.equal(await begin("/one").answer, "200 {}");
    server.off("connection", count);
    assert.equal(connections, 1);
    assert.deepEqual(asked, ["/one"]);
    await agent.close();
  });

  it("ends as soon as it is given up, within its answer, too", async () => {
    const begun = Promise.withResolvers<undefined>();
    const exchange = begin("/begun", {
      bodyOf: () => ({
        write: () => {
          begun.resolve(undefined);
        },
        end: () => "never",
      }),
    });
    await begun.promise;
    exchange.abort(new Error("the connection fell silent"));
    await assert.rejects(exchange.answer, /fell silent/);
    assert.deepEqual(counted(), ["get 200: 1"]);
    await agent.destroy();
  });

  for (const where of ["write", "end"] as const) {
    it(`fails with what its body throws in ${where}`, async () => {
      const body = { write: () => undefined, end: () => "", [where]: () => assert.fail("unreadable") };
      await assert.rejects(begin("/one", { bodyOf: () => body }).answer, /unreadable/);
      await agent.destroy();
    });
  }
});

import { KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Credentials } from "./credentials";
import { NetworkError } from "./errors";

/** A kubeconfig of one cluster and one user. */
function kubeConfigOf(cluster: object, user: object): () => KubeConfig {
  return () => {
    const kubeConfig = new KubeConfig();
    const context = { name: "here", context: { cluster: "c", user: "u" } };
    const clusters = [{ name: "c", cluster: { server: "https://localhost:1/", ...cluster } }];
    const users = [{ name: "u", user }];
    kubeConfig.loadFromString(
      JSON.stringify({ clusters, users, contexts: [context], "current-context": "here" }),
    );
    return kubeConfig;
  };
}

const pem = (text: string): string => Buffer.from(text).toString("base64");

/** Gives a reading in the background the time to end. */
const reading = () => new Promise(resolve => setTimeout(resolve, 300));

describe("credentials", () => {
  it("say where the API server is, through which proxy, and who the locker is", async () => {
    const cluster = { "proxy-url": "http://proxy:3128", "certificate-authority-data": pem("ca") };
    const login = await new Credentials(kubeConfigOf(cluster, { token: "t" })).login();
    const { server, proxy, headers, tls } = login;
    assert.deepEqual(
      [server, proxy, headers.authorization],
      ["https://localhost:1", "http://proxy:3128", "Bearer t"],
    );
    assert.equal(String(tls.ca), "ca");
  });

  it("refuse a proxy that they don't know, before anything is sent", () => {
    const socks = kubeConfigOf({ "proxy-url": "socks5://proxy:1080" }, {});
    assert.throws(
      () => new Credentials(socks),
      /proxy-url socks5:.* is not supported: only http and https are/,
    );
  });

  it("refuse an address that is none of an API server", () => {
    const bare = kubeConfigOf({ server: "localhost:6443" }, {});
    assert.throws(() => new Credentials(bare), /server localhost:6443 is no URL .* begin with https:/);
    const odd = kubeConfigOf({ server: "https://localhost:99999" }, {});
    assert.throws(() => new Credentials(odd), /server https:\/\/localhost:99999 is no URL of an API server/);
  });

  it("keep what they have while it is read anew, and notice what is another", async t => {
    let now = performance.now();
    t.mock.method(performance, "now", () => now);
    let load = kubeConfigOf({ "certificate-authority-data": pem("old") }, { token: "old" });
    const credentials = new Credentials(() => load());
    const first = await credentials.login();
    now += 60_001;
    assert.equal(await credentials.login(), first);
    await reading();
    const same = await credentials.login();
    assert.equal(same.tls, first.tls);
    load = kubeConfigOf({ "certificate-authority-data": pem("new") }, { token: "new" });
    now += 60_001;
    await credentials.login();
    await reading();
    const renewed = await credentials.login();
    assert.deepEqual([renewed.headers.authorization, String(renewed.tls.ca)], ["Bearer new", "new"]);
  });

  it("wait for others once the API server has refused them", async t => {
    let now = performance.now();
    t.mock.method(performance, "now", () => now);
    let token = "old";
    const credentials = new Credentials(() => kubeConfigOf({}, { token })());
    await credentials.login();
    token = "new";
    now += 2_000;
    credentials.reject();
    assert.equal((await credentials.login()).headers.authorization, "Bearer new");
  });

  it("stay what they were while a kubeconfig can't be read", async t => {
    let now = performance.now();
    t.mock.method(performance, "now", () => now);
    let load = kubeConfigOf({}, { token: "t" });
    const credentials = new Credentials(() => load());
    const first = await credentials.login();
    load = () => {
      throw new Error("half written");
    };
    for (let round = 0; round < 3; round++) {
      now += 60_001;
      assert.equal(await credentials.login(), first);
      await reading();
    }
    credentials.reject();
    now += 2_000;
    await assert.rejects(credentials.login(), NetworkError);
  });

  it("ask a plugin again before what it said expires, and once at a time", async t => {
    let now = Date.now();
    t.mock.method(Date, "now", () => now);
    t.mock.method(performance, "now", () => now);
    const until = new Date(now + 100_000).toISOString();
    const script = `printf '{"status":{"token":"%s","expirationTimestamp":"${until}"}}' $$`;
    const exec = { command: "sh", args: ["-c", script] };
    const credentials = new Credentials(kubeConfigOf({}, { exec }));
    const token = async (): Promise<unknown> => (await credentials.login()).headers.authorization;
    const [first, second] = await Promise.all([token(), token()]);
    assert.equal(second, first);
    now += 70_000;
    await token();
    await reading();
    assert.equal(await token(), first);
    now += 11_000;
    await token();
    await reading();
    assert.notEqual(await token(), first);
  });
});

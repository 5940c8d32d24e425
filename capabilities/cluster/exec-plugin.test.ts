import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isatty } from "node:tty";
import { promisify } from "node:util";
import { askPlugin } from "./exec-plugin";

const credential = (status: object) => JSON.stringify({ kind: "ExecCredential", status });
const plugin = (script: string, env: object[] = []) => ({ command: "sh", args: ["-c", script], env });

describe("a credential plugin", () => {
  it("says who the locker is, and until when", async () => {
    const status = { token: "t", expirationTimestamp: "2026-01-01T00:00:00Z" };
    const said = await askPlugin(plugin(`echo '${credential(status)}'`));
    assert.deepEqual([said.token, said.until], ["t", Date.parse("2026-01-01T00:00:00Z")]);
  });

  it("gets its own variables, and what client-go tells it", async () => {
    const script = `printf '{"status":{"token":"%s %s"}}' "$WHO" "$(echo "$KUBERNETES_EXEC_INFO" | cut -c 1-13)" | sed 's/{"apiVersion"/info/'`;
    const said = await askPlugin(plugin(script, [{ name: "WHO", value: "me" }]));
    assert.equal(said.token, "me info");
  });

  const bad: Record<string, [unknown, RegExp]> = {
    fails: [plugin("echo no login >&2; exit 1"), /sh failed: no login$/],
    "writes something else": [plugin("echo secret"), /sh did not write an ExecCredential$/],
    "is not there": [{ command: "/nowhere/plugin" }, /\/nowhere\/plugin can't be run: .*ENOENT/],
  };
  for (const [what, [exec, complaint]] of Object.entries(bad)) {
    it(`that ${what} is named`, async () => {
      await assert.rejects(askPlugin(exec), complaint);
    });
  }

  it("that hangs is ended", async t => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const asked = assert.rejects(askPlugin(plugin("exec sleep 1000")), /sh did not answer within 10 s$/);
    t.mock.timers.tick(10_000);
    await asked;
  });

  describe("with a user", () => {
    it("takes its time, and is told whether it may ask", async t => {
      t.mock.timers.enable({ apis: ["setTimeout"] });
      const info = `echo "$KUBERNETES_EXEC_INFO" | grep -q '"interactive":${String(isatty(0))}'`;
      const asked = askPlugin(plugin(`${info} && sleep 1 && echo '${credential({ token: "t" })}'`), true);
      t.mock.timers.tick(100_000);
      assert.equal((await asked).token, "t");
    });

    it("may not ask where the kubeconfig says so", async () => {
      const exec = plugin(`printf '{"status":{"token":"%s"}}' "$(echo "$KUBERNETES_EXEC_INFO" | tr -d '"')"`);
      const { token } = await askPlugin({ ...exec, interactiveMode: "Never" }, true);
      assert.match(token ?? "", /interactive:false/);
    });

    it("is heard on the standard error", async () => {
      const script = `import { askPlugin } from ${JSON.stringify(join(import.meta.dirname, "exec-plugin.ts"))};
        await askPlugin(${JSON.stringify(plugin("echo open a page >&2; exit 3"))}, true).catch(error => console.log(error.message));`;
      const node = [process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script]] as const;
      const { stdout, stderr } = await promisify(execFile)(...node);
      assert.deepEqual([stdout, stderr], ["the credential plugin sh failed: exit code 3\n", "open a page\n"]);
    });

    it("that is not there is named", () =>
      assert.rejects(askPlugin(bad["is not there"]?.[0], true), /\/nowhere\/plugin can't be run: .*ENOENT/));
  });
});

import assert from "node:assert/strict";
import { it } from "node:test";
import { VERBS } from "../verbs";
import { completions } from "./completions";

const known = { verbs: VERBS, defaults: {} };

it("answers as cobra's programs do: candidates that begin as typed, with descriptions, and a directive", async () => {
  assert.equal(await completions(["dri"], known), "drift\tShow what differs from what Helm installed\n:4\n");
  assert.equal(await completions(["drift", "--output=j"], known), "json\n:4\n");
  assert.equal(await completions(["wait", "shop", "--for", "l"], known), "locked\n:4\n");
  assert.equal(await completions(["completion", ""], known), "bash\nzsh\nfish\n:4\n");
});

it("leaves names of files to the shell", async () => {
  assert.equal(await completions(["drift", "--kubeconfig", ""], known), ":0\n");
});

it("says nothing of an error", async () => {
  assert.equal(await completions(["drift", "--kubeconfig", "/absent", ""], known), ":4\n");
});

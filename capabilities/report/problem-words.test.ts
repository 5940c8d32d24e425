import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reason } from "../drift/reasons";
import { kindOf } from "../kube/kinds";
import type { Problem } from "../state/problems";
import { problemWords } from "./problem-words";

const about = {
  kind: kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true }),
  desired: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop" } },
};
const account = { namespace: "shop", name: "tenant" };
const rival = { name: "api", namespace: "shop" };

const left = (because: Reason): Problem => ({ is: "left", because });

describe("problemWords", () => {
  const cases: [what: string, problem: Problem | undefined, words: RegExp | undefined][] = [
    ["nothing of what is right", undefined, undefined],
    ["nothing of what has run to its end", left({ is: "finished" }), undefined],
    ["whose an object is", left({ is: "tracked by another", rival }), /belongs to release shop\/api/],
    ["what Helm has not marked", left({ is: "unmarked" }), /no mark of Helm/],
    [
      "what names another release and reaches beyond its own",
      left({ is: "named by another", rival }),
      /names release shop\/api; .*allow-create=true/,
    ],
    [
      "what names no release and reaches beyond its own",
      left({ is: "unnamed" }),
      /names no release; .*allow-create=true/,
    ],
    ["what is not created", left({ is: "never seen" }), /helm upgrade.*allow-create=true/],
    [
      "what is not created for a policy alone",
      left({ is: "never seen by policy" }),
      /by a policy without serviceAccountName: .*helm upgrade/,
    ],
    ["who fights back", { is: "fought over", by: ["argocd", "flux"] }, /^argocd, flux changes it again/],
    ["that somebody fights back", { is: "fought over", by: [] }, /^somebody changes it again/],
    [
      "that there is no ServiceAccount",
      { is: "no account", account },
      /^ServiceAccount shop\/tenant, .* does not exist: nothing is written until it does$/,
    ],
    [
      "that the locker may not write as a ServiceAccount",
      { is: "barred", account },
      /^the locker may not write as ServiceAccount shop\/tenant\. .*"get","impersonate"/,
    ],
    [
      "that nobody could take it back",
      { is: "irrevocable", account },
      /neither ServiceAccount shop\/tenant nor the locker .*give ServiceAccount shop\/tenant the rule .* in namespace shop$/,
    ],
    ["what went wrong", { is: "failed", error: new Error("no answer") }, /^no answer$/],
  ];

  for (const [what, problem, words] of cases) {
    it(`tells ${what}`, () => {
      const told = problemWords(problem, about);
      if (words) assert.match(told ?? "", words);
      else assert.equal(told, undefined);
    });
  }
});

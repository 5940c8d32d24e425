import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as z from "zod";
import { userOf, type Account } from "../kube/account";
import { kindOf } from "../kube/kinds";
import type { Json } from "../kube/object";
import { Access } from "./access";
import { apiError, ForbiddenError } from "./errors";

const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });
const namespaces = kindOf({ apiVersion: "v1", kind: "Namespace", plural: "namespaces", namespaced: false });
const account = { namespace: "shop", name: "tenant" };
const mine = { kind: configMaps, namespace: "shop", account: undefined };
const theirs = { ...mine, account };

const review = z.object({
  spec: z.object({
    resourceAttributes: z.object({ verb: z.string(), namespace: z.string().default("everywhere") }),
  }),
});

/** An API server that allows what is named as "user verb namespace", and notes what it is asked. */
function serverThatAllows(...allowed: string[]) {
  const asked: string[] = [];
  const Raw = (_path: string, body?: unknown, as?: Account): Promise<Json> => {
    const { verb, namespace } = review.parse(body).spec.resourceAttributes;
    const question = `${as ? userOf(as) : "locker"} ${verb} ${namespace}`;
    asked.push(question);
    return Promise.resolve({ status: { allowed: allowed.includes(question) } });
  };
  return { asked, access: new Access({ Raw }) };
}

function serverThatAnswers(status: number, message = ""): Access {
  const reply = { reason: "", message, retryAfterSeconds: 1, account };
  return new Access({
    Raw: () => (status === 200 ? Promise.resolve({}) : Promise.reject(apiError(status, reply))),
  });
}

describe("what may be written", () => {
  const tenant = userOf(account);
  const all = ["create", "patch"].map(verb => `${tenant} ${verb} shop`);

  it("is asked in the namespace only where the right does not hold everywhere", async () => {
    const wide = serverThatAllows("locker create everywhere", "locker patch everywhere");
    assert.equal(await wide.access.mayWrite(mine), true);
    assert.equal(wide.asked.length, 2);
    const narrow = serverThatAllows("locker create shop", "locker patch shop");
    assert.equal(await narrow.access.mayWrite(mine), true);
    assert.equal(await narrow.access.mayWrite({ ...mine, namespace: "other" }), false);
    assert.equal(await narrow.access.mayWrite({ ...mine, kind: namespaces, namespace: undefined }), false);
  });

  it("is asked as the ServiceAccount that writes", async () => {
    const { access, asked } = serverThatAllows(...all, `${tenant} delete shop`);
    assert.equal(await access.mayWrite(theirs), true);
    assert.deepEqual(asked, [...all, `${tenant} delete shop`]);
  });

  it("can be taken back by either of the two", async () => {
    assert.equal(await serverThatAllows(...all).access.mayWrite(theirs), false);
    assert.equal(await serverThatAllows(...all, "locker delete shop").access.mayWrite(theirs), true);
    assert.equal(await serverThatAllows("locker delete shop").access.mayWrite(theirs), false);
  });

  it("is asked once for all that want to know", async () => {
    const { access, asked } = serverThatAllows(...all, `${tenant} delete shop`);
    await Promise.all([access.mayWrite(theirs), access.mayWrite(theirs)]);
    await access.mayTakeBack(theirs);
    assert.equal(asked.length, 3);
  });

  it("is asked again where a write is refused: of what is written, and nothing else", async t => {
    let now = 0;
    t.mock.method(performance, "now", () => now);
    const { access, asked } = serverThatAllows("locker create everywhere", "locker patch everywhere");
    const ask = async () => {
      for (const kind of [configMaps, namespaces]) await access.mayWrite({ ...mine, kind });
      return asked.splice(0).length;
    };
    assert.equal(await ask(), 4);
    access.doubt(mine);
    now = 1_001;
    assert.equal(await ask(), 2);
  });

  it("only a write can tell where nobody may ask", async () => {
    assert.equal(await serverThatAnswers(403, "no").mayWrite(mine), true);
  });

  it("can't be asked where the locker may not act as the ServiceAccount", async () => {
    const message =
      'serviceaccounts "tenant" is forbidden: User "me" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "shop"';
    await assert.rejects(serverThatAnswers(403, message).mayWrite(theirs), ForbiddenError);
  });
});

describe("a ServiceAccount", () => {
  const answers: [status: number, presence: string][] = [
    [200, "there"],
    [404, "missing"],
    [403, "barred"],
  ];
  for (const [status, presence] of answers) {
    it(`is ${presence} where the answer is ${status}`, async () => {
      assert.equal(await serverThatAnswers(status).presenceOf(account), presence);
    });
  }

  it("is anything while the API server does not answer", async () => {
    await assert.rejects(serverThatAnswers(503).presenceOf(account));
  });
});

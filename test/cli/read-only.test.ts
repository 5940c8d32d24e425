import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { AuditEvent } from "../../hack/clusters/control-plane/audit";
import { collection, configMap, configMapPath, type Body } from "../../hack/lib/objects";
import { helms, installWith } from "../support/both-helms";
import { deployment, type Chart } from "../support/chart";
import { command, type Printed } from "../support/command";
import { NAMESPACE, Room } from "../support/room";

const VALUES = ["hidden-in-chart", "hidden-by-hand", "hidden-beside"];

const encoded = (text: string) => Buffer.from(text).toString("base64");

function secret(name: string, data: Record<string, string>): Body {
  const values = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, encoded(value)]));
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, data: values };
}

const chart: Chart = {
  templates: {
    web: deployment("web", {}, { replicas: 2 }),
    settings: configMap("settings", { color: "blue" }),
    login: secret("login", { password: "hidden-in-chart" }),
    guarded: secret("guarded", { password: "hidden-in-chart" }),
  },
};

const secrets = collection("v1", "secrets", NAMESPACE);

/** What every verb here is called with. */
const CALLS: Record<string, string[]> = {
  drift: ["drift", "web", "-n", NAMESPACE],
  conflicts: ["conflicts", "web", "-n", NAMESPACE],
  plan: ["plan", "web", "-n", NAMESPACE],
  "explain of a Deployment": ["explain", "deploy/web", "-n", NAMESPACE],
  "explain of a Secret": ["explain", "secret/login", "-n", NAMESPACE],
  "explain of a Secret that is guarded": ["explain", "secret/guarded", "-n", NAMESPACE],
};

const WRITES = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** Refuses every write of one Secret, and quotes it. */
const guard: Body[] = [
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "guard" },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["secrets"] },
        ],
      },
      matchConditions: [{ name: "guarded", expression: "object.metadata.name == 'guarded'" }],
      validations: [
        { expression: "false", messageExpression: "'it is guarded: ' + string(object.data.password)" },
      ],
    },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: "guard" },
    spec: { policyName: "guard", validationActions: ["Deny"] },
  },
];

for (const helm of helms) {
  describe(`verbs that only read, of a release of ${helm}`, () => {
    let room: Room;
    const users = new Map<string, string>();

    /** Makes a user with a ClusterRole. */
    async function user(name: string, role: string): Promise<void> {
      await room.kubectl("create", "serviceaccount", name);
      const account = `--serviceaccount=${NAMESPACE}:${name}`;
      await room.kubectl("create", "clusterrolebinding", name, `--clusterrole=${role}`, account);
      users.set(name, await room.controlPlane.kubeconfigOf(NAMESPACE, name));
    }

    /** Runs a verb as a user. @returns also what it asked the API server to write */
    async function run(name: string, ...args: string[]): Promise<Printed & { writes: AuditEvent[] }> {
      const before = (await room.controlPlane.auditLog()).length;
      const printed = await command({ kubeconfig: users.get(name) ?? "" }, ...args);
      const events = (await room.controlPlane.auditLog()).slice(before);
      const isTheirs = (event: AuditEvent) =>
        event.user.username === `system:serviceaccount:${NAMESPACE}:${name}`;
      return { ...printed, writes: events.filter(event => isTheirs(event) && WRITES.has(event.verb)) };
    }

    before(async () => {
      room = await Room.withoutLocker();
      await installWith(room, helm, chart);
      await room.kubectl("create", "clusterrole", "reading", "--verb=get,list,watch", "--resource=*.*");
      await user("reader", "reading");
      await user("anybody", "cluster-admin");
      const edit = (path: string, body: Body) => room.api.edit(`${path}?fieldManager=hand`, body);
      const data = { password: encoded("hidden-by-hand"), extra: encoded("hidden-beside") };
      await edit(`${secrets}/login`, { data });
      await edit(`${secrets}/guarded`, { data: { password: data.password } });
      await edit(configMapPath(NAMESPACE, "settings"), { data: { color: "red" } });
      await edit(`${collection("apps/v1", "deployments", NAMESPACE)}/web`, { spec: { replicas: 4 } });
      for (const object of guard)
        await room.controlPlane.kubectl(["create", "-f", "-"], { input: JSON.stringify(object) });
      // A policy counts a moment after it was made.
      const annotate = () =>
        room.controlPlane.succeeds(
          "annotate",
          "-n",
          NAMESPACE,
          "secret/guarded",
          "--overwrite",
          `a=${Date.now()}`,
        );
      while (await annotate());
    });
    after(() => room.leave());

    for (const [what, args] of Object.entries(CALLS)) {
      it(`${what} writes nothing: it asks by dry runs, and plan about rights`, async () => {
        const { writes, stdout, stderr } = await run("anybody", ...args);
        assert.notEqual(`${stdout}${stderr}`, "");
        const rest = writes.filter(({ requestURI }) => !requestURI.includes("dryRun=All"));
        const isReview = ({ objectRef }: AuditEvent) => objectRef?.resource === "subjectaccessreviews";
        assert.deepEqual(
          rest.filter(event => !isReview(event)),
          [],
        );
        assert.equal(rest.length > 0, what === "plan");
      });

      it(`${what} falls back for who may only read, and says so`, async () => {
        const { writes, stderr } = await run("reader", ...args);
        assert.notEqual(stderr, "");
        assert.equal(writes.filter(({ responseStatus }) => (responseStatus?.code ?? 0) < 400).length, 0);
        const wasRefused = writes.some(({ requestURI }) => requestURI.includes("dryRun=All"));
        assert.equal(/^warning: you may not ask the server by dry runs/m.test(stderr), wasRefused, stderr);
        assert.equal(wasRefused, what !== "conflicts", stderr);
      });
    }

    for (const what of Object.keys(CALLS).filter(name => name !== "conflicts"))
      it(`${what} --no-dry-run asks nothing`, async () => {
        const { writes, stdout } = await run("anybody", ...(CALLS[what] ?? []), "--no-dry-run");
        assert.notEqual(stdout, "");
        assert.deepEqual(
          [...new Set(writes.map(({ objectRef }) => objectRef?.resource))],
          what === "plan" ? ["subjectaccessreviews"] : [],
        );
      });

    it("plan says that it could not ask what the operator may do", async () => {
      const { stderr } = await run("reader", ...(CALLS.plan ?? []));
      assert.match(
        stderr,
        /^Whether the operator has the rights that this takes is not known: .*subjectaccessreviews/m,
      );
    });

    it("no value of a Secret is shown, in no format and no error, unless that is asked for", async () => {
      for (const args of Object.values(CALLS))
        for (const output of ["table", "wide", "json", "yaml", "name"]) {
          const { stdout, stderr } = await run("anybody", ...args, "-o", output, "-v");
          for (const value of VALUES.flatMap(text => [text, encoded(text)]))
            assert.ok(
              !`${stdout}${stderr}`.includes(value),
              `${args.join(" ")} -o ${output}: ${stdout}${stderr}`,
            );
        }
      const { stderr } = await run("anybody", ...(CALLS.plan ?? []));
      assert.match(stderr, /^Not possible: Secret shop\/guarded: refused by the API server: 4\d\d/m);
      const { stdout } = await run("anybody", ...(CALLS.drift ?? []), "-o", "json", "--show-secrets");
      assert.ok(stdout.includes(encoded("hidden-by-hand")));
    });
  });
}

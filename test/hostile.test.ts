import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { MemoryGroup } from "../hack/lib/memory-group";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import {
  hasProblems,
  helmRelease,
  helmReleasePath,
  isLocked,
  isUnlocked,
  lock,
  register,
} from "../hack/locker/helm-release";
import { payloadOf, recordPath } from "../hack/locker/release-record";
import {
  becomes,
  byPatch,
  isReverted,
  postSentinel,
  sentinelReverted,
  stands,
  staysAway,
} from "./support/changes";
import { addForged, bomb, forge, withdraw } from "./support/forged";
import { chartMemory, isWithinLimit } from "./support/chart-memory";
import { rewriteRecord, withDocument } from "./support/record";
import { LATE_STATUS } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";
import { makeTenant, toWrite } from "./support/tenant";

/** Longest record that is unpacked, in bytes. */
const MAX_RECORD = 16 * 1024 * 1024;

const fill = (text: string, length: number): string => text.repeat(Math.ceil(length / text.length));
const listOf = (items: string): string => `apiVersion: v1\nkind: ConfigMapList\nitems: [${items}]\n`;
const laughs = [
  "l0: &l0 lol",
  ...Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(10)}]`),
];

describe("hostile records", () => {
  let room: Room;
  let group: MemoryGroup | undefined;
  before(async () => {
    group = chartMemory();
    room = await Room.withoutLocker();
    await room.startLocker({ memory: group });
    await postSentinel(room);
  });
  after(async () => {
    await room.close();
    await group?.close();
  });

  it("do not keep it down: 400 with as many annotations as may be", async () => {
    await addForged(room, 400, name => ({ release: name, name: `sh.helm.release.v1.${name}.v1` }));
    await room.stopLocker();
    await room.startLocker({ memory: group });
    await sentinelReverted(room);
  });

  const payloads: Record<string, () => Buffer> = {
    "is a gzip bomb": bomb,
    "is random bytes": () => Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7919) % 256)),
    "is the head of a gzip": () => Buffer.from("H4sIAAAAAAA="),
    "is a million line breaks": () => Buffer.from(`AAAA${fill("\n", 1_000_000)}%`),
    "unpacks to a deep list": () => payloadOf("hostile", 1, "", `"x":${fill("[", MAX_RECORD - 1000)}`),
  };
  for (const [index, [what, payload]] of Object.entries(payloads).entries()) {
    it(`report one whose payload ${what}`, async () => {
      const release = `payload-${index}`;
      await forge(room, { release, payload: payload() });
      await register(room, helmRelease(release));
      await isUnlocked(room, release, "Error", "RecordError");
      await sentinelReverted(room);
    });
  }

  const manifests: Record<string, [manifest: () => string, reported: RegExp]> = {
    "is a billion laughs": [() => laughs.join("\n"), /aliases/],
    "is nested 100,000 deep": [() => fill("[", 100_000), /deeper/],
    "is nested 100,000 deep by indentation": [() => fill("- ", 100_000), /deeper/],
    "holds 10,000 documents": [() => fill("---\na\n", 60_000), /documents/],
    "holds 9,000 broken documents": [() => fill("---\n{\n", 9_000 * 6), /YAML/],
    "holds a text of 8 MB": [() => `a: ${fill("x", 8 * 2 ** 20)}`, /longer/],
    "holds a text of 2 MB in short lines": [() => `a: |\n${fill(" b\n", 2_000_000)}`, /apiVersion/],
    "holds 2 MB of wrong escapes": [() => `a: "${fill("\\q", 2_000_000)}"`, /YAML/],
    "holds a list of 100,000 numbers": [() => `a:\n${fill("- 1\n", 400_000)}`, /too much YAML/],
    "holds a list of 20,000 objects": [
      () => listOf(Array.from({ length: 20_000 }, (_, i) => `{metadata: {name: a${i}}}`).join()),
      /objects|too much YAML/,
    ],
    "holds a list of 50,000 numbers for objects": [
      () => listOf(fill("1,", 100_000)),
      /not a Kubernetes object/,
    ],
    "holds as many lists as may be": [
      () => fill(`---\na:\n${fill("- {}\n", 200_000)}`, 1_600_000),
      /apiVersion|too much YAML/,
    ],
    "is about prototypes": [
      () => '{"__proto__": {"kind": "ConfigMap"}, "constructor": {"prototype": {"polluted": true}}}',
      /apiVersion/,
    ],
  };
  for (const [index, [what, [manifest, reported]]] of Object.entries(manifests).entries()) {
    it(`report one whose manifest ${what}`, async () => {
      const release = `manifest-${index}`;
      await forge(room, { release, payload: payloadOf(release, 1, manifest()) });
      await register(room, helmRelease(release));
      assert.match(await hasProblems(room, release, undefined, LATE_STATUS), reported);
      await sentinelReverted(room);
    });
  }

  it("do not hide a release behind absurd revisions", async () => {
    const settings = configMapPath(NAMESPACE, "absurd");
    await room.install("absurd", { templates: { settings: configMap("absurd", { color: "blue" }) } });
    await lock(room, "absurd");
    for (const revision of ["0", "1.5", "007", "1e9", "0x10", "9".repeat(30)]) {
      await forge(room, { release: "absurd", revision, payload: Buffer.from("junk") });
    }
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    const greatest = "9".repeat(15);
    await forge(room, { release: "absurd", revision: greatest, payload: Buffer.from("junk") });
    await isUnlocked(room, "absurd", "Error", "RecordError");
    await withdraw(room, "absurd", Number(greatest));
    await isLocked(room, "absurd");
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "green" } }));
  });

  it("leave room for a release whose record fills a Secret", async () => {
    const line = "{{ $.Release.Name }}: It was a dark and stormy night; the rain fell in torrents.\\n";
    const part = `apiVersion: v1
kind: ConfigMap
metadata:
  name: volume-{{ . }}
data:
  noise: {{ randAlphaNum 22000 | quote }}
  text: {{ repeat 1000 ${JSON.stringify(line)} | quote }}
`;
    await room.install("library", { templates: { parts: `{{ range until 38 }}---\n${part}{{ end }}` } });
    const record = await room.api.read(recordPath("library", 1));
    assert.ok(JSON.stringify(record.data).length > 1_000_000);
    assert.ok((await room.helm("get", "manifest", "library")).length > 3_500_000);
    await lock(room, "library");
    const last = configMapPath(NAMESPACE, "volume-37");
    await isReverted(room, last, byPatch(room, last, { data: { text: "torn" } }));
  });

  it("cost the locker no more memory than the chart gives it", () => {
    isWithinLimit(room, group);
  });
});

const TAKEN_FORBIDDEN = /taken" is forbidden: User "system:serviceaccount:shop:tenant" cannot patch/;

/** Whose rights the locker writes with: its own, which are all, or those that a tenant has. */
const accounts: Record<string, Body> = {
  "the locker itself": {},
  "a tenant's ServiceAccount": { serviceAccountName: "tenant" },
};

for (const [who, spec] of Object.entries(accounts)) {
  describe(`forged manifests, where ${who} writes`, () => {
    const elsewhere = "elsewhere";
    let room: Room;
    let settings: string;
    let release: string;
    before(async () => {
      room = await Room.open(postSentinel);
      await room.kubectl("create", "namespace", elsewhere);
      await makeTenant(room, "tenant", toWrite("configmaps"));
    });
    after(() => room.close());

    async function locked(): Promise<void> {
      ({ release, settings } = await room.installFresh());
      await lock(room, release, { spec });
    }

    const rbac = "rbac.authorization.k8s.io/v1";
    const beyond: Record<string, [object: Body, collectionPath: string]> = {
      "cluster-scoped": [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: "taken" } },
        collection("v1", "namespaces"),
      ],
      "cluster-scoped RBAC": [
        {
          apiVersion: rbac,
          kind: "ClusterRoleBinding",
          metadata: { name: "taken" },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
          subjects: [{ kind: "ServiceAccount", name: "default", namespace: NAMESPACE }],
        },
        collection(rbac, "clusterrolebindings"),
      ],
      "RBAC of the release's namespace": [
        { apiVersion: rbac, kind: "Role", metadata: { name: "taken" }, rules: [] },
        collection(rbac, "roles", NAMESPACE),
      ],
      "of another namespace": [
        { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "taken", namespace: elsewhere } },
        collection("v1", "configmaps", elsewhere),
      ],
    };
    for (const [what, [object, collectionPath]] of Object.entries(beyond)) {
      it(`create nothing ${what} that was never seen, unless a HelmRelease allows it`, async () => {
        await locked();
        const manifest = `${JSON.stringify(object)}\n---\n${JSON.stringify(configMap(release, { color: "blue" }))}`;
        await forge(room, { release, revision: "2", payload: payloadOf(release, 2, manifest) });
        assert.match(await hasProblems(room, release), /taken.*helmreleases\.cattle\.io\/allow-create=true/);
        await staysAway(room, `${collectionPath}/taken`);
        await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
        await room.api.edit(helmReleasePath(release), {
          metadata: { annotations: { "helmreleases.cattle.io/allow-create": "true" } },
        });
        if (spec.serviceAccountName === undefined) {
          await becomes(room, `${collectionPath}/taken`, found => found !== undefined);
          await isLocked(room, release);
        } else {
          await hasProblems(room, release, said => TAKEN_FORBIDDEN.test(said));
          await staysAway(room, `${collectionPath}/taken`);
        }
      });
    }

    it("create again what was seen, and what stays within the namespace", async () => {
      await locked();
      const extra = configMapPath(NAMESPACE, `${release}-extra`);
      const objects = [configMap(release, { color: "blue" }), configMap(`${release}-extra`, {})];
      const manifest = objects.map(object => JSON.stringify(object)).join("\n---\n");
      await forge(room, { release, revision: "2", payload: payloadOf(release, 2, manifest) });
      await becomes(room, extra, found => found !== undefined);
    });

    it("are refused where they change within one record, until Helm makes a new revision", async () => {
      await locked();
      const extra = configMap(`${release}-extra`, { color: "black" });
      await rewriteRecord(room, release, withDocument(extra));
      const { conditions } = await isUnlocked(room, release, "Error", "RecordError");
      assert.match(conditions.map(({ message }) => message).join(), /manifest.*was changed/);
      await stands(room, settings, byPatch(room, settings, { data: { color: "red" } }));
      await staysAway(room, configMapPath(NAMESPACE, `${release}-extra`));
      await room.install(release, { templates: { settings: configMap(release, { color: "green" }) } });
      await isLocked(room, release);
      await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
      await staysAway(room, configMapPath(NAMESPACE, `${release}-extra`));
    });

    it("are forgiven where the record is as it was", async () => {
      await locked();
      const { data } = await room.api.read(recordPath(release, 1));
      await rewriteRecord(room, release, withDocument(configMap(`${release}-extra`, {})));
      await isUnlocked(room, release, "Error", "RecordError");
      await room.api.edit(recordPath(release, 1), { data });
      await isLocked(room, release);
      await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    });
  });
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import {
  decodeRecord,
  disagreement,
  readRecordLabels,
  readRecordName,
  RecordError,
  recordName,
  releaseStatuses,
} from "./record";

/** data.release of a Secret that helm 3.22.0 wrote for the release "web" with one Secret, one Pod and a List. */
const writtenByHelm =
  "SDRzSUFBQUFBQUFDLzZSV2I1T2F2QmIvS3BrOGIzRUx1TmdyTTMyaDdvcXMxaTJpb3BUT25SQWlvQ0ZoSU9EcVhyNzduV0RkZHRyZHp1elRWNTZjdjcvek8rSEVaOGhRUnFBSmp5U0VDa3paamtQekdlN1NvaFQvalVoTytZbEUwSVM2cXZjNm10YlI5YVdtbThaSFU3Mjk2ZloxVGU4YmV0K0hDcVRvblFFUm9VUzBydTJoeEVXYWk1UXphRUtibFFKUkNqRFBjdWtFRlZnS0pLb1NtdkNsaEFJWkYwU3FaaHdmU0dTQ0l3a0RCaHNGNGdRVlFyYVJFWUVpSkpDVXYvY3BpaFFmVGxDQk5TbktTem4xUnJ0Um9RSlJucTVmbExVdU0xR09EOUJrRmFVS0ZDVExLV3BMZnYyUjdxcjhNSDljM3JzMzRrbklkdHFhY0duMTkwaGZIeDdUNFVkeUdsU3JiRjM2M3Zqc3U4YmoxdE9vUGRINm8valRKOWdvcnlSRWxONmNVRVovNU50dWh2azZXNSt3VHV0d3orTm9mejlGT3EzOE94NDdlci95TThxVzN2ZzR5alFhV2VQRGRyTklaTzB3R3d0L3lXUFNMZU1aZmFDaHRVNnd2cXFXVXU4Tyt6dFhTM1pPZnZHUGVXeGJXdTFicTU0OXNvL3p2YVBhVWpkWlVESnhldmJrT0xWSGc5Z2VxV0xtOEZqS1pDQmpqRHJNVmozYk1yVFFPazVucmlwRzZlYzQxSTJTdU1QRXR1WjE2R2swWk03RmxvMlBhTzFUek9aNXFOLzI3TW4yYVpTSlBNeWNuajJlMDIzM2dVYURYUGliUmVKYlkzVXI4ZXRHRW5xcm5qMFJIKzJSNGZyZUU5MXU1blIyYVBYeGJxTUszRldudUxzNEljOWdpMnRjZDVqZzdyd2JkaC9rTEhqa0dhcS9zVTg3aDR1WnEwNy94T3ZTb3Vkb2tPZVJ0UmI0ektjemQ1aGdpM3IrNXVHTXZINzFtQTcxejVJSDZ6djIrM2tkWm43dXExcUNXMTdlUFl0UzRyS3RWL2hKQi9FVjEwcGZuNktNN24zblg5VTRSOW04TC9QaDdwQnV6eTFITldhTDgyTTZEQyt5MDdQdjR1TnVyWmIyWkM1ejdDT3JmNUw1SmFkYnB2VkhxU3BtN21CdlQrWXQvNkZGSzkvSlgrRW5MNUJuU082ZFVIZW1vYmRXdDk0aWlheDdPY3RLZmd0LytrWm1tMkh0VCtSY1c2eFRlelRjaDdxaGJqMWF5VHJ0blIycDhiWHY3ZkZ5TDVHbkpiNHU3MHQ4dWJPVG4zclU1M1hJRmdueURJcnBULzI2eC9oMTIrbzhHdzJQT091cm9iVGY4WGk5V2ppN3RUcUZ6VGNGMW9oV2NqZGNsa1dKRTVLaDYybVgwcXVwVVdDR1dMb2pwWUFtN0hRNkFmc0h1THdxTURIQlpUbDkrSDBIQk96SGNqSkJyUVhza0xMSUJDN0JCUkVCdXk0NkV6ekxQZEx1d2s3WkJLd1VSY3JpdTRzcFIyVjU1RVZrZ3FSaWdoUjZFN0MvUlREaWJKZkduMUgrQmdqVUJLeFZCZ3lBakVmRUJBRlVlN2UzQVpRYVFaNkVDZjRuUlFCYUxGSjRraitNTTJJQ3lkbDdVUDREU3BRUlFGTkczb0w4aFVkdmdNMTVKRG5MQ1c3aFlzNEVTaGtweXZiWUFSZFBmQUdaWmlnbTVnVXJBRGt2UkdtQ3I4OHZRVjk0SVV6d0g3VlJ3SzlLbzZ1QXZPQ0NZMDVOc0xyNzBueDdYNCtjMFJOQThvSE1DQk4vUDhWWldvcUFwWUprc3RVTytOVUxnTittRGNDckZOTG1UL0V1S2VvVWt6ZWp5eG8zMHRpT0FEeS9rSnBmdWZ5bWdKSlFnZ1V2VFBDTVRCQTJUY0IrZnM0MXBYMUt5eHhoMHY1ZjJLR0tDdGo4UHdBQS8vK0d0YWk0NmdnQUFBPT0=";

const base64 = (data: string | Buffer) => Buffer.from(data).toString("base64");
const inConfigMap = (body: unknown) => base64(gzipSync(JSON.stringify(body)));
const inSecret = (body: unknown) => base64(inConfigMap(body));

const body = {
  name: "web",
  namespace: "shop",
  version: 3,
  info: { status: "deployed", description: "Upgrade complete", notes: "Enjoy", deleted: "" },
  manifest: "---\nkind: ConfigMap\n",
  chart: { metadata: { name: "web" } },
  hooks: [{ name: "h" }],
};
const decoded = {
  name: "web",
  namespace: "shop",
  revision: 3,
  status: "deployed",
  description: "Upgrade complete",
  notes: "Enjoy",
  manifest: "---\nkind: ConfigMap\n",
  isServerSide: false,
} as const;

const saying = (message: RegExp) => (error: unknown) =>
  error instanceof RecordError && message.test(error.message);

describe("names and labels of records", () => {
  it("names a record as Helm does, and reads it back", () => {
    assert.equal(recordName("web", 12), "sh.helm.release.v1.web.v12");
    for (const release of ["web", "a.b", "web.v2", "sh.helm.release.v1.x.v1"]) {
      assert.deepEqual(readRecordName(recordName(release, 7)), { release, revision: 7 });
    }
    for (const name of [
      "web",
      "sh.helm.release.v1.web",
      "sh.helm.release.v1.web.v0",
      "sh.helm.release.v2.web.v1",
    ]) {
      assert.equal(readRecordName(name), undefined);
    }
  });

  it("reads the labels of every status", () => {
    for (const status of releaseStatuses) {
      const labels = { name: "web", owner: "helm", status, version: "3", modifiedAt: "1795352225" };
      assert.deepEqual(readRecordLabels(labels), { release: "web", revision: 3, status });
    }
  });

  it("takes a status of a later Helm for unknown, so that the newest revision stays the newest", () => {
    const labels = { name: "web", owner: "helm", status: "pending-magic", version: "3" };
    assert.equal(readRecordLabels(labels)?.status, "unknown");
  });

  it("leaves other objects alone", () => {
    const labels = { name: "web", owner: "helm", status: "deployed", version: "3" };
    const others = [{ owner: "flux" }, { version: "x" }, { version: "0" }, { version: "1.5" }, { name: "" }];
    for (const other of others) assert.equal(readRecordLabels({ ...labels, ...other }), undefined);
    assert.equal(readRecordLabels(undefined), undefined);
    assert.equal(readRecordLabels({}), undefined);
  });
});

describe("payloads of records", () => {
  it("reads what Helm itself wrote", () => {
    const { manifest, ...rest } = decodeRecord(writtenByHelm);
    assert.deepEqual(rest, {
      name: "web",
      namespace: "default",
      revision: 1,
      status: "deployed",
      description: "Install complete",
      notes: "Locked: web\n",
      isServerSide: false,
    });
    assert.match(manifest, /^---\n# Source: tricky\/templates\/all.yaml\napiVersion: v1\nkind: Secret\n/);
  });

  it("reads Secrets, ConfigMaps, and records from before compression", () => {
    const plain = JSON.stringify(body);
    for (const payload of [inSecret(body), inConfigMap(body), base64(base64(plain)), base64(plain)]) {
      assert.deepEqual(decodeRecord(payload), decoded);
    }
  });

  it("fills in what Go leaves out when it is empty", () => {
    const record = decodeRecord(inSecret({ ...body, manifest: undefined, info: { status: "failed" } }));
    assert.deepEqual([record.manifest, record.notes, record.description], ["", "", ""]);
  });

  it("tells how Helm has written: only Helm 4 writes server-side, and says so", () => {
    for (const [method, isServerSide] of [
      ["ssa", true],
      ["csa", false],
      [{}, false],
    ] as const)
      assert.equal(decodeRecord(inSecret({ ...body, apply_method: method })).isServerSide, isServerSide);
  });

  it("says what is wrong with a broken payload", () => {
    const cut = base64(gzipSync(JSON.stringify(body)).subarray(0, 60));
    const cases: [payload: string, message: RegExp][] = [
      ["", /not base64/],
      ["%%%", /not base64/],
      [base64("%%%"), /not base64/],
      [base64(base64("hello")), /neither gzip nor JSON/],
      [cut, /damaged or cut short/],
      [base64("{not json"), /not a JSON object/],
      [inSecret(null), /not a JSON object/],
      [inSecret({}), /no usable field/],
      [inSecret({ ...body, name: undefined }), /field "name"/],
      [inSecret({ ...body, version: "3" }), /field "version"/],
      [inSecret({ ...body, info: {} }), /field "info.status"/],
      [inSecret({ ...body, manifest: 7 }), /field "manifest"/],
    ];
    for (const [payload, message] of cases) assert.throws(() => decodeRecord(payload), saying(message));
  });

  it("stops a zip bomb, and a plain payload beyond the limit", () => {
    const bomb = inSecret({ ...body, manifest: "x".repeat(1_000_000) });
    assert.ok(bomb.length < 5000);
    assert.throws(() => decodeRecord(bomb, 100_000), saying(/more than 100000 bytes/));
    assert.throws(() => decodeRecord(base64(JSON.stringify(body)), 100), RecordError);
    assert.equal(decodeRecord(bomb).manifest.length, 1_000_000);
  });

  it("never quotes a payload that is not JSON", () => {
    const payload = base64(base64(gzipSync('{"data": hunter2')));
    assert.throws(
      () => decodeRecord(payload),
      error => error instanceof RecordError && !/hunter2/.test(`${error.message} ${String(error.cause)}`),
    );
  });

  it("is not led astray by prototype keys", () => {
    const text = JSON.stringify(body).replace("{", '{"__proto__":{"polluted":1},"constructor":1,');
    assert.deepEqual(decodeRecord(base64(gzipSync(text))), decoded);
    assert.equal("polluted" in {}, false);
  });
});

describe("records that contradict themselves", () => {
  const labels = { name: "web", owner: "helm", status: "deployed", version: "3" };
  const found = { name: "web", namespace: "shop", revision: 3 };

  it("are believed when all agrees", () => {
    assert.equal(disagreement(labels, decoded, found), undefined);
  });

  it("are reported with what differs", () => {
    const cases: [labels: unknown, found: Parameters<typeof disagreement>[2], message: RegExp][] = [
      [{ ...labels, name: "api" }, found, /name is "api" outside, "web" in the payload/],
      [labels, { ...found, name: "api" }, /name is "api"/],
      [labels, { ...found, revision: 5 }, /revision is "5" outside, "3"/],
      [{ ...labels, version: "4" }, found, /revision is "4" outside, "3"/],
      [{ ...labels, status: "failed" }, found, /status is "failed" outside, "deployed"/],
      [labels, { ...found, namespace: "other" }, /namespace is "other" outside, "shop"/],
      [{}, found, /labels are not those of a Helm release record/],
    ];
    for (const [labels, found, message] of cases)
      assert.match(disagreement(labels, decoded, found) ?? "", message);
  });
});

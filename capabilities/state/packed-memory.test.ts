import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { valueDigestOf } from "../kube/digest";
import type { Remembered } from "./lock";
import type { Memory } from "./memory";
import { identityOf, packMemory, unpackMemory } from "./packed-memory";

const subject = { release: "shop/web", helmRelease: "u1" };

const any: Remembered = {
  seenAs: valueDigestOf("any"),
  isFinished: false,
  rivalsUnder: undefined,
  told: undefined,
};

function memoryWith(objects: Record<string, Remembered>): Memory {
  const named = Object.entries(objects).map(([name, object]) => [valueDigestOf(name), object] as const);
  return {
    seal: { uid: "r1", digest: "d".repeat(64) },
    manager: "helm",
    policy: undefined,
    objects: new Map(named),
  };
}

const memory = memoryWith({
  a: any,
  b: { ...any, seenAs: undefined, isFinished: true },
  c: { ...any, rivalsUnder: "r1" },
  d: { ...any, told: valueDigestOf("drift") },
});

describe("a memory", () => {
  it("is read as it was written", () => {
    const read = unpackMemory({ spec: packMemory(memory, subject) }, subject);
    assert.deepEqual(read && { ...read, objects: new Map([...read.objects].sort()) }, {
      ...memory,
      objects: new Map([...memory.objects].sort()),
    });
    const nothing: Memory = { seal: undefined, manager: undefined, policy: undefined, objects: new Map() };
    assert.deepEqual(unpackMemory({ spec: packMemory(nothing, subject) }, subject), nothing);
  });

  it("is the same text in whatever order objects were noted", () => {
    const reversed = { ...memory, objects: new Map([...memory.objects].reverse()) };
    assert.deepEqual(packMemory(reversed, subject), packMemory(memory, subject));
  });

  it("is read as earlier versions have written it, which knew no policy, and not what was told", () => {
    const spec = packMemory(memoryWith({ a: any }), subject);
    const { form, release, helmRelease, record, manager, objects } = spec;
    const parts = [form, release, helmRelease, record?.uid, record?.digest, manager, objects];
    const checksum = createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
    assert.ok(unpackMemory({ spec: { ...spec, checksum } }, subject));
  });

  it("of which what was told is not whole is none", () => {
    const spec = packMemory(memory, subject);
    for (const told of [undefined, "", spec.objects, spec.told?.slice(0, -4)])
      assert.equal(unpackMemory({ spec: { ...spec, told } }, subject), undefined);
  });

  it("is the same for earlier versions whatever was told", () => {
    const untold = memoryWith(Object.fromEntries(["a", "d"].map(name => [name, any])));
    const told = memoryWith({ a: any, d: { ...any, told: valueDigestOf("drift") } });
    const [one, other] = [untold, told].map(memory => packMemory(memory, subject));
    assert.equal(one?.checksum, other?.checksum);
    assert.ok(one && other && identityOf(one) !== identityOf(other));
  });

  it("with another policy is another one", () => {
    const spec = packMemory({ ...memory, policy: { suspend: true } }, subject);
    assert.deepEqual(unpackMemory({ spec }, subject)?.policy, { suspend: true });
    assert.equal(unpackMemory({ spec: { ...spec, policy: {} } }, subject), undefined);
    assert.equal(unpackMemory({ spec: { ...spec, policy: undefined } }, subject), undefined);
  });

  it("forgets what was another release's under an earlier record", () => {
    const spec = packMemory(memoryWith({ a: { ...any, rivalsUnder: "r0" } }), subject);
    assert.equal([...(unpackMemory({ spec }, subject)?.objects.values() ?? [])][0]?.rivalsUnder, undefined);
  });

  it("of 10,000 objects fits into an object of half a megabyte", () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`o${index}`, any]));
    const spec = packMemory(memoryWith(many), subject);
    assert.ok(JSON.stringify(spec).length < 500_000);
    assert.equal(unpackMemory({ spec }, subject)?.objects.size, 10_000);
  });

  const spec = packMemory(memory, subject);
  const useless: Record<string, unknown> = {
    "there is none": undefined,
    "it is empty": {},
    "it is cut short": { spec: { ...spec, objects: spec.objects.slice(0, 44) } },
    "an object was added": { spec: { ...spec, objects: spec.objects + spec.objects } },
    "another manager was written into it": { spec: { ...spec, manager: "evil" } },
    "another record was": { spec: { ...spec, record: { uid: "r2", digest: "e".repeat(64) } } },
    "its record was taken out": { spec: { ...spec, record: undefined } },
    "it is of another form": { spec: { ...spec, form: 2 } },
    "it is about another release": { spec: packMemory(memory, { ...subject, release: "shop/api" }) },
    "it is another HelmRelease's": { spec: packMemory(memory, { ...subject, helmRelease: "u2" }) },
    "it is longer than a release may be": { spec: { ...spec, objects: "A".repeat(1_000_000) } },
    "its fields are of other types": { spec: { ...spec, objects: [spec.objects] } },
  };
  for (const [why, stored] of Object.entries(useless)) {
    it(`is none where ${why}`, () => {
      assert.equal(unpackMemory(stored, subject), undefined);
    });
  }
});

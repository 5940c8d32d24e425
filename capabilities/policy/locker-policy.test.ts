import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { byPriority, LockerPolicy, type Candidate, type CandidateNamespace } from "./locker-policy";
import { matchesPattern } from "./name-pattern";
import { PolicyError } from "./policy-error";

const template = { driftDetection: { mode: "warn" } };

function policy(
  releases: object,
  { name = "all", ...more }: { name?: string; [field: string]: unknown } = {},
) {
  return new LockerPolicy(name, { releases, template, ...more });
}

const web: Candidate = { namespace: "shop", name: "web", labels: {}, isReserved: false };
const plain: CandidateNamespace = { labels: {}, optsOut: false };

describe("matchesPattern", () => {
  const cases: [pattern: string, name: string, expected: boolean][] = [
    ["*", "web", true],
    ["web", "web", true],
    ["web", "web-1", false],
    ["web", "a-web", false],
    ["web-*", "web-1", true],
    ["web-*", "web", false],
    ["*-web", "a-web", true],
    ["a*a", "a", false],
    ["a*b*a", "aba", true],
    ["a*ab*b", "aab", false],
    ["a*ab*b", "aabb", true],
    ["*b*", "abc", true],
    ["*x*", "abc", false],
    ["a.b", "axb", false],
  ];
  for (const [pattern, name, expected] of cases)
    it(`${pattern} is ${expected ? "" : "not "}like ${name}`, () => {
      assert.equal(matchesPattern(pattern, name), expected);
    });

  it("takes no longer for a pattern that would have a regular expression go back and forth", () => {
    const begun = performance.now();
    assert.equal(matchesPattern("a*".repeat(30) + "b", "a".repeat(63)), false);
    assert.ok(performance.now() - begun < 100);
  });
});

describe("a HelmLockerPolicy", () => {
  const production = { labels: { env: "production" }, optsOut: false };
  const cases: [
    what: string,
    releases: object,
    expected: boolean,
    release?: Partial<Candidate>,
    namespace?: CandidateNamespace,
  ][] = [
    ["matches all without a rule", {}, true],
    ["matches a name", { names: ["api", "web"] }, true],
    ["matches no other name", { names: ["api"] }, false],
    ["matches names by a pattern", { names: ["w*"] }, true],
    ["leaves out a namespace", { exclude: [{ namespace: "shop" }] }, false],
    ["leaves out a name", { exclude: [{ name: "w*" }] }, false],
    ["leaves out only what is both", { exclude: [{ namespace: "shop", name: "api" }] }, true],
    ["asks for the namespace's labels", { namespaceSelector: { matchLabels: { env: "production" } } }, false],
    [
      "finds the namespace's labels",
      { namespaceSelector: { matchLabels: { env: "production" } } },
      true,
      {},
      production,
    ],
    ["asks for the release's labels", { selector: { matchLabels: { lock: "true" } } }, false],
    [
      "finds the release's labels",
      { selector: { matchLabels: { lock: "true" } } },
      true,
      { labels: { lock: "true" } },
    ],
    [
      "counts no label of Helm's own",
      { selector: { matchLabels: { status: "deployed" } } },
      false,
      { labels: { status: "deployed" } },
    ],
    [
      "NotIn holds where the label is absent",
      { selector: { matchExpressions: [{ key: "tier", operator: "NotIn", values: ["a"] }] } },
      true,
    ],
    [
      "NotIn does not hold for its values",
      { selector: { matchExpressions: [{ key: "tier", operator: "NotIn", values: ["a"] }] } },
      false,
      { labels: { tier: "a" } },
    ],
    [
      "Exists needs the label",
      { selector: { matchExpressions: [{ key: "tier", operator: "Exists" }] } },
      false,
    ],
    [
      "DoesNotExist needs its absence",
      { selector: { matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] } },
      true,
    ],
    [
      "no label is inherited",
      { selector: { matchExpressions: [{ key: "toString", operator: "Exists" }] } },
      false,
    ],
    ["leaves what is reserved", {}, false, { isReserved: true }],
    ["leaves what is reserved, and like a pattern", { names: ["web*"] }, false, { isReserved: true }],
    ["matches what is reserved by its name", { names: ["web"] }, true, { isReserved: true }],
  ];
  for (const [what, releases, expected, release, namespace = plain] of cases)
    it(what, () => {
      assert.equal(policy(releases).matches({ ...web, ...release }, namespace), expected);
    });

  it("can be opted out of only where it says so", () => {
    const marked = { ...web, labels: { "helmreleases.cattle.io/lock": "false" } };
    const leaving = { ...plain, optsOut: true };
    const strict = policy({});
    assert.deepEqual([strict.matches(marked, plain), strict.matches(web, leaving)], [true, true]);
    assert.deepEqual([strict.needsNamespaces, strict.labelKeys], [false, []]);
    const lenient = policy({}, { allowOptOut: true });
    assert.deepEqual([lenient.matches(marked, plain), lenient.matches(web, leaving)], [false, false]);
    assert.ok(lenient.matches({ ...web, labels: { "helmreleases.cattle.io/lock": "true" } }, plain));
    assert.deepEqual([lenient.needsNamespaces, lenient.labelKeys], [true, ["helmreleases.cattle.io/lock"]]);
  });

  it("counts by priority, then by name", () => {
    const policies = [
      policy({}, { name: "b" }),
      policy({}, { name: "low", priority: -1 }),
      policy({}, { name: "a" }),
      policy({}, { name: "high", priority: 10 }),
    ];
    assert.deepEqual(
      policies.sort(byPriority).map(({ name }) => name),
      ["high", "a", "b", "low"],
    );
  });

  const wrong: [what: string, spec: unknown, message: RegExp][] = [
    ["nothing", undefined, /spec/],
    ["no mode", { releases: {}, template: { driftDetection: {} } }, /spec\.template\.driftDetection\.mode/],
    [
      "allowCreate",
      { releases: {}, template: { driftDetection: { mode: "warn", allowCreate: true } } },
      /allowCreate/,
    ],
    [
      "a rule that can't be read",
      {
        releases: {},
        template: { driftDetection: { mode: "warn", ignore: [{ target: { name: "(" }, paths: ["/a"] }] } },
      },
      /name/,
    ],
    [
      "a key that no label has",
      { releases: { selector: { matchLabels: { "a b": "c" } } }, template },
      /"a b" can't be the key/,
    ],
    [
      "a key with two slashes",
      { releases: { namespaceSelector: { matchLabels: { "a/b/c": "c" } } }, template },
      /namespaceSelector/,
    ],
  ];
  for (const [what, spec, message] of wrong)
    it(`can't be followed with ${what}`, () => {
      assert.throws(
        () => new LockerPolicy("all", spec),
        error => {
          assert.ok(error instanceof PolicyError);
          return message.test(error.message);
        },
      );
    });

  const key = "tier";
  const vain: [what: string, releases: object, message: RegExp | undefined][] = [
    ["plain", {}, undefined],
    ["all excluded", { exclude: [{ name: "*" }] }, /exclude/],
    ["each name excluded", { names: ["a", "b"], exclude: [{ name: "a" }, { name: "b" }] }, /exclude/],
    ["one name left", { names: ["a", "b"], exclude: [{ name: "a" }] }, undefined],
    ["excluded in one namespace only", { names: ["a"], exclude: [{ namespace: "x", name: "a" }] }, undefined],
    [
      "two values at once",
      {
        selector: { matchLabels: { tier: "a" }, matchExpressions: [{ key, operator: "In", values: ["b"] }] },
      },
      /selector .*tier/,
    ],
    [
      "there and not there",
      {
        namespaceSelector: {
          matchExpressions: [
            { key, operator: "Exists" },
            { key, operator: "DoesNotExist" },
          ],
        },
      },
      /namespaceSelector .*tier/,
    ],
    [
      "any other value",
      {
        selector: {
          matchExpressions: [
            { key, operator: "Exists" },
            { key, operator: "NotIn", values: ["a"] },
          ],
        },
      },
      undefined,
    ],
  ];
  for (const [what, releases, message] of vain)
    it(`says whether it can match at all: ${what}`, () => {
      const { obstacle } = policy(releases);
      if (message) assert.match(obstacle ?? "", message);
      else assert.equal(obstacle, undefined);
    });
});

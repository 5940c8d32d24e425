import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isObject, type Json } from "../../kube/object";
import { readYaml } from "./yaml";
import { MAX_DEPTH, MAX_DOCUMENT_LENGTH, MAX_DOCUMENT_TOKENS, YamlError, yamlBudget } from "./limits";

/** A document, and the result of sigs.k8s.io/yaml v1.6.0 (YAMLToJSON, with which Helm reads). */
const asGoReads: [document: string, json: string][] = [
  ["a: 0644", '{"a":420}'],
  ["a: 0o644", '{"a":420}'],
  ["a: 0O17", '{"a":15}'],
  ["a: 08", '{"a":8}'],
  ["a: 0x1F", '{"a":31}'],
  ["a: -0x1F", '{"a":-31}'],
  ["a: 0b101", '{"a":5}'],
  ["a: 1_000", '{"a":1000}'],
  ["a: +12", '{"a":12}'],
  ["a: -0", '{"a":0}'],
  ["a: 1:30", '{"a":"1:30"}'],
  ["a: 2001-01-01", '{"a":"2001-01-01"}'],
  ["a: 2001-12-14T21:59:43Z", '{"a":"2001-12-14T21:59:43Z"}'],
  [
    "a: y\nb: Y\nc: yes\nd: No\ne: on\nf: OFF\ng: n\nh: yEs\ni: True\nj: tRUE",
    '{"a":true,"b":true,"c":true,"d":false,"e":true,"f":false,"g":false,"h":"yEs","i":true,"j":"tRUE"}',
  ],
  ["a: ~\nb: null\nc: Null\nd:\ne: ''\nf: nULL", '{"a":null,"b":null,"c":null,"d":null,"e":"","f":"nULL"}'],
  ["a: 9007199254740993", '{"a":9007199254740993}'],
  ["a: 9223372036854775807", '{"a":9223372036854775807}'],
  ["a: -9223372036854775808", '{"a":-9223372036854775808}'],
  ["a: 18446744073709551615", '{"a":18446744073709551615}'],
  ["a: 18446744073709551616", '{"a":18446744073709552000}'],
  ["a: -9223372036854775809", '{"a":-9223372036854776000}'],
  ["a: 9007199254740991", '{"a":9007199254740991}'],
  [
    "a: 1.5\nb: .5\nc: 1.\nd: 1e3\ne: -.5\nf: 1e-7\ng: 1.0\nh: 1e400\ni: 1e21\nj: .5e3\nk: 1_0.5\nl: -0.0\nm: .5_0",
    '{"a":1.5,"b":0.5,"c":1,"d":1000,"e":-0.5,"f":1e-7,"g":1,"h":"1e400","i":1e+21,"j":500,"k":10.5,"l":0,"m":0.5}',
  ],
  [
    "a: 1e\nb: 1.2.3\nc: 0x\nd: 0b2\ne: 0o8\nf: +\ng: _1\nh: 1a\ni: .",
    '{"a":"1e","b":"1.2.3","c":"0x","d":"0b2","e":"0o8","f":"+","g":"_1","h":"1a","i":"."}',
  ],
  ["a: 1\na: 2", '{"a":2}'],
  ["a: {x: 1, x: 2}", '{"a":{"x":2}}'],
  ["1: a\n2: b", '{"1":"a","2":"b"}'],
  ["true: a\nno: b", '{"false":"b","true":"a"}'],
  [
    "1.5: a\n1e6: b\n0.00001: c\n1.0: d\n0.1: e\n123456789.5: f",
    '{"0.1":"e","1":"d","1.2345679e+08":"f","1.5":"a","1e+06":"b","1e-05":"c"}',
  ],
  ["0644: a", '{"420":"a"}'],
  ["-1: a\n9223372036854775807: b", '{"-1":"a","9223372036854775807":"b"}'],
  [
    "a: !!str 123\nb: !!int '3'\nc: !!float 3\nd: !!bool yes\ne: !!null ''",
    '{"a":"123","b":3,"c":3,"d":true,"e":null}',
  ],
  ["a: !!binary aGVsbG8=", '{"a":"hello"}'],
  ["a: !!binary |\n  aGVs\n  bG8=", '{"a":"hello"}'],
  ["a: !foo 3\nb: !foo {x: 1}\nc: ! 12", '{"a":"3","b":{"x":1},"c":"12"}'],
  ["a: !!set {x, y}", '{"a":{"true":null,"x":null}}'],
  ["a: !!omap [x: 1, y: 2]", '{"a":[{"x":1},{"true":2}]}'],
  ["a: !!pairs [x: 1]", '{"a":[{"x":1}]}'],
  ["a: !!timestamp 2001-01-01", '{"a":"2001-01-01"}'],
  ["x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3", '{"true":{"a":1,"b":3},"x":{"a":1,"b":2}}'],
  ["x: &x {a: 1, b: 2}\ny:\n  b: 3\n  <<: *x", '{"true":{"a":1,"b":2},"x":{"a":1,"b":2}}'],
  [
    "x: &x {a: 1}\nz: &z {a: 2, c: 3}\ny:\n  <<: [*x, *z]",
    '{"true":{"a":1,"c":3},"x":{"a":1},"z":{"a":2,"c":3}}',
  ],
  ["y:\n  <<: {a: 1}\n  b: 2", '{"true":{"a":1,"b":2}}'],
  ["a: <<\nb: '<<'", '{"a":"<<","b":"<<"}'],
  ["y:\n  '<<': {a: 1}", '{"true":{"<<":{"a":1}}}'],
  ["a: &a 1\nb: *a\nc: &a 2\nd: *a", '{"a":1,"b":1,"c":2,"d":2}'],
  ["a: &x {b: &y 1}\nc: &y 2\nd: *x\ne: *y", '{"a":{"b":1},"c":2,"d":{"b":1},"e":2}'],
  ["&k a: 1\nb: *k", '{"a":1,"b":"a"}'],
  ["a: |\n  x\n   y\n\n  z\n", '{"a":"x\\n y\\n\\nz\\n"}'],
  ["a: >\n  x\n  y\n\n  z\n", '{"a":"x y\\nz\\n"}'],
  ["a: |-\n  x\n", '{"a":"x"}'],
  ["a: |+\n  x\n\n", '{"a":"x\\n\\n"}'],
  ["a: |2\n    x\n", '{"a":"  x\\n"}'],
  ["a: 'it''s'", '{"a":"it\'s"}'],
  ["a: x\n  y\n  z", '{"a":"x y z"}'],
  ["a: # c\n  b", '{"a":"b"}'],
  ["a: b # c\nd: e#f", '{"a":"b","d":"e#f"}'],
  ["a: http://x:80/", '{"a":"http://x:80/"}'],
  ["a:\n- 1\n- 2\nb:\n  - - 3\n    - 4", '{"a":[1,2],"b":[[3,4]]}'],
  ['{"a": 1, "b": [true, null, "y"]}', '{"a":1,"b":[true,null,"y"]}'],
  ['{\n\t"a": 1\n}', '{"a":1}'],
  ["a: {\n  b: 1\n}", '{"a":{"b":1}}'],
  ["__proto__: {x: 1}\nconstructor: 2", '{"__proto__":{"x":1},"constructor":2}'],
  ["a:\n  __proto__: null\n  toString: x", '{"a":{"__proto__":null,"toString":"x"}}'],
  ["a: 1\n...\nb: 2", '{"a":1}'],
  ["%YAML 1.1\n---\na: yes", '{"a":true}'],
  ["# only\n", "null"],
  ["", "null"],
  ["foo", '"foo"'],
  ["[1, 2]", "[1,2]"],
  ["12", "12"],
  ["a: 'x\n\n  y'", '{"a":"x\\ny"}'],
  ['a: "x\\\n  y"', '{"a":"xy"}'],
  ["? a\n: 1", '{"a":1}'],
  ["a\tb: c", '{"a\\tb":"c"}'],
  ["a:\tx", '{"a":"x"}'],
  ["a: x\t", '{"a":"x"}'],
  ["a: 012_3\nb: 0_\nc: 1__0\nd: 0x_1", '{"a":83,"b":0,"c":10,"d":1}'],
  ["a: 1 \nb: 190:20:30", '{"a":1,"b":"190:20:30"}'],
  ["a: '0644'\nb: \"yes\"", '{"a":"0644","b":"yes"}'],
  ["a: =", '{"a":"="}'],
  ["a: 1.2e+3\nb: 1.2e3x\nc: +1.5\nd: 1E3", '{"a":1200,"b":"1.2e3x","c":1.5,"d":1000}'],
  ["a: Infinity\nb: NaN\nc: inf", '{"a":"Infinity","b":"NaN","c":"inf"}'],
  ["a: <&>", '{"a":"<&>"}'],
  ["a: x:y\nb: {x:y}\nc: {x: y:z}\nd: [a:b]", '{"a":"x:y","b":{"x:y":null},"c":{"x":"y:z"},"d":["a:b"]}'],
  ["- a\n- b: 1\n  c: 2", '["a",{"b":1,"c":2}]'],
  ["a: null\nb: [null, ~]", '{"a":null,"b":[null,null]}'],
  ["a: \ufeffx", '{"a":"\ufeffx"}'],
  ["\ufeffa: 1", '{"a":1}'],
  ["a: 0777_\nb: 00\nc: 000", '{"a":511,"b":0,"c":0}'],
  ["a: off:x\nOn: 1", '{"a":"off:x","true":1}'],
  ["a: {yes: no}", '{"a":{"true":false}}'],
  [
    "a: 0.1\nb: 100000000000000000000\nc: 123456789012345678901234567890",
    '{"a":0.1,"b":100000000000000000000,"c":1.2345678901234568e+29}',
  ],
  ["a: 1.7976931348623157e308\nb: 5e-324", '{"a":1.7976931348623157e+308,"b":5e-324}'],
];

/** Documents that sigs.k8s.io/yaml v1.6.0 refuses. */
const refusedByGo = [
  "a: .inf",
  "a: .nan",
  "~: a",
  "? [1, 2]\n: a",
  "? {a: 1}\n: b",
  "x: &x [1]\ny:\n  <<: *x",
  "a: &a [*a]",
  "a: *nope",
  "*k : 1",
  "a: -\nb: '-'",
  "a: @x",
  "a: `x",
  "a: %x",
  "a: b: c",
  "\ta: 1",
  "a: [1, 2",
  "a: 'x",
  "a: ,x",
  "a:\n  - b\n c: d",
];

/** JSON text with sorted keys, as Go's json.Marshal writes it. */
function goJson(value: Json): string {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(goJson).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${goJson(item)}`).join(",")}}`;
}

const saying = (message: RegExp) => (error: unknown) =>
  error instanceof YamlError && message.test(error.message);

describe("YAML as Go reads it", () => {
  for (const [document, json] of asGoReads) {
    it(JSON.stringify(document), () => {
      assert.equal(goJson(readYaml(document)), json);
    });
  }
  for (const document of refusedByGo) {
    it(`${JSON.stringify(document)} is refused`, () => {
      assert.throws(() => readYaml(document), YamlError);
    });
  }
});

describe("hostile and broken YAML", () => {
  it("never quotes the document", () => {
    for (const document of [
      "password: 'hunter2",
      "password: {a: hunter2\nb: 1\n}",
      "a: *hunter2",
      "- }hunter2",
    ]) {
      assert.throws(
        () => readYaml(document),
        error => error instanceof YamlError && !/hunter2/.test(error.message),
      );
    }
  });

  it("says where the error is", () => {
    assert.throws(() => readYaml("a: 1\nb: c: d\n"), saying(/line 2, column 4/));
  });

  it("stops a billion laughs", () => {
    const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(10)}]`);
    assert.throws(() => readYaml(["l0: &l0 lol", ...levels].join("\n")), saying(/aliases/));
  });

  it("stops one long text that is aliased many times, be it a value or a key", () => {
    const long = "x".repeat(100_000);
    for (const anchored of [long, `{"${long}": 1}`]) {
      assert.throws(() => readYaml(`a: &a ${anchored}\nb: [${"*a,".repeat(11)}]`), saying(/aliases/));
    }
  });

  it("stops nesting that goes too deep, with and without aliases", () => {
    const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    const chain = (length: number) =>
      Array.from({ length }, (_, i) => `l${i + 1}: &l${i + 1} [*l${i}]`).join("\n");
    assert.doesNotThrow(() => readYaml(deep(MAX_DEPTH)));
    for (const document of [deep(MAX_DEPTH + 2), deep(200_000), `l0: &l0 1\n${chain(MAX_DEPTH + 2)}`]) {
      assert.throws(() => readYaml(document), YamlError);
    }
  });

  it("stops a flood of nodes, counted over all documents of a manifest", () => {
    const budget = { ...yamlBudget(), tokens: 100 };
    readYaml("[1, 2, 3, 4, 5]", budget);
    assert.throws(() => readYaml(`[${"1,".repeat(50)}]`, budget), saying(/too much YAML/));
  });

  it("stops a document that is too long, or has too many tokens", () => {
    assert.throws(() => readYaml(" ".repeat(MAX_DOCUMENT_LENGTH + 1)), saying(/longer than/));
    assert.throws(() => readYaml("- 1\n".repeat(MAX_DOCUMENT_TOKENS / 2)), saying(/several documents/));
  });

  it("reads the largest object that etcd can hold", () => {
    const text = `a: "${"x".repeat(1_500_000)}"`;
    assert.equal(goJson(readYaml(text)).length, text.length + 3);
  });

  it("stops at the first of a flood of errors, and says where it is", () => {
    const floods = [`a: "${"\\q".repeat(500_000)}"`, `a: ${"]".repeat(500_000)}`];
    for (const document of floods) assert.throws(() => readYaml(document), saying(/at line 1, column [45]/));
    const nested = `${"[".repeat(100)}"\\q"${"]".repeat(100)}`;
    assert.throws(() => readYaml(nested), saying(/bad dq escape at line 1, column 102/));
  });

  it("refuses what is not what its tag says, and keys that Go refuses", () => {
    for (const document of ["a: !!int 1.5", "a: !!bool foo", "a: !!null x", "a: !!float x"]) {
      assert.throws(() => readYaml(document), saying(/tag/));
    }
    assert.throws(() => readYaml("9223372036854775808: a"), saying(/64 bits/));
  });

  it("makes __proto__ a key and nothing else", () => {
    const read = readYaml("x: &x {__proto__: {polluted: 1}}\nb: *x\nz:\n  <<: *x");
    const map = '{"__proto__":{"polluted":1}}';
    assert.equal(goJson(read), `{"b":${map},"x":${map},"z":${map}}`);
    assert.equal("polluted" in {}, false);
  });
});

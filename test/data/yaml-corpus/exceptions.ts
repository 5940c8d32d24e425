/** Documents of the corpus that are not read as Go reads them, and why this is acceptable. */
interface Exception {
  readonly why: string;
  readonly documents: readonly string[];
}

/** Go reads them, we report them: nothing is locked on a wrong reading, and the status says what to do. */
export const refused: readonly Exception[] = [
  {
    why: "the yaml library wants the lines of a flow collection indented deeper than what it stands in",
    documents: ["a: {\nb: 1\n}", "a:\n  b: {\n  c: 1\n  }", "a:\n  b: [\n  1,\n  2\n  ]", "a:\n  b: [1,\n2]"],
  },
  {
    why: "the yaml library wants the lines of a quoted text indented, and not by tabs alone",
    documents: ["a: 'x\ny'", "a: 'x\n\ty'"],
  },
  {
    why: "Go does not look at what follows the first node: half of the document would be lost without a word",
    documents: [
      "'a' b",
      "[1, 2] x",
      "{a: 1}\nb: 2",
      "  a: 1\nb: 2",
      "a: 1\n...\n@",
      "a: 1\n...\n- [",
      "a: 1\n---\n- [",
    ],
  },
  { why: "the escape \\' is go-yaml's own", documents: ['a: "\\\'"'] },
];

/** Go refuses them, so no Helm release contains them: how we read them affects no object. */
export const accepted: readonly Exception[] = [
  { why: "dates are not checked", documents: ["a: !!timestamp foo"] },
  {
    why: "long keys need no question mark in flat maps",
    documents: [`${"k".repeat(1030)}: a`, `"${"k".repeat(1030)}": a`],
  },
  { why: "YAML 1.2 allows more names of anchors", documents: ["a: &a.b x"] },
  { why: "a merged alias may name a list of maps", documents: ["x: &x [{a: 1}]\nz:\n  <<: *x"] },
  { why: "base64 is not checked", documents: ["a: !!binary 'a'", "a: !!binary '*'"] },
  { why: "JSON's escapes are known", documents: ['a: "\\/"', 'a: "\\ud83d\\ude00"'] },
  {
    why: "YAML 1.2 allows tabs where they are not indentation",
    documents: ["a: |\n  \tx\n", "-\ta", "- \ta", "\t\n", "a: 1\n\t\nb: 2", "?\ta\n:\tb"],
  },
  {
    why: "characters are the API server's to judge",
    documents: ["a: \u0007", "a: \u0000", "a: \u007f", "a: \u009f", "a: \ufffe", "a: \uffff"],
  },
  { why: "in YAML 1.2 U+2028 ends no line", documents: ["a: x\u2028y\nb: x\u2029 y"] },
  {
    why: "directives and document ends without a document are nothing",
    documents: ["...\na: 1", "%YAML 1.2\n---\na: yes", "%FOO\n---\na: 1"],
  },
];

/** Both read them, but differently. The result is always a text, which is no object. */
export const different: readonly Exception[] = [
  { why: "in YAML 1.2 a block scalar at the top need not be indented", documents: ["|\nx\n"] },
];

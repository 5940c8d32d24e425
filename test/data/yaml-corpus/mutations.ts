import fc from "fast-check";
import { documents } from "./documents";

/** Characters with a meaning to a YAML parser. */
const FRAGMENTS = [
  ...Array.from("\n \t:-?#&*!|>'\"%@`{}[],\\\r~=0"),
  ": ",
  "- ",
  "? ",
  "  ",
  "\n  ",
  "\n- ",
  "\n---\n",
  "\n...\n",
  " #",
  "&a ",
  "*a",
  "<<: ",
  "!!str ",
  "!!int ",
  "|\n",
  ">-\n",
  "0x",
  "0b1",
  "1_",
  ".5",
  "1e3",
  "yes",
  "null",
  "\r\n",
  "\u2028",
  "\u0085",
  "é",
  "\u{1F600}",
  "__proto__",
];

/** Without documents that begin with a byte order mark: inside a text, every parser reads it differently. */
const document = fc.constantFrom(
  ...Object.values(documents)
    .flat()
    .filter(text => !text.includes("\ufeff")),
);

/** One change of a text; the place is a share of its length. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat({ max: 3 }),
  added: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom("", ...FRAGMENTS) },
    { weight: 1, arbitrary: document },
    { weight: 1, arbitrary: fc.string({ maxLength: 4 }) },
  ),
});

/** Documents of the corpus with one or two changes each. */
export const mutated: fc.Arbitrary<string> = fc
  .tuple(document, fc.array(change, { minLength: 1, maxLength: 2 }))
  .map(([text, changes]) =>
    changes.reduce((changed, { at, removed, added }) => {
      const start = Math.floor(at * changed.length);
      return changed.slice(0, start) + added + changed.slice(start + removed);
    }, text),
  );

/** What a YAML scalar can be. Integers are bigint and floats are number, so that `1` and `1.0` can be told apart. */
export type ScalarValue = null | boolean | bigint | number | string;

const words = new Map<string, null | boolean | number>([
  ...entries(null, "", "~", "null", "Null", "NULL"),
  ...entries(true, "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"),
  ...entries(false, "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"),
  ...entries(Number.NaN, ".nan", ".NaN", ".NAN"),
  ...entries(Number.POSITIVE_INFINITY, ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"),
  ...entries(Number.NEGATIVE_INFINITY, "-.inf", "-.Inf", "-.INF"),
]);

function entries<T>(value: T, ...texts: string[]): [string, T][] {
  return texts.map(text => [text, value]);
}

/**
 * What an unquoted scalar means to Helm: `0644` and `0o644` are 420, `yes` and `y` are true, `08` is 8, while `1:30`,
 * `2001-01-01` and `1e400` are strings.
 *
 * Source: go-yaml v2, resolve.go, which sigs.k8s.io/yaml and so Helm and kubectl read with.
 */
export function resolvePlainScalar(text: string): ScalarValue {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (text.startsWith(".")) return readFloat(text.replaceAll(/(?<=\d)_(?=\d)/g, "")) ?? text;
  if (!/^[-+0-9]/.test(text)) return text;
  const digits = text.replaceAll("_", "");
  return readInteger(digits) ?? readFloat(digits) ?? readSignedBinary(digits) ?? text;
}

/** Integers by base, each as sign and digits without leading zeros. */
const integers: [prefix: string, form: RegExp][] = [
  ["0x", /^([-+]?)0[xX]0*([0-9a-fA-F]{1,16})$/],
  ["0b", /^([-+]?)0[bB]0*([01]{1,64})$/],
  ["0o", /^([-+]?)0[oO]?0*([0-7]{1,22})$/],
  ["", /^([-+]?)(0|[1-9][0-9]{0,19})$/],
];

/** An integer in the range of Go's int64 or, without a sign, uint64; a greater one reads as a float. */
function readInteger(text: string): bigint | undefined {
  for (const [prefix, form] of integers) {
    const [, sign, digits] = form.exec(text) ?? [];
    if (digits !== undefined) return inRange(BigInt(prefix + digits), sign);
  }
  return undefined;
}

function inRange(absolute: bigint, sign: string | undefined): bigint | undefined {
  if (sign === "") return absolute < 2n ** 64n ? absolute : undefined;
  const value = sign === "-" ? -absolute : absolute;
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** `0b-1`, which go-yaml reads as -1. */
function readSignedBinary(text: string): bigint | undefined {
  return /^0b[-+]0*[01]{1,63}$/.test(text) ? readInteger(`${text[2]}0b${text.slice(3)}`) : undefined;
}

const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

function readFloat(text: string): number | undefined {
  const value = float.test(text) ? Number(text) : Number.NaN;
  // "+ 0" turns -0, which JSON cannot tell from 0, into a plain 0.
  return Number.isFinite(value) ? value + 0 : undefined;
}

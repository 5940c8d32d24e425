const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const EXPONENTS = ["e-9", "e-6", "e-3", "", "e3", "e6", "e9", "e12", "e15", "e18"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** Digits, a fraction, and a suffix or an exponent. With more digits, a sign or zeros in front, the server may keep it as it is. */
const QUANTITY =
  /^(?=[\d.]{1,18}(?![\d.]))(0|[1-9]\d*)(?:\.(\d+))?([numkMGTPE]?|[KMGTPE]i|[eE][+-]?\d{1,2})$/;

const ONE = 10n ** 9n;
const LIMIT = 2n ** 63n * ONE;

/**
 * A quantity as the API server stores it: "2" for "2000m", "10Gi" for "10240Mi". Source: apimachinery, pkg/api/resource/quantity.go.
 *
 * @returns undefined for what is no quantity, and for what is rounded or capped
 */
export function storedQuantity(text: string): string | undefined {
  const parsed = parse(text);
  if (!parsed) return undefined;
  const { nanos, suffixes, isKept } = parsed;
  if (nanos === 0n) return "0";
  if (isKept) return text;
  const isBinary = suffixes === BINARY && nanos >= 1024n * ONE && nanos % ONE === 0n;
  if (isBinary) return written(nanos / ONE, 1024n, BINARY);
  return written(nanos, 1000n, suffixes === BINARY ? DECIMAL : suffixes);
}

interface Parsed {
  /** In billionths. */
  readonly nanos: bigint;
  /** The suffixes that its own is one of. */
  readonly suffixes: readonly string[];
  /** Whether the server keeps it as written: it counts ones, thousands, thousandths, ..., and does not end with a thousand of them. */
  readonly isKept: boolean;
}

function parse(text: string): Parsed | undefined {
  const [, whole, fraction = "", suffix = ""] = QUANTITY.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const { suffixes, factor, power } = unitOf(suffix);
  const digits = whole + fraction;
  const scale = power - fraction.length;
  const nanos = shifted(BigInt(digits) * factor, scale + 9);
  if (nanos === undefined || nanos >= LIMIT) return undefined;
  const isKept = suffixes !== BINARY && whole !== "0" && scale % 3 === 0 && !digits.endsWith("000");
  return { nanos, suffixes, isKept };
}

/** What a number is multiplied by: a factor, and a power of ten. */
interface Unit extends Pick<Parsed, "suffixes"> {
  readonly factor: bigint;
  readonly power: number;
}

function unitOf(suffix: string): Unit {
  const binary = BINARY.indexOf(suffix, 1);
  if (binary > 0) return { suffixes: BINARY, factor: 1024n ** BigInt(binary), power: 0 };
  const decimal = DECIMAL.indexOf(suffix);
  return decimal < 0
    ? { suffixes: EXPONENTS, factor: 1n, power: Number(suffix.slice(1)) }
    : { suffixes: DECIMAL, factor: 1n, power: 3 * (decimal - 3) };
}

/** A number with its decimal point moved to the right; undefined if it is not whole then. */
function shifted(value: bigint, places: number): bigint | undefined {
  if (places >= 0) return value * 10n ** BigInt(places);
  const divisor = 10n ** BigInt(-places);
  return value % divisor === 0n ? value / divisor : undefined;
}

/** A number with the largest suffix that leaves it whole. */
function written(value: bigint, base: bigint, [suffix = "", ...larger]: readonly string[]): string {
  return larger.length > 0 && value % base === 0n ? written(value / base, base, larger) : `${value}${suffix}`;
}

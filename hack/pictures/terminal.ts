import { escaped, svg } from "./svg";

/** What is shown of a terminal at a time: a headline, and the lines below it. */
export interface Frame {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The look of the picture, in pixels. */
const LOOK = { column: 7.85, row: 19, margin: 18, bar: 34 };

/** The most columns of a line; what is longer is folded. */
const COLUMNS = 124;

/** Seconds that a frame stays: to find one's way, and for each line. */
const REST = { frame: 2, line: 0.45 };

const COLOURS = { back: "#0d1117", bar: "#161b22", text: "#c9d1d9", dim: "#8b949e" };

/** By what a line begins with, or ends with. */
const KINDS: readonly (readonly [pattern: RegExp, colour: string])[] = [
  [/^\$ /, "#79c0ff"],
  [/^\s+\d+ ms .*again$/, "#7ee787"],
  [/^\s+0 ms /, "#ff7b72"],
  [/^Error/, "#ff7b72"],
];

/**
 * Draws frames as an SVG that shows one after the other, and begins anew at its end. It needs no script, so that it moves wherever a
 * picture is shown.
 */
export function terminal(frames: readonly Frame[]): string {
  const shown = frames.map(({ title, lines }) => ({ title, lines: lines.flatMap(folded) }));
  const rows = Math.max(...shown.map(({ lines }) => lines.length)) + 2;
  const width = Math.ceil(COLUMNS * LOOK.column + 2 * LOOK.margin);
  const height = LOOK.bar + rows * LOOK.row + LOOK.margin;
  const seconds = shown.map(({ lines }) => REST.frame + REST.line * lines.length);
  const total = seconds.reduce((sum, one) => sum + one, 0);
  const starts = seconds.map((_, index) => seconds.slice(0, index).reduce((sum, one) => sum + one, 0));
  const groups = shown.map((frame, index) => group(frame, index));
  const rules = starts.map((start, index) => visible(index, start, seconds[index] ?? 0, total));
  const title = shown.map(({ title }) => title).join(" ");
  const style = `text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}.t{font-weight:bold}${rules.join("")}`;
  return svg({ width, height, title, style }, [
    `<rect width="${width}" height="${height}" rx="8" fill="${COLOURS.back}"/>`,
    `<path d="M0 8a8 8 0 0 1 8-8h${width - 16}a8 8 0 0 1 8 8v${LOOK.bar - 8}H0z" fill="${COLOURS.bar}"/>`,
    ...groups,
  ]);
}

function group({ title, lines }: Frame, index: number): string {
  const texts = lines.map((line, row) => {
    const y = LOOK.bar + (row + 1.5) * LOOK.row;
    return `<text xml:space="preserve" x="${LOOK.margin}" y="${y}" fill="${colourOf(line)}">${escaped(line)}</text>`;
  });
  const headline = `<text class="t" x="${LOOK.margin}" y="22" fill="${COLOURS.dim}">${escaped(title)}</text>`;
  return `<g class="f${index}">\n${[headline, ...texts].join("\n")}\n</g>`;
}

/** The rule by which a frame is seen in its time only. */
function visible(index: number, start: number, seconds: number, total: number): string {
  const percent = (at: number) => `${((at / total) * 100).toFixed(3)}%`;
  const [from, to] = [percent(start), percent(start + seconds)];
  const hidden = start === 0 ? "" : "0%{visibility:hidden}";
  // Where nothing moves, the first one is seen.
  const still = start === 0 ? "" : "visibility:hidden;";
  return (
    `.f${index}{${still}animation:f${index} ${total.toFixed(2)}s step-end infinite}` +
    `@keyframes f${index}{${hidden}${from}{visibility:visible}${to}{visibility:hidden}}`
  );
}

function colourOf(line: string): string {
  return KINDS.find(([pattern]) => pattern.test(line))?.[1] ?? COLOURS.text;
}

/** A line as a terminal of that width shows it. */
function folded(line: string): string[] {
  return line.match(new RegExp(`.{1,${COLUMNS}}`, "g")) ?? [""];
}

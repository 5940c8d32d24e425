import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "../lib/project";
import type { Series } from "../locker/prometheus";
import { escaped, svg } from "./svg";

const target = z.object({
  refId: z.string(),
  expr: z.string(),
  legendFormat: z.string().default(""),
});

const panel = z.object({
  type: z.enum(["row", "stat", "timeseries", "bargauge", "table"]),
  title: z.string(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(target).default([]),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string().optional() }) }).optional(),
});

const dashboard = z.object({ panels: z.array(panel) });

type Panel = z.infer<typeof panel>;

/** What Grafana puts in for its variables where all is chosen. */
const VARIABLES: Readonly<Record<string, string>> = {
  $cluster: ".*",
  $release_namespace: ".*",
  $release: ".*",
};

/**
 * The panels of the chart's dashboard, with all chosen.
 *
 * @param interval what Grafana puts in for `$__rate_interval`: "1m"
 */
export async function chosenPanels(interval: string): Promise<Panel[]> {
  const file = join(ROOT, "charts", "helm-locker", "monitoring", "dashboard.json");
  const variables = Object.entries({ ...VARIABLES, $__rate_interval: interval });
  const filled = (expr: string) =>
    variables.reduce((text, [name, value]) => text.replaceAll(name, value), expr);
  const { panels } = dashboard.parse(JSON.parse(await readFile(file, "utf8")));
  return panels.map(panel => ({
    ...panel,
    targets: panel.targets.map(one => ({ ...one, expr: filled(one.expr) })),
  }));
}

/** A panel, and what Prometheus has for each of its expressions. */
export interface Filled {
  readonly panel: Panel;
  readonly found: readonly (readonly Series[])[];
}

interface Line {
  readonly name: string;
  readonly values: readonly (readonly [seconds: number, value: number])[];
  /** Of its values, as Grafana calls it. */
  readonly unit: string | undefined;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels of Grafana's grid of 24 columns. */
const GRID = { column: 50, row: 30, gap: 6 };

const COLOURS = ["#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#8ab8ff", "#c0d8ff"];

const STYLE =
  "text{font:12px system-ui,sans-serif;fill:#ccccdc}.t{font-weight:600}.b{font-size:26px;font-weight:600}.d{fill:#9fa1ad}";

/** Draws a dashboard with its data as an SVG. */
export function drawn(panels: readonly Filled[]): string {
  const width = 24 * GRID.column;
  const height = Math.max(...panels.map(({ panel: { gridPos: at } }) => at.y + at.h)) * GRID.row;
  const title = "The dashboard, while releases drift";
  return svg({ width, height, title, style: STYLE }, [
    `<rect width="${width}" height="${height}" fill="#111217"/>`,
    ...panels.map(drawPanel),
  ]);
}

function drawPanel({ panel, found }: Filled): string {
  const { x, y, w, h } = panel.gridPos;
  const box = { x: x * GRID.column, y: y * GRID.row, width: w * GRID.column, height: h * GRID.row };
  const title = text(box.x + 12, box.y + 20, panel.title, "t");
  if (panel.type === "row") return title;
  const lines = panel.targets.flatMap((one, index) =>
    (found[index] ?? []).map(series => ({
      name: named(one.legendFormat, series.metric),
      values: series.values,
      unit: panel.fieldConfig?.defaults.unit,
    })),
  );
  const inside = { x: box.x + 14, y: box.y + 32, width: box.width - 34, height: box.height - 44 };
  const { gap } = GRID;
  const frame = `<rect x="${box.x + gap / 2}" y="${box.y + gap / 2}" width="${box.width - gap}" height="${box.height - gap}" rx="3" fill="#181b1f" stroke="#2c3235"/>`;
  return [frame, title, CONTENTS[panel.type](lines, inside)].join("\n");
}

const CONTENTS: Readonly<
  Record<Exclude<Panel["type"], "row">, (lines: readonly Line[], box: Box) => string>
> = {
  stat: (lines, box) =>
    lines
      .map((line, index) => {
        const x = box.x + (index * box.width) / lines.length;
        const value = `<text class="b" x="${x}" y="${box.y + box.height / 2}" style="fill:${colour(index)}">${shown(last(line), line)}</text>`;
        return value + text(x, box.y + box.height / 2 + 20, line.name, "d");
      })
      .join("\n"),
  bargauge: (lines, box) => {
    const most = Math.max(...lines.map(last), 1);
    return lines
      .toSorted((one, other) => last(other) - last(one))
      .map((line, index) => {
        const y = box.y + 8 + index * 26;
        const bar = (last(line) / most) * (box.width - 160);
        return `${text(box.x, y + 12, line.name)}<rect x="${box.x + 100}" y="${y}" width="${bar.toFixed(0)}" height="16" fill="${colour(index)}"/>${text(box.x + 106 + bar, y + 12, shown(last(line), line))}`;
      })
      .join("\n");
  },
  table: (lines, box) =>
    lines.map((line, index) => text(box.x, box.y + 12 + index * 18, line.name)).join("\n"),
  timeseries: (lines, box) => {
    const all = lines.flatMap(({ values }) => values);
    const most = Math.max(...all.map(([, value]) => value), 0);
    const [from, to] = [Math.min(...all.map(([at]) => at)), Math.max(...all.map(([at]) => at))];
    const plot = { ...box, x: box.x + 36, width: box.width - 36, height: box.height - 26 };
    const place = ([at, value]: readonly [number, number]): string => {
      const x = plot.x + ((at - from) / Math.max(to - from, 1)) * plot.width;
      return `${x.toFixed(1)},${(plot.y + plot.height * (1 - value / (most || 1))).toFixed(1)}`;
    };
    const curves = lines.map(
      ({ values }, index) =>
        `<polyline points="${values.map(place).join(" ")}" fill="none" stroke="${colour(index)}" stroke-width="1.5"/>`,
    );
    const legend = lines
      .slice(0, 6)
      .map(({ name }, index) => `<tspan style="fill:${colour(index)}">■</tspan> ${escaped(name)}`)
      .join("  ");
    return [
      text(box.x, plot.y + 8, shown(most, lines[0]), "d"),
      text(box.x, plot.y + plot.height, "0", "d"),
      `<path d="M${plot.x} ${plot.y}V${plot.y + plot.height}H${plot.x + plot.width}" fill="none" stroke="#2c3235"/>`,
      ...curves,
      `<text class="d" x="${box.x}" y="${box.y + box.height}">${legend}</text>`,
    ].join("\n");
  },
};

/** What Grafana names a series. */
function named(format: string, labels: Readonly<Record<string, string>>): string {
  if (format !== "") return format.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? "");
  return Object.entries(labels)
    .filter(([, value]) => value !== "")
    .map(([label, value]) => `${label}: ${value}`)
    .join("    ");
}

function last({ values }: Line): number {
  return values.at(-1)?.[1] ?? 0;
}

function shown(value: number, line: Line | undefined): string {
  const digits = value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(2);
  return line?.unit === "s" ? `${digits} s` : digits;
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? "";
}

function text(x: number, y: number, words: string, look = ""): string {
  return `<text xml:space="preserve" class="${look}" x="${x.toFixed(0)}" y="${y.toFixed(0)}">${escaped(words)}</text>`;
}

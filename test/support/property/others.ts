import { others, type Other } from "./case";
import { addAsController, owns } from "./controller";
import { Dice } from "./dice";
import { inPointers, jsonObject, putting, valueAt, type JsonObject } from "./json";
import { programs, type Program } from "./programs";
import type { Specimen, Written } from "./specimen";
import { unlessRefused } from "./stage";

const JSON_PATCH = "application/json-patch+json";

export function isOther(writer: string): writer is Other {
  return others.some(other => other === writer);
}

/**
 * Writes into an object what has to stay.
 *
 * @param live the object as it is
 * @returns undefined where nobody has anything to write, or the server refuses it
 */
export async function writeAsOther(
  specimen: Specimen,
  other: Other,
  dice: number,
  live: JsonObject,
): Promise<Written | undefined> {
  return other === "a known program"
    ? asProgram(specimen, new Dice(dice), live)
    : asController(specimen, dice, live);
}

async function asController(
  specimen: Specimen,
  dice: number,
  live: JsonObject,
): Promise<Written | undefined> {
  const change = specimen.changes(dice).of(live, "add");
  // What the chart says, be it an empty list, is the chart's.
  if (!change || valueAt(specimen.manifest, change.operation.place) !== undefined) return undefined;
  const { place } = change.operation;
  if (specimen.isOthers(place)) return undefined;
  const { room, statusless } = specimen.stage;
  const now = await addAsController(room.api, specimen.path(), change.operation, statusless);
  return now && { now, place, isByOwner: true };
}

async function asProgram(specimen: Specimen, dice: Dice, live: JsonObject): Promise<Written | undefined> {
  const { manifest, stage } = specimen;
  const { api } = stage.room;
  const program = dice.oneOf(programs.filter(({ isAbout }) => isAbout(manifest)));
  if (!program) return undefined;
  const { place, manager, subresource, isByName } = program;
  await program.prepare?.(api, manifest);
  const put = putting(live, place, program.value(dice, valueAt(live, place)));
  const target = subresource === undefined ? specimen.path() : `${specimen.path()}/${subresource}`;
  const send = (query: string): Promise<unknown> =>
    unlessRefused(
      api.send("PATCH", `${target}?fieldManager=${manager}${query}`, [inPointers(put)], JSON_PATCH),
    );
  // Nobody notes who has written into what has no managedFields.
  if (isByName && !isNoted(await send("&dryRun=All"), program)) return undefined;
  const reply = await send("");
  if (reply === undefined) return undefined;
  const now = subresource === undefined ? jsonObject.parse(reply) : await specimen.read();
  return { now, place, isByOwner: isByName };
}

function isNoted(reply: unknown, { manager, place }: Program): boolean {
  return reply !== undefined && owns(jsonObject.parse(reply), manager, place);
}

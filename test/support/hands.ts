import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { content, kubeObject, type Body, type KubeObject } from "../../hack/lib/objects";
import { Watch } from "../../hack/lib/watch";
import { becomes, type Change } from "./changes";
import { inTime } from "./in-time";
import { NAMESPACE, type Room } from "./room";

const node = z.record(z.string(), z.unknown());
const list = z.array(z.unknown());

/** A manual addition to an object, in a place where the object has nothing. */
export interface Addition {
  /** Of the object, for kubectl: "deployment/web". */
  name: string;
  /** Of the object, for the API server. */
  path: string;
  /** JSON pointer; "-" as its last step appends to a list. */
  pointer: string;
  value: unknown;
}

/** A way of writing to an object. */
export type Way = (room: Room, addition: Addition) => Promise<unknown>;

/** kubectl's ways of writing, each with everything that determines the field manager. */
export const ways: Record<string, Way> = {
  "kubectl edit": async (room, addition) => {
    const file = join(room.controlPlane.directory, "edited.json");
    await writeFile(file, JSON.stringify(await withAddition(room, addition)));
    // kubectl calls the editor with the name of the file to edit.
    const env = { EDITOR: `cp ${file}` };
    return room.controlPlane.kubectl(["--namespace", NAMESPACE, "edit", addition.name], { env });
  },
  "kubectl replace": async (room, addition) => {
    const input = JSON.stringify(await withAddition(room, addition));
    return room.controlPlane.kubectl(["replace", "-f", "-"], { input });
  },
  "kubectl apply": async (room, addition) => {
    const input = JSON.stringify(asWritten(await withAddition(room, addition)));
    return room.controlPlane.kubectl(["apply", "-f", "-"], { input });
  },
  "kubectl apply --server-side": async (room, addition) => {
    const { apiVersion, kind, metadata, ...rest } = await withAddition(room, addition);
    const top = topOf(addition);
    const { name, namespace } = metadata;
    const input = JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, [top]: rest[top] });
    const flags = ["--server-side", "--field-manager=another", "--force-conflicts"];
    return room.controlPlane.kubectl(["apply", ...flags, "-f", "-"], { input });
  },
  "kubectl patch --type=json": (room, { name, pointer, value }) =>
    patch(room, name, "json", [{ op: "add", path: pointer, value }]),
  "kubectl patch --type=merge": async (room, addition) =>
    patch(room, addition.name, "merge", await topField(room, addition)),
  "kubectl patch --type=strategic": async (room, addition) =>
    patch(room, addition.name, "strategic", await topField(room, addition)),
};

/** Makes changes that the locker sees only when all of them are made. */
export async function unseen(room: Room, change: Change): Promise<void> {
  process.kill(room.locker.pid, "SIGSTOP");
  try {
    await change();
  } finally {
    process.kill(room.locker.pid, "SIGCONT");
  }
}

/**
 * Makes a change and waits until the watch has shown it, and until the whole object except its annotations is as
 * before: annotations of others, such as that of kubectl apply, stay theirs.
 */
export async function isUndone(room: Room, path: string, change: Change): Promise<void> {
  const before = fieldsOf(await room.api.read(path));
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  const watch = await Watch.open(room.api, path.slice(0, slash), { name });
  const isSame = (now: KubeObject | undefined): boolean =>
    now !== undefined && isDeepStrictEqual(fieldsOf(now), before);
  let changed = false;
  const undone = watch.until(objects => {
    const same = isSame(objects.get(name));
    changed ||= !same;
    return changed && same;
  }, `${name} changed and restored`);
  const changedInTime = async (): Promise<void> => {
    await change();
    await inTime(room, path, undone);
  };
  try {
    await Promise.all([undone, changedInTime()]);
  } finally {
    watch.close();
  }
  // Where an object was applied client-side before, kubectl apply --server-side applies it twice: the first one may be
  // undone before the second one comes.
  await becomes(room, path, isSame);
}

function fieldsOf(object: KubeObject): Body {
  return { ...content(object), metadata: object.metadata.labels };
}

async function patch(room: Room, name: string, type: string, body: unknown): Promise<string> {
  return room.kubectl("patch", name, `--type=${type}`, "--patch", JSON.stringify(body));
}

/** The object's top field that contains the addition, as a whole. */
async function topField(room: Room, addition: Addition): Promise<Body> {
  const top = topOf(addition);
  return { [top]: (await withAddition(room, addition))[top] };
}

function topOf({ pointer }: Addition): string {
  return pointer.split("/")[1] ?? "";
}

/** The live object with the addition. */
async function withAddition(room: Room, { path, pointer, value }: Addition): Promise<KubeObject> {
  const changed = insert(await room.api.read(path), pointer.split("/").slice(1), value);
  return kubeObject.parse(changed);
}

function insert(into: unknown, [step = "", ...rest]: string[], value: unknown): unknown {
  if (!Array.isArray(into)) {
    const fields = node.parse(into ?? {});
    return { ...fields, [step]: rest.length === 0 ? value : insert(fields[step], rest, value) };
  }
  const items = list.parse(into);
  if (step === "-") return [...items, value];
  return items.map((item, index) => (index === Number(step) ? insert(item, rest, value) : item));
}

/** What a user would have in a file: without fields that only the API server writes. */
function asWritten(object: KubeObject): Body {
  const { apiVersion, kind } = object;
  return { ...content(object), apiVersion, kind };
}

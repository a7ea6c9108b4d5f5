import type { ArtifactKind } from "./artifact.ts";
import type { BuildSession } from "./build-session.ts";
import { type Fingerprint, fingerprintOf } from "./fingerprint.ts";
import { absent, folderThere, globOf, type Input, type Inputs, unreadable } from "./inputs.ts";
import { lockFileName } from "./lock-file.ts";
import type { Action } from "./plan.ts";
import type { Fields } from "./project-state.ts";
import { isSound } from "./store/record-shape.ts";
import {
  blobsOf,
  type StoredArtifact,
  type StoredBlob,
  type StoredFile,
  type Trace,
} from "./store/stored-file.ts";

/** The store's answer for an action. */
export interface Lookup {
  readonly fingerprint: Fingerprint;
  /** The result, when there is one whose inputs are as they were and whose files are whole. */
  readonly trace?: Trace;
  /** Why there is no result, or why there is one. */
  readonly reason: string;
}

/** Looks an action up in the store. Changes nothing but the record's last use. */
export async function lookUp(
  action: Action,
  session: BuildSession,
  consumed: ReadonlyMap<ArtifactKind, { readonly digest: string }>,
): Promise<Lookup> {
  const fingerprint = fingerprintOf(
    action,
    session.project.app,
    pinsOf(action, session),
    consumed,
    session.paths.place,
  );
  if (session.force) return { fingerprint, reason: "forced" };
  // Marked before it is relied on: see the grace period of garbage collection.
  session.store.records.touch(fingerprint.digest);
  const record = session.store.records.get(fingerprint.digest);
  const last = session.state.action(action.id);
  const sameAsLast = last?.fingerprint === fingerprint.digest;
  const valueNow = session.inputs.snapshot();
  let damaged = false;
  for (const trace of record?.traces ?? []) {
    if (await firstDifference(trace.inputs, valueNow, session)) continue;
    const isAnswer = isSound(trace) && makesAll(action, trace);
    const whole = isAnswer ? await verified(trace, action, session, fingerprint.digest) : undefined;
    if (whole) {
      const reason = sameAsLast && last.trace === trace.id ? "unchanged" : "in the store";
      return { fingerprint, trace: whole, reason };
    }
    damaged = true;
  }
  const newest = record?.traces[0];
  // It is going to run, and most of what it makes will be the same.
  if (newest && isSound(newest))
    session.store.blobs.know(newest.artifacts.flatMap(({ files }) => files.flatMap(blobsOf)));
  return { fingerprint, reason: damaged ? "its stored result is gone or damaged" : await whyNot() };

  async function whyNot(): Promise<string> {
    if (!last) return "never built here";
    if (!sameAsLast) return fieldDifference(last.fields, fingerprint.fields);
    if (!last.trace) return "its inputs changed while it ran last time";
    const lastTrace = record?.traces.find(({ id }) => id === last.trace);
    if (!lastTrace) return "its stored result is gone";
    return (await firstDifference(lastTrace.inputs, valueNow, session)) ?? "its stored result is gone";
  }
}

function makesAll({ transform }: Action, { artifacts }: Trace): boolean {
  return transform.produces.every((kind) => artifacts.some((artifact) => artifact.kind === kind));
}

/** The pins that the action's transform depends on. */
export function pinsOf({ step, transform, target }: Action, session: Pick<BuildSession, "pins">) {
  const pins = target && session.pins.get(step.id)?.[target];
  return pins && transform.pins ? transform.pins(pins) : pins;
}

/** What has changed first, for people; undefined when everything is as it was. */
export async function firstDifference(
  inputs: readonly Input[],
  valueNow: Inputs["value"],
  { watching }: Pick<BuildSession, "watching">,
): Promise<string | undefined> {
  const isChanged = ({ name }: Input) => watching?.changed.has(name) ?? false;
  // What is known to have changed differs in most traces: of a thousand inputs one has to be looked at.
  const suspects = watching && watching.changed.size > 0 ? inputs.filter(isChanged) : [];
  for (const input of suspects.length > 0 ? [...suspects, ...inputs] : inputs) {
    const value = await valueNow(input);
    if (value !== input.value || value === unreadable) return inputDifference(input, value);
  }
  return undefined;
}

function inputDifference(input: Input, now: string): string {
  if (now === unreadable) return `${subject(input)} cannot be read`;
  if (now === folderThere) return `${subject(input)} is a folder now`;
  const how = input.value === absent ? "appeared" : now === absent ? "is gone" : "changed";
  if (input.kind === "directory" && how === "changed") return `files came or went in ${input.name}`;
  return `${subject(input)} ${input.kind === "glob" ? "changed" : how}`;
}

function subject({ kind, name }: Input): string {
  switch (kind) {
    case "file":
      return name;
    case "directory":
      return `the folder ${name}`;
    case "glob":
      return `a file matched by ${globOf(name).patterns.join(", ")}`;
    case "link":
      return `the link ${name}`;
    case "env":
      return `the environment variable ${name}`;
    case "tool":
      return `the program ${name}`;
    case "pin":
      return `what ${lockFileName} keeps of ${(JSON.parse(name) as string[])[1]}`;
  }
}

/** The first field that differs, for people. */
export function fieldDifference(before: Fields, after: Fields): string {
  const old = new Map(before);
  for (const [name, value] of after) {
    const was = old.get(name);
    old.delete(name);
    if (was === undefined) return `${name} is new: ${brief(value)}`;
    if (was !== value) return `${name} changed: ${brief(was)} → ${brief(value)}`;
  }
  const gone = [...old.keys()][0];
  return gone === undefined ? "its stored result is gone" : `${gone} is gone`;
}

/** Hashes are shown by their first digits. */
export function brief(value: string): string {
  return value.replace(/[0-9a-f]{64}/g, (hash) => hash.slice(0, 12));
}

/** The trace with every blob present and whole, or undefined. */
async function verified(
  trace: Trace,
  action: Action,
  session: BuildSession,
  fingerprint: string,
): Promise<Trace | undefined> {
  let restamped = false;
  const check = async (blob: StoredBlob): Promise<StoredBlob | undefined> => {
    // It may never be needed. If it is, and cannot be had, the build is tried again without relying on it.
    if (!session.isRetry && session.store.blobs.isAway(blob)) return blob;
    const now = await session.store.blobs.verified(blob);
    if (now && now !== blob) restamped = true;
    return now;
  };
  const artifacts: StoredArtifact[] = [];
  for (const artifact of trace.artifacts) {
    const files: StoredFile[] = [];
    for (const file of artifact.files) {
      if (file.blob) {
        const blob = await check(file.blob);
        if (!blob) return undefined;
        files.push({ ...file, blob });
      } else {
        const base = await check(file.composition.base);
        const tail = await check(file.composition.tail);
        if (!base || !tail) return undefined;
        files.push({ ...file, composition: { ...file.composition, base, tail } });
      }
    }
    artifacts.push({ ...artifact, files });
  }
  if (!restamped) return trace;
  // Hashing 100 MB once is enough: the new stat is remembered.
  const whole = { ...trace, artifacts };
  await session.store.records.put(fingerprint, recordHead(action), whole).catch(() => {});
  return whole;
}

/** What a record says of the action that made it, for people. */
export function recordHead({ id, step, target }: Action) {
  return { plugin: step.plugin.name, step: id, ...(target ? { target } : {}) };
}

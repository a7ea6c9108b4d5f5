/* What has changed from one executable or image to another. Pure. */
import { type Finding, isThere } from "./finding.ts";
import type { Component } from "./inventory/inventory.ts";
import type { ScanResult } from "./result.ts";

export interface ScanDiff {
  readonly added: readonly Component[];
  readonly removed: readonly Component[];
  /** Components of one name that have other versions now. */
  readonly changed: readonly {
    readonly name: string;
    readonly kind: Component["kind"];
    readonly from: readonly string[];
    readonly to: readonly string[];
    readonly bytes: number;
  }[];
  readonly newFindings: readonly Finding[];
  readonly fixedFindings: readonly Finding[];
  /** Bytes that the file has grown; undefined where a size is not known. */
  readonly bytes: number | undefined;
}

export function diffScans(before: ScanResult, after: ScanResult): ScanDiff {
  const [old, now] = [byName(before), byName(after)];
  const added: Component[] = [];
  const removed: Component[] = [];
  const changed: ScanDiff["changed"][number][] = [];
  for (const key of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [from = [], to = []] = [old.get(key), now.get(key)];
    const versions = (list: readonly Component[]) => list.map(({ version }) => version).sort();
    if (from.length === 0) added.push(...to);
    else if (to.length === 0) removed.push(...from);
    else if (versions(from).join() !== versions(to).join())
      changed.push({
        name: to[0]!.name,
        kind: to[0]!.kind,
        from: versions(from),
        to: versions(to),
        bytes: bytesOf(to) - bytesOf(from),
      });
  }
  const [sizeBefore, sizeAfter] = [before.inventory.subject.size, after.inventory.subject.size];
  return {
    added,
    removed,
    changed,
    newFindings: without(after.findings, before.findings),
    fixedFindings: without(before.findings, after.findings),
    bytes: sizeBefore === undefined || sizeAfter === undefined ? undefined : sizeAfter - sizeBefore,
  };
}

function byName({ inventory }: ScanResult): Map<string, Component[]> {
  const found = new Map<string, Component[]>();
  for (const component of inventory.components) {
    if (component.place === "removed") continue;
    const key = `${component.kind} ${component.name}`;
    found.set(key, [...(found.get(key) ?? []), component]);
  }
  return found;
}

/** Findings that the other list has not under any name, in the same component whatever its version. */
function without(findings: readonly Finding[], others: readonly Finding[]): Finding[] {
  const names = ({ id, aliases, component }: Finding) =>
    [id, ...aliases].map((name) => `${name} ${component.name}`);
  const known = new Set(others.filter(isThere).flatMap(names));
  return findings.filter((finding) => isThere(finding) && !names(finding).some((name) => known.has(name)));
}

function bytesOf(components: readonly Component[]): number {
  return components.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
}

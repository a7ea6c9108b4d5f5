/* What is known against the components of an inventory. Pure: an inventory, a database and a day in, findings out. */
import type { Database } from "./database/database.ts";
import { type Evidence, evidenceOf, levels, type Reach, reachOf } from "./evidence.ts";
import { goFindings, unknownToAdvisories } from "./find-go.ts";
import { type Finding, factsOf, isThere } from "./finding.ts";
import { type Component, type Inventory, titleOf } from "./inventory/inventory.ts";
import { coreAffects, coreFixedIn } from "./node/core-evaluate.ts";
import type { CoreEntry } from "./node/core-index.ts";
import { lastDayOf } from "./node/end-of-life.ts";
import { packageKey } from "./osv/advisory.ts";
import { evaluate } from "./osv/evaluate.ts";
import { faultyFilesOf } from "./osv/faulty-files.ts";
import { severityRank } from "./severity.ts";
import { updateCommand } from "./update-command.ts";

export interface Found {
  /** The worst first. */
  readonly findings: readonly Finding[];
  /** What could not be judged, and why, in words: for people. */
  readonly undetermined: readonly string[];
}

/** @param today the day to judge by, `YYYY-MM-DD`; undefined where none is known: then no line has ended */
export function findVulnerabilities(
  inventory: Inventory,
  database: Database | undefined,
  today: string | undefined,
): Found {
  const { components, direct } = inventory;
  const reaches = reachOf(components, direct);
  const findings = components.flatMap((component, index): Finding[] => {
    if (component.kind === "npm" || component.kind === "node-part")
      return database ? packageFindings(inventory, index, reaches[index]!, database) : [];
    if (component.kind === "library") return database ? libraryFindings(component, database) : [];
    if (component.kind === "go" || component.kind === "go-module")
      return database ? goFindings(component, database) : [];
    if (component.kind === "node") return nodeFindings(inventory, component, database?.core, today);
    return [];
  });
  return { findings: worstFirst(mergeAliases(findings)), undetermined: undeterminedOf(inventory, database) };
}

function packageFindings(
  inventory: Inventory,
  index: number,
  { reached, via }: Reach,
  database: Database,
): Finding[] {
  const component = inventory.components[index]!;
  const { kind, name, source, version } = component;
  const npmName = kind === "npm" ? name : source;
  if (npmName === undefined) return [];
  return database.advisoriesOf(npmName).flatMap((advisory): Finding[] => {
    const verdict = evaluate(advisory, npmName, version);
    if (!verdict) return [];
    // Malware needs no call: what it does, it does when it is installed or loaded.
    const functions = advisory.malicious ? [] : verdict.functions;
    const faulty = advisory.malicious ? undefined : faultyFilesOf(advisory.id, npmName, version);
    const evidence: Evidence =
      kind === "node-part"
        ? { level: "package", because: "Node.js carries it for its own use" }
        : evidenceOf(component, functions, faulty, reached, inventory.subject.kind === "project");
    const { fixedIn } = verdict;
    return [
      {
        ...factsOf(advisory),
        component,
        ...clearly(evidence, verdict.unclear),
        ...(via !== undefined && { via: inventory.components[via]!.name }),
        fixedIn,
        command: kind === "npm" ? updateCommand(inventory, index, fixedIn) : undefined,
      },
    ];
  });
}

/** What is not there is not; all else is not to be told where the advisory's ranges cannot be read. */
function clearly(evidence: Evidence, unclear: boolean): Evidence {
  if (!unclear || !isThere(evidence)) return evidence;
  return {
    level: "undetermined",
    because: "the record has a range that cannot be read: look at it yourself",
  };
}

/** Libraries of the closure, by the source packages that their distribution's advisories name. */
function libraryFindings(component: Component, database: Database): Finding[] {
  const { distribution, source = component.name, version } = component;
  const ecosystem = distribution && ecosystemOf(distribution);
  if (!ecosystem) return [];
  const key = packageKey(ecosystem, source);
  return database.advisoriesOf(key).flatMap((advisory): Finding[] => {
    const verdict = evaluate(advisory, key, version);
    if (!verdict) return [];
    return [
      {
        ...factsOf(advisory),
        component,
        ...clearly(
          {
            level: "package",
            because: "the executable carries the library; whether the runtime uses that part is not known",
          },
          verdict.unclear,
        ),
        fixedIn: verdict.fixedIn,
        // A newer sbp brings newer libraries.
        command: verdict.fixedIn === undefined ? undefined : "npm install @sbp/cli@latest",
      },
    ];
  });
}

/** `debian-12` → `Debian:12`. */
function ecosystemOf(distribution: string): string | undefined {
  const release = /^debian-(\d+)$/.exec(distribution)?.[1];
  return release === undefined ? undefined : `Debian:${release}`;
}

function nodeFindings(
  { subject }: Inventory,
  component: Component,
  core: readonly CoreEntry[] | undefined,
  today: string | undefined,
): Finding[] {
  const { version } = component;
  const platform = subject.target?.split("-", 1)[0];
  const rebase = (to: string | undefined) =>
    to === undefined || subject.maker !== "sbp" || subject.kind !== "executable"
      ? undefined
      : `sbp rebase ${subject.path} --runtime node@${to}`;
  const known = (core ?? [])
    .filter((entry) => coreAffects(entry, version, platform))
    .map((entry): Finding => {
      const fixedIn = coreFixedIn(entry, version);
      return {
        id: entry.cve[0] ?? `NODE-CORE-${entry.number}`,
        aliases: entry.cve.slice(1).sort(),
        summary: entry.summary,
        severity: entry.severity,
        malicious: false,
        url: entry.url ?? "https://nodejs.org/en/blog/vulnerability",
        component,
        level: "package",
        because: "the runtime has it; whether the app uses that part is not known",
        fixedIn,
        command: rebase(fixedIn),
      };
    });
  const lastDay = lastDayOf(version);
  if (today === undefined || lastDay === undefined || today <= lastDay) return known;
  const line = version.replace(/^v/, "").split(".", 1)[0]!;
  const ended: Finding = {
    id: `NODE-END-OF-LIFE-${line}`,
    aliases: [],
    summary: `Node.js ${line} has had no security fixes since ${lastDay}`,
    severity: "high",
    malicious: false,
    url: "https://nodejs.org/en/about/previous-releases",
    component,
    level: "package",
    because: "a line past its end counts as vulnerable: nobody looks for its faults",
    fixedIn: undefined,
    command:
      subject.maker === "sbp" && subject.kind === "executable" ? `sbp rebase ${subject.path}` : undefined,
  };
  return [ended, ...known];
}

/** Several databases name the same fault: of each component one finding is left, with the worst that is said of it. */
function mergeAliases(findings: readonly Finding[]): Finding[] {
  const merged: Finding[] = [];
  for (const finding of findings) {
    const names = [finding.id, ...finding.aliases];
    const index = merged.findIndex(
      (other) =>
        other.component === finding.component &&
        [other.id, ...other.aliases].some((name) => names.includes(name)),
    );
    if (index < 0) merged.push(finding);
    else merged[index] = together(merged[index]!, finding);
  }
  return merged;
}

function together(a: Finding, b: Finding): Finding {
  // What nobody has rated counts as high, until somebody does.
  const isWorse =
    a.severity === "unknown"
      ? b.severity !== "unknown"
      : b.severity !== "unknown" && severityRank(b.severity) > severityRank(a.severity);
  const [first, second] = isWorse ? [b, a] : [a, b];
  const names = new Set([first.id, ...first.aliases, second.id, ...second.aliases]);
  names.delete(first.id);
  const evidence = levels.indexOf(second.level) > levels.indexOf(first.level) ? second : first;
  const fixedIn = first.fixedIn ?? second.fixedIn;
  return {
    ...first,
    aliases: [...names].sort(),
    malicious: first.malicious || second.malicious,
    level: evidence.level,
    because: evidence.because,
    fixedIn,
    command: first.command ?? second.command,
  };
}

function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      severityRank(b.severity) - severityRank(a.severity) ||
      levels.indexOf(b.level) - levels.indexOf(a.level) ||
      compare(a.component.name, b.component.name) ||
      compare(a.component.version, b.component.version) ||
      compare(a.id, b.id),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function undeterminedOf({ components, unknown }: Inventory, database: Database | undefined): string[] {
  const count = (kind: Component["kind"]) => components.filter((component) => component.kind === kind).length;
  const sentences = [...unknown];
  if (!database) sentences.push("No database of vulnerabilities was given: nothing was looked up.");
  else if (!database.core && count("node") > 0)
    sentences.push(
      "The database has no index of Node's own vulnerabilities: the runtime was judged by its line alone.",
    );
  const libraries = components.filter(({ kind, distribution = "" }) => {
    const ecosystem = ecosystemOf(distribution);
    return kind === "library" && !(ecosystem && database?.ecosystems.includes(ecosystem));
  });
  const distributions = [...new Set(libraries.flatMap(({ distribution }) => distribution ?? []))].sort();
  if (database && libraries.length > 0)
    sentences.push(
      `${libraries.length} libraries (${distributions.join(", ")}): the database has no advisories of that distribution.`,
    );
  const parts = components.filter(({ kind, source }) => kind === "node-part" && source === undefined).length;
  if (parts > 0 && database?.core)
    sentences.push(
      `${parts} parts of Node.js (OpenSSL, V8, …) are judged by Node's own advisories, not by their versions.`,
    );
  sentences.push(...goSentences(components, database));
  return sentences;
}

function goSentences(components: readonly Component[], database: Database | undefined): string[] {
  const all = components.filter(({ kind }) => kind === "go" || kind === "go-module");
  if (all.length === 0 || !database) return [];
  if (!database.ecosystems.includes("Go"))
    return [
      "Go's standard library and modules: the database has no advisories of Go. Use govulncheck, or add OSV's Go/all.zip to it.",
    ];
  const unknown = unknownToAdvisories(all).map((component) => titleOf(component));
  return [
    "Which packages of Go's standard library and modules are in: build information does not tell, govulncheck can.",
    ...(unknown.length > 0
      ? [`What is known against ${unknown.join(", ")}: code of a folder or between releases has no version.`]
      : []),
  ];
}

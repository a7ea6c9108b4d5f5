import { elsewhere, mustBeDeclared, withEnvironment } from "./environment.ts";
import { type Checked, difference } from "./finding.ts";

/** Changes every variable that was read, or that often matters, and was not declared: nothing may change by that. */
export async function checkEnvironment({ first, variables, rig }: Checked): Promise<string[]> {
  const declared = new Set(first.inputs.flatMap(({ kind, name }) => (kind === "env" ? [name] : [])));
  const names = [...new Set([...Object.keys(elsewhere), ...variables])].filter(
    (name) => mustBeDeclared(name) && !declared.has(name),
  );
  const changes = Object.fromEntries(
    names.map((name) => [name, name in elsewhere ? elsewhere[name] : "sbp-contract"]),
  );
  const run = (some: typeof changes) => withEnvironment(some, () => rig.run({ force: true }));
  const how = difference(first, await run(changes));
  if (!how) return [];
  const messages: string[] = [];
  for (const name of names) {
    const alone = difference(first, await run({ [name]: changes[name] }));
    if (alone)
      messages.push(`The variable ${name} matters, but is not declared by dependOn({ env }): ${alone}`);
  }
  return messages.length > 0 ? messages : [`Undeclared variables matter (${names.join(", ")}): ${how}`];
}

import type { Check } from "../finding.ts";
import { type Inventory, titleOf } from "../inventory/inventory.ts";

/** Packages of npm that are in, and whose licence is none of those allowed. An expression is allowed where it can be met. */
export async function checkLicenses(
  { components }: Inventory,
  allowed: readonly string[] | undefined,
): Promise<Check[]> {
  if (!allowed) return [];
  const { default: satisfies } = await import("spdx-satisfies");
  return components.flatMap((component): Check[] => {
    const { kind, place, license } = component;
    if (kind !== "npm" || place === "removed" || place === "lockfile") return [];
    if (license !== undefined && isAllowed(license, allowed, satisfies)) return [];
    return [
      {
        rule: license === undefined ? "license/none" : "license/not-allowed",
        severity: "high",
        message:
          license === undefined
            ? `${titleOf(component)} says nothing of its licence`
            : `${titleOf(component)} is under ${license.slice(0, 100)}`,
        place: component.name,
        hint: 'Add the licence to "licenses", accept the package in "ignore", or do without it.',
      },
    ];
  });
}

function isAllowed(
  license: string,
  allowed: readonly string[],
  satisfies: (expression: string, allowed: string[]) => boolean,
): boolean {
  if (allowed.includes(license)) return true;
  try {
    return satisfies(license, [...allowed]);
  } catch {
    // No expression, such as "SEE LICENSE IN LICENSE.md", or one of the list is none.
    return false;
  }
}

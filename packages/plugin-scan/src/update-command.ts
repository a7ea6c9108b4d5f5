import type { Inventory } from "./inventory/inventory.ts";

/**
 * What to type to get a version that mends a package: installing it where the app itself imports it, else bringing those that need
 * it up to date. Undefined where no version does.
 */
export function updateCommand(
  { components, direct }: Inventory,
  index: number,
  fixedIn: string | undefined,
): string | undefined {
  if (fixedIn === undefined) return undefined;
  const { name } = components[index]!;
  return direct === undefined || direct.includes(index)
    ? `npm install ${name}@${fixedIn}`
    : `npm update ${name}`;
}

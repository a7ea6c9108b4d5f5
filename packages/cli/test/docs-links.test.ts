import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const repository = join(import.meta.dirname, "../../..");
const pages = globSync(["*.md", "docs/**/*.md", "examples/*/*.md", "packages/*/*.md"], {
  cwd: repository,
}).sort();

const text = (page: string) => readFileSync(join(repository, page), "utf8");

/** A page without its blocks of code. */
const prose = (page: string) => text(page).replace(/^```.*?^```/gms, "");

/** The anchors that a page has on GitHub. */
function anchors(page: string): Set<string> {
  const headings = [...prose(page).matchAll(/^#+ +(.+)$/gm)];
  return new Set(
    headings.map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .replace(/[^\p{Letter}\p{Number}\p{Mark}_ -]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** The links of a page to others of the repository: page and anchor. */
function links(page: string): { readonly to: string; readonly anchor: string | undefined }[] {
  const all = [...prose(page).matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].map(([, link]) => link!.split("#"));
  return all.map(([path, anchor]) => ({
    to: path === "" ? page : relative(repository, join(repository, dirname(page), path!)),
    anchor,
  }));
}

test.each(pages)("%s links to what is there", (page) => {
  const dead = links(page).filter(
    ({ to, anchor }) =>
      !existsSync(join(repository, to)) || (anchor !== undefined && !anchors(to).has(anchor)),
  );
  expect(dead).toEqual([]);
});

test("every page is found from the index of pages", () => {
  const index = links("docs/README.md").map(({ to }) => to);
  const missing = pages.filter(
    (page) => page.startsWith("docs/") && page !== "docs/README.md" && !index.includes(page),
  );
  expect(missing).toEqual([]);
});

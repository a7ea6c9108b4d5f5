import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { commandNames, commands } from "../src/commands.ts";
import { commandHelp, overview } from "../src/help.ts";
import { annotate } from "../src/render/annotations.ts";
import { renderDiagnostic } from "../src/render/diagnostic.ts";
import { columnsOf, fit, printable, table, wrap } from "../src/render/text.ts";
import { formatAge, formatBytes, formatDuration } from "../src/render/units.ts";
import type { Channel } from "../src/terminal.ts";

const channel = (width: number) =>
  ({ paint: pc.createColors(false), width: () => width }) as unknown as Channel;
const frame = (column: number, length: number, lineText: string, width = 80) =>
  renderDiagnostic(
    {
      severity: "error",
      code: "SBP_X",
      message: "wrong",
      location: { file: "a.ts", line: 12, column, length, lineText },
    },
    channel(width),
  )
    .split("\n")
    .slice(2);

describe("a source line", () => {
  test("has a squiggle below the offending text, a caret below a single place", () => {
    expect(frame(5, 3, "let abc = 1")).toEqual(["  12 | let abc = 1", "     |     ~~~"]);
    expect(frame(5, 1, "let a = 1")).toEqual(["  12 | let a = 1", "     |     ^"]);
  });

  test("keeps the squiggle in place after tabs, wide and combined characters", () => {
    expect(frame(2, 3, "\tabc")).toEqual(["  12 |   abc", "     |   ~~~"]);
    expect(frame(4, 3, "日本 abc")).toEqual(["  12 | 日本 abc", "     |      ~~~"]);
    expect(frame(4, 3, "e\u0301 abc")).toEqual(["  12 | e\u0301 abc", "     |   ~~~"]);
  });

  test("is cut around the place when it is long, however long", () => {
    const [text, squiggle] = frame(500_001, 4, `${"x".repeat(500_000)}abcd${"y".repeat(500_000)}`, 60) as [
      string,
      string,
    ];
    expect(text.length).toBeLessThanOrEqual(60);
    expect(text.slice(squiggle.indexOf("~"), squiggle.lastIndexOf("~") + 1)).toBe("abcd");
    expect(frame(3, 5000, "z".repeat(5000), 60).every((line) => line.length <= 60)).toBe(true);
  });

  test("survives places that are not there", () => {
    expect(frame(99, 5, "ab")).toEqual(["  12 | ab", "     |   ~"]);
    expect(frame(0, 0, "")).toEqual(["  12 | ", "     | ^"]);
  });
});

describe("a hint", () => {
  const hint = "Targets are linux-x64, linux-arm64, darwin-x64, darwin-arm64, win32-x64, win32-arm64.";
  const lines = (live: boolean) =>
    renderDiagnostic({ severity: "error", code: "SBP_X", message: "wrong", hint }, { ...channel(50), live })
      .split("\n")
      .slice(1);

  test("is broken between words on a terminal", () => {
    expect(lines(true)).toEqual([
      "  Targets are linux-x64, linux-arm64, darwin-x64,",
      "  darwin-arm64, win32-x64, win32-arm64.",
    ]);
  });

  test("stays one line in a log", () => {
    expect(lines(false)).toEqual([`  ${hint}`]);
  });
});

describe("the help", () => {
  const page = (columns: number) => ({ paint: pc.createColors(false), width: () => columns });

  test.each([60, 80, 160])("fits a terminal of %i columns", (columns) => {
    const texts = [
      overview(page(columns)),
      ...commandNames.map((name) => commandHelp(name, commands[name]!, page(columns))),
    ];
    const lines = texts.join("\n").split("\n");
    expect(lines.filter((line) => line.length > Math.min(columns, 100))).toEqual([]);
    expect(texts.join(" ").replace(/\s+/g, " ")).toContain("the signals that sbp gets, and its exit code");
  });

  test("puts options before what is passed through", () => {
    expect(commandHelp("run", commands["run"]!, page(80))).toContain("Usage: sbp run [options] [-- args]\n");
  });
});

describe("text from elsewhere", () => {
  test("does not steer the terminal", () => {
    expect(printable("a\u001b[2Jb\u0007\u009b1mc\u202ed\r")).toBe(
      "a\\u001b[2Jb\\u0007\\u009b1mc\\u202ed\\u000d",
    );
    expect(printable("lines\nand\ttabs")).toBe("lines\nand\ttabs");
  });

  test("does not make workflow commands", () => {
    expect(
      annotate({
        severity: "warning",
        code: "SBP_X",
        message: "100%\n::error::no",
        location: { file: "a,b:c.ts", line: 1 },
      }),
    ).toBe("::warning file=a%2Cb%3Ac.ts,line=1,title=SBP_X::100%25%0A::error::no");
  });

  test("fits its columns", () => {
    expect(columnsOf("ab日e\u0301👍")).toBe(7);
    expect(fit("abcdef", 6)).toBe("abcdef");
    expect(fit("abcdefg", 6)).toBe("abcde…");
    expect(fit("日本語", 4)).toBe("日…");
    expect(fit("abc", 0)).toBe("");
    expect(wrap("one two\nthree 日本 verylongword x", 10)).toEqual([
      "one two",
      "three 日本",
      "verylongword",
      "x",
    ]);
    expect(
      table(
        [
          ["a", "1"],
          ["bbb", "20"],
        ],
        [1],
      ),
    ).toEqual(["a     1", "bbb  20"]);
  });
});

test("sizes, times and ages", () => {
  expect([0, 999, 1000, 112_345_678].map(formatBytes)).toEqual(["0 B", "999 B", "1.0 kB", "112.3 MB"]);
  expect([4, 210, 9994, 9996, 59_940, 59_960, 3_725_000].map(formatDuration)).toEqual([
    "0.00 s",
    "0.21 s",
    "9.99 s",
    "10.0 s",
    "59.9 s",
    "1 min 0 s",
    "62 min 5 s",
  ]);
  const minute = 60_000;
  expect(
    [0, 5 * minute, 47 * 60 * minute, 49 * 60 * minute, -minute].map((age) => formatAge(-age, 0)),
  ).toEqual(["now", "5 min ago", "47 h ago", "2 d ago", "now"]);
});

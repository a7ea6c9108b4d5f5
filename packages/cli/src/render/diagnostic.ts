import { isAbsolute, relative } from "node:path";
import type { Diagnostic, SourceLocation } from "@sbp/core";
import type { Channel, Colors } from "../terminal.ts";
import { columnsOf, fit, printable, wrap } from "./text.ts";

/** A finding for people: place, message, the source line with a squiggle, and the cure. */
export function renderDiagnostic(diagnostic: Diagnostic, channel: Channel): string {
  const { paint } = channel;
  const { severity, code, message, location, hint } = diagnostic;
  const label = { error: paint.red, warning: paint.yellow, info: paint.blue }[severity];
  const lines = [`${label(severity)} ${paint.bold(code)}: ${printable(message)}`];
  lines.push(...indent(renderPlaceAndHint(location, hint, channel)));
  return lines.join("\n");
}

/**
 * The lines below a message, to be indented by two: `file:line:column`, the source line with a squiggle, the hint. On a terminal
 * hints are broken between words; elsewhere lines stay whole, for those who search in logs.
 */
export function renderPlaceAndHint(
  location: SourceLocation | undefined,
  hint: string | undefined,
  { paint, width, live }: Channel,
  room = width(),
): string[] {
  const lines: string[] = [];
  if (location) lines.push(paint.cyan(formatLocation(location)), ...renderFrame(location, paint, room));
  for (const line of hint ? printable(hint).split("\n") : [])
    lines.push(...(live && columnsOf(line) > room - 2 ? wrap(line, room - 2) : [line]));
  return lines;
}

/** `src/main.ts:3:7`, relative to the current folder where the file lies in it. */
export function formatLocation({ file, line, column }: SourceLocation): string {
  const place = [shownPath(file)];
  if (line !== undefined) place.push(String(line));
  if (line !== undefined && column !== undefined) place.push(String(column));
  return place.join(":");
}

/** An absolute path relative to the current folder, where it lies in it; with forward slashes. */
export function shownPath(file: string): string {
  const inside = isAbsolute(file) ? relative(process.cwd(), file) : file;
  const path = inside === "" || inside.startsWith("..") || isAbsolute(inside) ? file : inside;
  return printable(process.platform === "win32" ? path.replaceAll("\\", "/") : path);
}

/** The source line and a squiggle below the offending text; of a long line the part around it. */
function renderFrame(
  { line, column, length, lineText }: SourceLocation,
  paint: Colors,
  width: number,
): string[] {
  if (lineText === undefined || line === undefined) return [];
  const number = String(line);
  const room = Math.max(20, Math.min(width, 120) - number.length - 8);
  const start = Math.min(Math.max(0, (column ?? 1) - 1), lineText.length);
  // Minified sources have lines of megabytes: keep a third of the room for what stands before the text.
  const from = start > room - 10 ? start - Math.floor(room / 3) : 0;
  const shown = (text: string) => printable(text.replaceAll("\t", "  "));
  const before = (from > 0 ? "…" : "") + shown(lineText.slice(from, start));
  const marked = shown(lineText.slice(start, Math.min(start + (length ?? 1), start + room)));
  const after = shown(lineText.slice(start + (length ?? 1), start + room));
  const lines = [`${paint.dim(`${number} |`)} ${fit(before + marked + after, room)}`];
  if (column !== undefined) {
    const most = Math.max(1, room - columnsOf(before));
    const squiggle = (length ?? 1) > 1 ? "~".repeat(Math.max(1, Math.min(columnsOf(marked), most))) : "^";
    const gutter = `${" ".repeat(number.length)} |`;
    lines.push(`${paint.dim(gutter)} ${" ".repeat(columnsOf(before))}${paint.red(squiggle)}`);
  }
  return lines;
}

export function indent(lines: readonly string[], by = "  "): string[] {
  return lines.map((line) => (line === "" ? line : by + line));
}

import { isAbsolute, relative, resolve } from "node:path";
import type { Diagnostic } from "@sbp/core";
import { printable } from "./text.ts";

/** True in a job of GitHub Actions, which shows annotations at the lines of a change. */
export function annotating(): boolean {
  return process.env["GITHUB_ACTIONS"] === "true";
}

/**
 * A finding as a workflow command. Goes to standard error, which the runner reads as well: standard output is
 * for results.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
 */
export function annotate({ severity, code, message, location, hint }: Diagnostic): string {
  const command = { error: "error", warning: "warning", info: "notice" }[severity];
  const properties = location
    ? {
        file: repositoryPath(location.file),
        line: location.line,
        col: location.column,
        endColumn:
          location.column !== undefined && location.length ? location.column + location.length : undefined,
        title: code,
      }
    : { title: code };
  const list = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  const text = hint ? `${message}\n${hint}` : message;
  return `::${command} ${list.join(",")}::${escapeData(text)}`;
}

/** Paths count from the top of the repository. */
function repositoryPath(file: string): string {
  const top = process.env["GITHUB_WORKSPACE"] ?? process.cwd();
  const path = relative(top, resolve(file));
  return (path.startsWith("..") || isAbsolute(path) ? file : path).replaceAll("\\", "/");
}

function escapeData(text: string): string {
  return printable(text.replaceAll("\r", "")).replaceAll("%", "%25").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

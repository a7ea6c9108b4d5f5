import type { OutputBase, Project } from "@sbp/core";
import type { Blob } from "@sbp/oci";
import { buildOptions, parseTargets, targetWords } from "../build-options.ts";
import { defineCommand } from "../command.ts";
import { EarlyLayers } from "../early-layers.ts";
import { checkPushed, checkReference, repositoryOf } from "../push.ts";
import { pushBuilt } from "../push-built.ts";
import { RegistryClients } from "../registry-clients.ts";
import { renderSummary } from "../render/summary.ts";
import { exitCodeOf, runBuild } from "../run-build.ts";

export const command = defineCommand({
  summary: "Build the images and push them to a registry",
  description: `Builds, and brings the images of the step scratch-image to a registry, without Docker: the Linux targets together
under one name. What the registry has is not sent again; tags move last, so that none ever names what is missing.
Credentials are those of Docker and podman (docker login), with their helpers.`,
  arguments: [
    {
      name: "ref",
      description: "registry/repository[:tag] (default: repository and tags of the step scratch-image)",
    },
  ],
  options: {
    target: {
      type: "string",
      multiple: true,
      value: "TARGET",
      values: targetWords,
      description: 'Build for this target: a name, a list with commas, "all" or "host"; repeatable',
    },
    "dry-run": { type: "boolean", description: "Build, and print what would be pushed, with its digest" },
    "plain-http": {
      type: "boolean",
      description: "Speak to the registry without TLS (always so with one on this machine)",
    },
    ...buildOptions,
  },
  examples: [
    { command: "sbp push", description: "Where sbp.config.json says" },
    { command: "sbp push registry.example/acme/health:1.2.0", description: "Under this name" },
    { command: "sbp push --dry-run", description: "The digest, and nothing sent" },
  ],
  async run({ cwd, globals, options, positionals, terminal }) {
    const targets = parseTargets(options.target);
    const [reference] = positionals;
    if (reference !== undefined) await checkReference(reference);
    const check = (project: Project) => checkPushed(project, reference);
    const dryRun = options["dry-run"];
    const clients = new RegistryClients(options["plain-http"]);
    const layers = new EarlyLayers(clients);
    const onBase = (base: OutputBase, project: Project) => {
      const place = reference ?? repositoryOf(project);
      if (place !== undefined && !dryRun) void layers.begin(base, place);
    };
    try {
      const result = await runBuild({ cwd, globals, terminal, options, targets, check, onBase });
      if (result.outcome !== "done") {
        const text = globals.quiet ? undefined : renderSummary(result, terminal.out.paint);
        const json = { outcome: result.outcome };
        return { exitCode: exitCodeOf(result), json, errors: result.errors, ...(text && { text }) };
      }
      const early = (blob: Blob) => layers.take(blob, result.outputs);
      const isShown = !globals.quiet && !globals.json;
      const request = { reference, dryRun, clients, early };
      const pushed = await pushBuilt(result, request, { terminal, isShown });
      const json = { outcome: "done", ...pushed.json, ms: result.ms + Number(pushed.json["ms"]) };
      return globals.quiet ? { json } : { json, text: pushed.text };
    } finally {
      layers.abandon();
      await clients.close();
    }
  },
});

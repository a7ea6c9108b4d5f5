import type { ObjectSchema, OptionsOf } from "@sbp/core";

const texts = { type: "object", additionalProperties: { type: "string" } } as const;
const words = { type: "array", items: { type: "string" } } as const;
const absolute = "^/[^\\u0000]*$";

export const imageOptions = {
  type: "object",
  description:
    "Makes a container image of the Linux targets that holds the executable and next to nothing else. For macOS and Windows it makes none.",
  properties: {
    repository: {
      type: "string",
      minLength: 1,
      description: "The image's name in its registry, without tag: where `sbp push` brings it.",
      examples: ["registry.example/acme/health"],
    },
    tags: {
      type: "array",
      items: { type: "string", pattern: "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$" },
      minItems: 1,
      uniqueItems: true,
      default: ["latest"],
      description: "The names that the image has within `repository`.",
    },
    layout: {
      type: "string",
      enum: ["single", "layered"],
      default: "single",
      description:
        "`single`: the executable in a layer, as it is in `dist/`. `layered`: the runtime in a layer that all apps of it have in common, and the app in a small one of its own, so that a change of it sends some kilobytes.",
    },
    push: {
      type: "boolean",
      default: false,
      description: "`sbp build` does what `sbp push` does, after every build but an `--offline` one.",
    },
    user: {
      type: "string",
      pattern: "^(nonroot|nobody|root|[0-9]{1,10}(:[0-9]{1,10})?)$",
      default: "nonroot",
      description:
        "The user that the app runs as: nonroot (65532), nobody (65534), root, or numbers as `<uid>` or `<uid>:<gid>`.",
    },
    certificates: {
      anyOf: [
        { type: "boolean", description: "Those that the Node.js runtime brings (Mozilla's list), or none." },
        {
          type: "array",
          items: { type: "string", minLength: 1 },
          minItems: 1,
          description: "These PEM files as well; the app trusts them.",
        },
      ],
      default: true,
      description:
        "Certificate authorities in `/etc/ssl/certs/ca-certificates.crt`, for the app's child programs and for `--use-openssl-ca`.",
      examples: [["certs/company-ca.pem"]],
    },
    timezones: {
      type: "boolean",
      default: true,
      description:
        "The time zone database in `/usr/share/zoneinfo`, for child programs and for what reads it by itself; Node has its own.",
    },
    env: {
      ...texts,
      description:
        "Environment variables, besides PATH, NODE_ENV (production) and SSL_CERT_FILE; the same name replaces those.",
    },
    ports: {
      type: "array",
      items: { type: "string", pattern: "^[0-9]{1,5}(/(tcp|udp))?$" },
      uniqueItems: true,
      description: "Ports that the app listens on, for people and tools: `8080`, `53/udp`.",
      examples: ["8080"],
    },
    entrypoint: {
      ...words,
      description: "The program and its first arguments. Default: the executable.",
    },
    cmd: { ...words, description: "Arguments that who starts a container may replace." },
    workdir: {
      type: "string",
      pattern: absolute,
      default: "/",
      description: "The folder that the app starts in.",
    },
    volumes: {
      type: "array",
      items: { type: "string", pattern: absolute },
      uniqueItems: true,
      description: "Folders that are kept outside of the container.",
    },
    stopSignal: {
      type: "string",
      pattern: "^(SIG[A-Z0-9+-]{2,12}|[0-9]{1,2})$",
      description: "What asks the app to end. Default: SIGTERM, by every container engine.",
    },
    healthcheck: {
      type: "object",
      description: "How Docker and podman ask whether the app is well (Kubernetes does not look at it).",
      properties: {
        args: {
          ...words,
          description:
            "Arguments of the executable: the app must know them, and end with 0 when all is well.",
        },
        interval: { type: "number", minimum: 1, description: "Seconds between two checks." },
        timeout: { type: "number", minimum: 1, description: "Seconds that a check may take." },
        startPeriod: { type: "number", minimum: 1, description: "Seconds in which failures do not count." },
        retries: { type: "integer", minimum: 1, description: "Failures in a row that count." },
      },
      required: ["args"],
    },
    git: {
      type: "boolean",
      default: true,
      description:
        "Annotations say which commit is checked out (`org.opencontainers.image.revision`), and where `origin` is, if package.json does not name the repository. Without, an image stays the same from commit to commit.",
    },
    labels: { ...texts, description: "Labels of the image, besides those that say what the annotations do." },
    annotations: {
      ...texts,
      description:
        "Annotations, besides the `org.opencontainers.image.` ones that package.json and git tell: title, version, description, licenses, url, source, authors, revision; and created, where SOURCE_DATE_EPOCH is set.",
    },
    files: {
      type: "array",
      description: "More files and folders. The same for every target.",
      items: {
        type: "object",
        properties: {
          from: {
            type: "string",
            minLength: 1,
            description: "A file or a folder of the project. Without it, `to` is an empty folder.",
          },
          to: { type: "string", pattern: "^/[^\\u0000]+$", description: "Where it is in the image." },
          mode: {
            type: "string",
            pattern: "^[0-7]{3,4}$",
            description: "Permissions in octal: of files 0644 unless given, of an empty folder 0755.",
          },
          owner: {
            type: "string",
            pattern: "^(nonroot|nobody|root|[0-9]{1,10}:[0-9]{1,10})$",
            default: "root",
            description: "Who it belongs to: a name, or `<uid>:<gid>`.",
          },
        },
        required: ["to"],
      },
    },
    compression: {
      type: "string",
      enum: ["gzip", "zstd"],
      default: "gzip",
      description: "Of the layers. zstd is smaller and quicker; gzip is what everything reads.",
    },
    archive: {
      type: "boolean",
      default: false,
      description: "Writes the image as a tar too, which `docker load` and `podman load` take.",
    },
  },
} as const satisfies ObjectSchema;

export type ImageStepOptions = OptionsOf<typeof imageOptions>;

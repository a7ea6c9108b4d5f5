import type { RunSettings } from "@sbp/oci";
import { certificatesPath, ownCertificatesPath, users } from "./base-files.ts";
import type { ImageStepOptions } from "./options.ts";

/** How the image's program, a file of this name in its root, is started. */
export function settingsOf(
  name: string,
  options: ImageStepOptions,
  {
    described,
    hasCertificates,
    hasOwn,
  }: {
    readonly described: Record<string, string>;
    readonly hasCertificates: boolean;
    readonly hasOwn: boolean;
  },
): RunSettings {
  const { user, healthcheck } = options;
  const milliseconds = (seconds: number | undefined) => seconds && seconds * 1000;
  const id = users[user];
  return {
    // Numbers: Kubernetes can tell only of those that they are not root.
    user: id === undefined ? user : `${id}:${id}`,
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      NODE_ENV: "production",
      ...(hasCertificates && { SSL_CERT_FILE: `/${certificatesPath}` }),
      ...(hasOwn && { NODE_EXTRA_CA_CERTS: `/${ownCertificatesPath}` }),
      ...options.env,
    },
    entrypoint: options.entrypoint ?? [`/${name}`],
    cmd: options.cmd,
    workingDirectory: options.workdir,
    exposedPorts: options.ports,
    volumes: options.volumes,
    stopSignal: options.stopSignal,
    labels: { ...described, ...options.labels },
    healthcheck: healthcheck && {
      command: [`/${name}`, ...healthcheck.args],
      interval: milliseconds(healthcheck.interval),
      timeout: milliseconds(healthcheck.timeout),
      startPeriod: milliseconds(healthcheck.startPeriod),
      retries: healthcheck.retries,
    },
  };
}

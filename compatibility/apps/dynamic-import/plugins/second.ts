export default `the second, at ${new URL(import.meta.url).pathname.split("/").at(-1)}`;

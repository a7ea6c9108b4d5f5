import type { IncomingMessage, ServerResponse } from "node:http";

/** GET /health says that all is well; there is nothing else to see. */
export function answer(request: IncomingMessage, response: ServerResponse): void {
  const [path] = (request.url ?? "/").split("?", 1);
  if (path !== "/health") {
    send(response, 404, "Not found");
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    send(response, 405, "Method not allowed");
  } else {
    send(response, 200, "Service is operational");
  }
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}

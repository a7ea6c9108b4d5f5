import { fileURLToPath } from "node:url";
import nodemailer from "nodemailer";

const transport = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: "unix" });
const { message, envelope } = await transport.sendMail({
  from: "a@example.org",
  to: ["Ä <b@example.org>"],
  subject: "Grüße",
  text: "hello",
  attachments: [{ filename: "note.txt", path: fileURLToPath(new URL("./note.txt", import.meta.url)) }],
  date: new Date(0),
  messageId: "<1@example.org>",
});
console.log(envelope.to.join(), /Subject: =\?UTF-8\?Q\?/.test(String(message)));
console.log(
  String(message).includes(Buffer.from("an attached note\n").toString("base64")),
  /X-Mailer|Date: Thu, 01 Jan 1970/.exec(String(message))?.[0],
);

// Opens messages with npm's http_ece: JSON of keys and bodies in, one text a line out.
const { createECDH } = require("node:crypto");
const ece = require("http_ece");

let input = "";
process.stdin.on("data", (piece) => { input += piece; });
process.stdin.on("end", () => {
  for (const message of JSON.parse(input)) {
    const privateKey = createECDH("prime256v1");
    privateKey.setPrivateKey(message.private, "base64url");
    const body = Buffer.from(message.body, "base64url");
    const text = ece.decrypt(body, { version: "aes128gcm", privateKey, authSecret: message.auth });
    console.log(text.toString());
  }
});
